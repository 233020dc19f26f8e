"""Raw shapes in the coordinate system that was stated → WGS 84, with a reason for each that cannot be placed. Pure.

Nothing is guessed: a shape that lies where it cannot lie is refused, and where another reading of its numbers would fit (axes
swapped, metres instead of degrees) the reason says so, for the steward to decide.

What came in is kept with its system (`raw_position`). A point keeps its pair of numbers. A line or polygon keeps its raw
geometry as hexadecimal WKB: 64-bit numbers exactly as they came, also the third dimension and the faults that a repair
removed, in half the room of written decimals. Converting back would come within a tenth of a millimetre, but that is a
computed value, not the owner's, and it would change with the formula. Where the stated system is WGS 84 or CGCS2000 and
nothing was repaired, the stored shape is the raw one and the system alone says everything.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from config.errors import InvalidInput
from config.i18n import _
from gis import coordinates, frames, readings, zones
from gis.area_plan import multipolygon
from gis.importing.instance import SAME_CITY_M

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]
SHAPES = {"point": (0, 4), "line": (1, 2, 5), "polygon": (3, 6)}
"""What a mapping's `shape` may be, with the geometry types (Shapely's numbers) that it allows: also several parts."""

MOST_TO_REPAIR = 250_000
"""Points of an invalid shape up to which it is repaired; the time a repair takes grows with the square of its crossings."""

SHIFTED = ("gcj02", "bd09")
UNCHANGED = ("wgs84", "cgcs2000")
SAME_AS_WGS84 = ("China 2000",)
"""Datums that PROJ knows no way from and that need none at the accuracy of city assets."""

ROUGH_M = 1.0
"""Accuracy of a transformation beyond which it is told."""

NEAR_DEGREES = 0.5
"""Half the width of the box around the city's middle in which another reading is believed."""


class Fault(NamedTuple):
    """Why a row cannot be used, or what was done to use it: a key to count by, and words."""

    reason: str
    detail: str


@dataclass(frozen=True)
class System:
    """A stated coordinate system: its name as kept, whether it is in degrees, and the way to WGS 84 for arrays of numbers."""

    name: str
    degrees: bool
    to_wgs84: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]
    accuracy_m: float = 0.0
    """How exactly the way to WGS 84 is published, where that is worse than a metre; else 0."""


@dataclass
class Placed:
    """`shapes` in WGS 84 (None where refused); `faults` and `repaired` by row number, counted from 0."""

    shapes: Shapes
    faults: dict[int, Fault] = field(default_factory=dict)
    repaired: dict[int, str] = field(default_factory=dict)


def system_of(stated: str) -> System:
    """wgs84, cgcs2000, gcj02, bd09, a code (EPSG:4547), or WKT as files carry it. Raises InvalidInput for any other."""
    name = stated.strip().lower()
    if name in coordinates.SYSTEMS:
        return System(name, True, lambda x, y: coordinates.to_wgs84(x, y, name))
    if name == frames.NAME:
        return System(name, False, frames.current().to_wgs84)
    try:
        if not re.fullmatch(r"\w+:\d+", stated.strip()) and "[" not in stated:
            raise CRSError("a name may fit several systems")  # PROJ would choose the most similar one
        crs = CRS.from_user_input(stated)
    except CRSError as error:
        raise InvalidInput(
            "The coordinate system '{system}' is not known.",
            "State one of {systems}, or an EPSG code such as EPSG:4547.",
            system=stated,
            systems=", ".join(coordinates.SYSTEMS),
        ) from error
    if crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return system_of("wgs84")
    accuracy_m = _must_be_known(crs)
    transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    code = crs.to_authority()
    kept = ":".join(code) if code else crs.name
    return System(kept, crs.is_geographic, lambda x, y: transformer.transform(x, y, errcheck=False), accuracy_m)


