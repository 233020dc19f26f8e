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
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from config.i18n import _
from gis import coordinates
from gis.area_plan import multipolygon
from gis.importing import other_readings
from gis.importing.instance import SAME_CITY_M
from gis.importing.systems import Numbers, System

Shapes = NDArray[np.object_]
SHAPES = {"point": (0, 4), "line": (1, 2, 5), "polygon": (3, 6)}
"""What a mapping's `shape` may be, with the geometry types (Shapely's numbers) that it allows: also several parts."""

MOST_TO_REPAIR = 250_000
"""Points of an invalid shape up to which it is repaired; the time a repair takes grows with the square of its crossings."""

SHIFTED = ("gcj02", "bd09")
UNCHANGED = ("wgs84", "cgcs2000")


class Fault(NamedTuple):
    """Why a row cannot be used, or what was done to use it: a key to count by, and words."""

    reason: str
    detail: str


@dataclass
class Placed:
    """`shapes` in WGS 84 (None where refused); `faults` and `repaired` by row number, counted from 0."""

    shapes: Shapes
    faults: dict[int, Fault] = field(default_factory=dict)
    repaired: dict[int, str] = field(default_factory=dict)


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
                "not_degrees",
                other_readings.metres(west, south) + other_readings.other_reading(flat[number], system, near),
            )
        elif max(abs(south), abs(north)) > 90:
            reading = other_readings.swapped(south, west)
            placed.faults[int(number)] = Fault(
                "swapped", _("{x}, {y} is no place on Earth").format(x=f"{west:.6f}", y=f"{south:.6f}") + f"; {reading}"
            )


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
        words = _("it cannot lie in {system}").format(system=system.name) + other_readings.other_zone(
            flat[number], system
        )
        placed.faults[number] = Fault("outside_system", other_readings.other_order(flat[number], system, None) or words)
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
            swapped = other_readings.other_order(flat[number], system, near)
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
    distance = other_readings.metres_between(middles, centre)
    for number, (x, y), metres in zip(left, middles, distance, strict=True):
        if metres > SAME_CITY_M:
            swapped = other_readings.other_order(flat[number], system, (float(centre[0]), float(centre[1])))
            words = _("{x}, {y} lies {distance} km from the city").format(
                x=f"{x:.6f}", y=f"{y:.6f}", distance=f"{metres / 1000:,.0f}"
            )
            words += "" if swapped else other_readings.hint(flat[number], system, near)
            placed.faults[int(number)] = Fault(
                "swapped" if swapped else "far_away", f"{words}; {swapped}" if swapped else words
            )


def _middles(shapes: Shapes) -> Numbers:
    bounds = shapely.bounds(shapes)
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])


def _is_all_hole(shape: shapely.Geometry) -> bool:
    """Whether a polygon's hole is the polygon itself: a repair would drop the hole and keep what nobody drew."""
    parts = shapely.get_parts(shape) if shape.geom_type.endswith("Polygon") else ()
    return any(
        shapely.Polygon(hole).normalize() == shapely.Polygon(part.exterior).normalize()
        for part in parts
        for hole in part.interiors
    )


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
        nothing = broken.geom_type.endswith("LineString") and mended.length == 0
        if mended.is_empty or nothing or _is_all_hole(broken):
            placed.faults[int(number)] = Fault(
                "no_geometry", _("its {shape} encloses or covers nothing").format(shape=broken.geom_type)
            )
        else:
            placed.shapes[number] = mended
            placed.repaired[int(number)] = why
    placed.shapes[list(placed.faults)] = None