def _must_be_known(crs: CRS) -> float:
    """The accuracy of the way to WGS 84 in metres, 0 where it is better than one.

    Refuses a datum from which PROJ knows no way (Xi'an 1980), for taken as WGS 84 everything would lie some 100 m off, and a
    plane that is tied to no place on Earth.
    """
    geodetic = crs.geodetic_crs
    if geodetic is None or not (crs.is_geographic or crs.is_projected):
        raise InvalidInput(
            "The coordinate system '{system}' is tied to no place on Earth.",
            "Ask the owner which system the numbers are in, and state it in the mapping, for example EPSG:4547.",
            system=crs.name,
        )
    if geodetic.datum is None or geodetic.datum.name in SAME_AS_WGS84:
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a grid that is not installed: the accuracy below says what is left
        best = TransformerGroup(crs, 4326, always_xy=True).transformers
    if best and all(way.accuracy < 0 and "Ballpark" in way.description for way in best):
        raise InvalidInput(
            "From {system} no transformation to WGS 84 is published.",
            "Ask the owner for the data in CGCS2000, or have a local frame estimated from control points (docs/guide/coordinates.md).",
            system=crs.name,
        )
    published = [way.accuracy for way in best if way.accuracy >= 0]
    return published[0] if published and published[0] > ROUGH_M else 0.0


def place(raw: Shapes, system: System, near: tuple[float, float] | None = None, shape: str | None = None) -> Placed:
    """All shapes in WGS 84. `near` (degrees) is the middle of the city where it is known, else that of the shapes themselves.

    `shape` is point, line or polygon where only such are wanted. Shapes lose their third dimension, invalid polygons are
    repaired; parts that a repair leaves behind as lines or points are dropped.
    """
    placed = Placed(np.full(len(raw), None, dtype=object))
    flat = shapely.force_2d(raw)
    _refuse_shapeless(placed, flat, shape)
    _refuse_no_degrees(placed, flat, system, near)
    _convert(placed, flat, system)
    _refuse_misplaced(placed, flat, system, near)
    _repair(placed)
    return placed


def shapeless(raw: Shapes, shape: str | None = None) -> Placed:
    """Only what can be said before a coordinate system is stated: which rows have no shape, or the wrong one. Nothing is placed."""
    placed = Placed(np.full(len(raw), None, dtype=object))
    _refuse_shapeless(placed, shapely.force_2d(raw), shape)
    return placed


def raw_position(raw: shapely.Geometry, system: System, repaired: bool = False) -> str:
    """What came in, as JSON for gis.asset.raw_position (see above)."""
    if raw.geom_type == "Point":
        names = ("lon", "lat", "height") if system.degrees else ("x", "y", "z")
        numbers = raw.coords[0]
        return json.dumps({"system": system.name} | dict(zip(names, numbers, strict=False)))
    if system.name in UNCHANGED and not repaired and not raw.has_z:
        return json.dumps({"system": system.name})
    return json.dumps({"system": system.name, "wkb": raw.wkb_hex})


def _left(placed: Placed, flat: Shapes) -> NDArray[np.intp]:
    return np.array([n for n in range(len(flat)) if n not in placed.faults], dtype=np.intp)


def _refuse_shapeless(placed: Placed, flat: Shapes, shape: str | None) -> None:
    kinds = shapely.get_type_id(flat)
    empty = shapely.is_missing(flat) | shapely.is_empty(flat)
    numbers, owner = shapely.get_coordinates(flat, return_index=True)
    broken = set(owner[~np.isfinite(numbers).all(axis=1)].tolist())
    zero = set(owner[(numbers == 0).all(axis=1)].tolist())
    for number in range(len(flat)):
        if empty[number]:
            placed.faults[number] = Fault("no_geometry", _("it has no geometry"))
        elif number in broken:
            placed.faults[number] = Fault("no_geometry", _("a coordinate is no number"))
        elif number in zero:
            placed.faults[number] = Fault("at_zero", _("a coordinate is 0, 0: a place that nobody entered"))
        elif shape and kinds[number] not in SHAPES[shape]:
            placed.faults[number] = Fault(
                "wrong_shape",
                _("it is a {found}, where a {wanted} is wanted").format(found=flat[number].geom_type, wanted=shape),
            )


def _refuse_no_degrees(placed: Placed, flat: Shapes, system: System, near: tuple[float, float] | None) -> None:
    if not system.degrees:
        return
    for number in _left(placed, flat):
        west, south, east, north = flat[number].bounds
        if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 360:
            placed.faults[int(number)] = Fault(
                "not_degrees", _metres(west, south) + _other_reading(flat[number], system, near)
            )
        elif max(abs(south), abs(north)) > 90:
            reading = _swapped(south, west)
            placed.faults[int(number)] = Fault(
                "swapped", _("{x}, {y} is no place on Earth").format(x=f"{west:.6f}", y=f"{south:.6f}") + f"; {reading}"
            )


def _swapped(x: float, y: float) -> str:
    """Words for numbers that were written in the other order."""
    return _("read as (latitude, longitude) it lies at {x}, {y}: its axes are probably swapped").format(
        x=f"{x:.6f}", y=f"{y:.6f}"
    )


def _metres(x: float, y: float) -> str:
    """What numbers too large for degrees probably are."""
    said = _("{x}, {y} are no degrees").format(x=f"{x:,.2f}", y=f"{y:,.2f}")
    high, low = max(abs(x), abs(y)), min(abs(x), abs(y))
    zoned = re.fullmatch(r"(\d{2})\d{6}", str(int(high)))
    if zoned and 13 <= int(zoned[1]) <= 45:
        width = 3 if int(zoned[1]) >= 25 else 6
        probably = _("they are probably metres in {width}-degree Gauss-Krüger zone {zone}: state that system")
        return f"{said}; " + probably.format(width=width, zone=zoned[1])
    if high < 1e8 and low > 1e3:
        return f"{said}; " + _("they are probably metres of a projected system: ask which and state its EPSG code")
    return said


def _convert(placed: Placed, flat: Shapes, system: System) -> None:
    left = _left(placed, flat)
    shapes = flat[left]
    numbers = shapely.get_coordinates(shapes)
    if not len(numbers):
        return
    x, y = system.to_wgs84(numbers[:, 0].copy(), numbers[:, 1].copy())
    moved = np.column_stack([x, y])
    owner = shapely.get_coordinates(shapes, return_index=True)[1]
    failed = {int(left[n]) for n in owner[~np.isfinite(moved).all(axis=1)]}
    for number in failed:
        words = _("it cannot lie in {system}").format(system=system.name) + _other_zone(flat[number], system)
        placed.faults[number] = Fault("outside_system", _other_order(flat[number], system, None) or words)
    placed.shapes[left] = shapely.set_coordinates(shapes.copy(), np.where(np.isfinite(moved), moved, 0.0))
    placed.shapes[list(failed)] = None


def _refuse_misplaced(placed: Placed, flat: Shapes, system: System, near: tuple[float, float] | None) -> None:
    """Outside China for a Chinese system; or so far from the city that it cannot belong to it."""
    left = _left(placed, flat)
    if not len(left):
        return
    middles = _middles(placed.shapes[left])
    inside = coordinates.inside_china(middles[:, 0], middles[:, 1])
    if system.name in SHIFTED:
        for number, (x, y) in zip(left[~inside], middles[~inside], strict=True):
            swapped = _other_order(flat[number], system, near)
            words = _("{x}, {y} lies outside mainland China, where {system} does not exist").format(
                x=f"{x:.6f}", y=f"{y:.6f}", system=system.name
            )
            placed.faults[int(number)] = Fault(
                "swapped" if swapped else "outside_china", f"{words}; {swapped}" if swapped else words
            )
        left, middles = left[inside], middles[inside]
    if not len(left):
        return
    centre = np.asarray(near if near else np.median(middles, axis=0), dtype=np.float64)
    distance = _metres_between(middles, centre)
    for number, (x, y), metres in zip(left, middles, distance, strict=True):
        if metres > SAME_CITY_M:
            swapped = _other_order(flat[number], system, (float(centre[0]), float(centre[1])))
            words = _("{x}, {y} lies {distance} km from the city").format(
                x=f"{x:.6f}", y=f"{y:.6f}", distance=f"{metres / 1000:,.0f}"
            )
            words += "" if swapped else _other_zone(flat[number], system) or _other_reading(flat[number], system, near)
            placed.faults[int(number)] = Fault(
                "swapped" if swapped else "far_away", f"{words}; {swapped}" if swapped else words
            )


def _middles(shapes: Shapes) -> Numbers:
    bounds = shapely.bounds(shapes)
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])


def _metres_between(middles: Numbers, centre: Numbers) -> Numbers:
    size = np.ones(len(middles))
    distance = Geod(ellps="WGS84").inv(middles[:, 0], middles[:, 1], size * centre[0], size * centre[1])[2]
    return np.asarray(distance, dtype=np.float64)


def _other_order(raw: shapely.Geometry, system: System, near: tuple[float, float] | None) -> str:
    """Words for where the shape lies with its axes swapped, if that is a better place; else empty."""
    x, y = shapely.get_coordinates(raw)[:1].T
    if system.degrees and (abs(x[0]) > 90 or abs(y[0]) > 180):
        return ""
    other_x, other_y = system.to_wgs84(y, x)
    if not np.isfinite([other_x[0], other_y[0]]).all():
        return ""
    if near:
        fits = bool(_metres_between(np.column_stack([other_x, other_y]), np.asarray(near))[0] <= SAME_CITY_M)
    else:
        fits = bool(coordinates.inside_china(other_x, other_y)[0])
    return _swapped(float(other_x[0]), float(other_y[0])) if fits else ""


def _other_zone(raw: shapely.Geometry, system: System) -> str:
    """Words for the other writing of the zone in which the eastings can lie; else empty."""
    named = re.fullmatch(r"EPSG:(\d+)", system.name)
    x = float(shapely.get_coordinates(raw)[0, 0])
    other = zones.other_writing(int(named[1]), x) if named else None
    if other is None:
        return ""
    fits = _("an easting of {x} fits EPSG:{code}: ask the owner, and state that system")
    return "; " + fits.format(x=f"{x:,.0f}", code=other)


def _other_reading(raw: shapely.Geometry, system: System, near: tuple[float, float] | None) -> str:
    """Words for what else the numbers may mean, where that puts them near the city's middle; else empty."""
    if near is None or system.name not in coordinates.SYSTEMS:
        return ""
    around = (near[0] - NEAR_DEGREES, near[1] - NEAR_DEGREES, near[0] + NEAR_DEGREES, near[1] + NEAR_DEGREES)
    x, y = shapely.get_coordinates(raw)[0].tolist()
    found = readings.likely(x, y, system.name, around)
    return f". {found[0].advice()}" if found else ""


def _repair(placed: Placed) -> None:
    for number in np.flatnonzero(~shapely.is_valid(placed.shapes) & ~shapely.is_missing(placed.shapes)):
        if int(number) in placed.faults:
            continue
        broken = placed.shapes[number]
        if shapely.get_num_coordinates(broken) > MOST_TO_REPAIR:
            words = _("it is invalid, and its {points} points are too many to repair here").format(
                points=shapely.get_num_coordinates(broken)
            )
            placed.faults[int(number)] = Fault("too_complex", words)
            continue
        why = shapely.is_valid_reason(broken)
        mended = shapely.make_valid(broken)
        mended = multipolygon(mended) if broken.geom_type.endswith("Polygon") else mended
        if mended.is_empty or (broken.geom_type.endswith("LineString") and mended.length == 0):
            placed.faults[int(number)] = Fault(
                "no_geometry", _("its {shape} encloses or covers nothing").format(shape=broken.geom_type)
            )
        else:
            placed.shapes[number] = mended
            placed.repaired[int(number)] = why
    placed.shapes[list(placed.faults)] = None
