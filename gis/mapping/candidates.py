"""Coordinate systems that a layer's numbers may be in, each with where its shapes would lie: for the steward to look at and choose (C3).

Nothing is chosen here. The likeliest stands first: most of it inside the city, then nearest to streets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from sqlalchemy import Connection

from config.errors import CityCommandError
from config.i18n import _
from gis import coordinates, frames, zones
from gis.db import named_sql
from gis.importing import instance, systems
from gis.readings import SYSTEM_NAMES, Extent

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]

DRAWN = 200
"""Shapes of a candidate that are drawn at most."""

MEASURED = 60
"""Points of a candidate whose way to the nearest street is measured."""

MOST = 12
MARGIN_DEGREES = 0.02
AWAY_M = 200_000.0
MERCATOR = "EPSG:3857"


@dataclass(frozen=True)
class Candidate:
    """One way to read the numbers. `inside` is the share of shapes in the city (None where none is known), `street_m` the median
    distance to a street (None: farther than some 500 m), `stated` that the file itself says so.
    """

    system: str
    swapped: bool
    stated: bool
    shapes: Shapes
    inside: float | None = None
    street_m: float | None = None

    @property
    def name(self) -> str:
        """What the system is called."""
        return name_of(self.system)


def name_of(system: str) -> str:
    """A system's name for people; of a zone with its number or central meridian."""
    if system == frames.NAME:
        return _("the city's own frame")
    if system in coordinates.SYSTEMS:
        return SYSTEM_NAMES[system]
    try:
        return CRS.from_user_input(system).name
    except CRSError:  # the name is for reading only
        return system


def usual(db: Connection) -> list[dict[str, str]]:
    """Systems to choose from where a file cannot state its own: those in degrees, and those in metres that fit the city."""
    extent = instance.setting(db, "extent")
    names: list[str] = [*coordinates.SYSTEMS]
    if extent:
        lon, lat = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
        in_china = bool(coordinates.inside_china(lon, lat))
        names += [f"EPSG:{zone.code('cgcs2000', prefixed=False)}" for zone in zones.zones(lon)] if in_china else []
        names.append(f"EPSG:{_utm(lon, lat)}")
    return [{"system": name, "name": name_of(name)} for name in names]


def _utm(lon: float, lat: float) -> int:
    """EPSG code of the UTM zone (WGS 84) around a place."""
    return (32600 if lat >= 0 else 32700) + min(int((lon + 180) // 6) + 1, 60)


def find(
    db: Connection, shapes: Shapes, stated: str | None = None, also: Sequence[str] = ()
) -> tuple[list[Candidate], str]:
    """Candidates for the shapes of a layer (raw numbers), the likeliest first, and why an asked-for system is none ("" if it is).

    `also` are systems that the steward names.
    """
    extent = instance.setting(db, "extent")
    city = (extent[0], extent[1], extent[2], extent[3]) if extent else None
    sample = _sample(shapes)
    if not len(sample):
        return [], ""
    found: dict[tuple[str, bool], Candidate] = {}
    problem = ""
    wanted = chain(((name, turned, True) for name in also for turned in (False, True)), _possible(sample, stated, city))
    for system, swapped, asked in wanted:
        try:
            candidate = _drawn(sample, system, swapped, stated)
        except CityCommandError as error:
            problem = str(error) if asked else problem
            continue
        if candidate is not None:
            found.setdefault((candidate.system, swapped), candidate)
    kept = _near(list(found.values()), city, [systems.system_of(name).name for name in also] if not problem else [])
    return _ranked(_measured(db, kept, city)), problem


def _sample(shapes: Shapes) -> Shapes:
    """Shapes that can be drawn, spread over the layer."""
    usable = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    finite = [shape for shape in usable if np.isfinite(shapely.get_coordinates(shape)).all() and any(shape.bounds)]
    every = max(len(finite) // DRAWN, 1)
    made: Shapes = np.asarray([*finite[::every][:DRAWN], None], dtype=object)[:-1]
    return made


def _possible(sample: Shapes, stated: str | None, city: Extent | None) -> Iterator[tuple[str, bool, bool]]:
    """Systems that the numbers' size allows: name, whether north comes first, False for not asked for by anybody."""
    numbers = shapely.get_coordinates(sample)
    x, y = (float(value) for value in np.median(numbers, axis=0))
    if stated:
        yield stated, False, False
        yield stated, True, False
    for swapped, (east, north) in ((False, (x, y)), (True, (y, x))):
        if abs(east) <= 180 and abs(north) <= 90:
            for name in ("wgs84", "gcj02", "bd09") if coordinates.inside_china(east, north) else ("wgs84",):
                yield name, swapped, False
            yield "EPSG:4214", swapped, False
    if abs(x) <= 180 and abs(y) <= 180:
        return
    yield from ((name, swapped, False) for name, swapped in _metric(x, y, city))


def _metric(x: float, y: float, city: Extent | None) -> Iterator[tuple[str, bool]]:
    """Zones, the city's own frame, UTM and Web Mercator."""
    yield frames.NAME, False
    yield frames.NAME, True
    for reading in zones.metres(x, y):
        if reading.without_false_easting:
            continue
        lon = (city[0] + city[2]) / 2 if city else None
        around = [reading.zone] if reading.zone else zones.zones(lon) if lon is not None else _all_zones()
        for zone in around:
            for datum in ("cgcs2000", "beijing1954"):
                yield f"EPSG:{zone.code(datum, prefixed=reading.zone is not None)}", reading.swapped
    yield MERCATOR, False
    if city:
        lon, lat = (city[0] + city[2]) / 2, (city[1] + city[3]) / 2
        yield f"EPSG:{_utm(lon, lat)}", False
        yield f"EPSG:{_utm(lon, lat)}", True


def _all_zones() -> list[zones.Zone]:
    """Where no city is known, all 3-degree zones may be meant."""
    return [zones.Zone(3, number) for number in zones.NUMBERS[3]]


def _drawn(sample: Shapes, name: str, swapped: bool, stated: str | None) -> Candidate | None:
    """The sample as it lies when it is read so; None where it lies nowhere. Raises InvalidInput for an unknown system."""
    system = systems.system_of(name)
    own = stated is not None and not swapped and systems.system_of(stated).name == system.name

    def convert(numbers: Numbers) -> Numbers:
        x, y = (numbers[:, 1], numbers[:, 0]) if swapped else (numbers[:, 0], numbers[:, 1])
        fits = (np.abs(x) <= 180) & (np.abs(y) <= 90) if system.degrees else np.isfinite(x)
        lon, lat = system.to_wgs84(np.where(fits, x, 0.0), np.where(fits, y, 0.0))
        return np.column_stack([np.where(fits, lon, np.nan), np.where(fits, lat, np.nan)])

    moved = shapely.transform(shapely.force_2d(sample), convert)
    lying = [shape for shape in moved if np.isfinite(shapely.get_coordinates(shape)).all()]
    if len(lying) * 2 < len(sample):
        return None
    shapes: Shapes = np.asarray([*lying, None], dtype=object)[:-1]
    return Candidate(system.name, swapped, own, shapes)


def _near(found: list[Candidate], city: Extent | None, asked: Sequence[str]) -> list[Candidate]:
    """Those that lie somewhere near the city where there is any; the file's own and an asked-for one always stay."""
    if city is None:
        return found[:MOST]
    centre = np.asarray([(city[0] + city[2]) / 2, (city[1] + city[3]) / 2])
    near = [each for each in found if _away_m(each, centre) <= AWAY_M]
    kept = [each for each in found if each in near or each.stated or each.system in asked]
    return (kept if near else found)[: MOST * 2]


def _away_m(each: Candidate, centre: Numbers) -> float:
    lon, lat = np.median(_middles(each.shapes), axis=0)
    return float(math.hypot((lon - centre[0]) * math.cos(math.radians(centre[1])), lat - centre[1]) * 111_000)


def _middles(shapes: Shapes) -> Numbers:
    bounds = shapely.bounds(shapes)
    return np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])


def _measured(db: Connection, found: list[Candidate], city: Extent | None) -> list[Candidate]:
    """The candidates with their share inside the city and their way to streets."""
    groups: list[int] = []
    points: list[tuple[float, float]] = []
    for number, each in enumerate(found):
        chosen = shapely.get_coordinates(shapely.point_on_surface(each.shapes))
        chosen = chosen[:: max(len(chosen) // MEASURED, 1)][:MEASURED]
        groups += [number] * len(chosen)
        points += [(float(lon), float(lat)) for lon, lat in chosen]
    found_rows = db.execute(
        named_sql("gis.mapping", "streets_near"),
        {"groups": groups, "lons": [point[0] for point in points], "lats": [point[1] for point in points]},
    )
    rows = {row.number: row for row in found_rows}
    measured = []
    for number, each in enumerate(found):
        row = rows.get(number)
        inside = row.inside if row is not None and row.inside is not None else _inside(each, city)
        street_m = row.metres if row is not None and math.isfinite(row.metres) else None
        measured.append(replace(each, inside=inside, street_m=street_m))
    return measured


def _inside(each: Candidate, city: Extent | None) -> float | None:
    if city is None:
        return None
    west, south, east, north = city
    middles = _middles(each.shapes)
    fits = (middles[:, 0] >= west - MARGIN_DEGREES) & (middles[:, 0] <= east + MARGIN_DEGREES)
    fits &= (middles[:, 1] >= south - MARGIN_DEGREES) & (middles[:, 1] <= north + MARGIN_DEGREES)
    return float(fits.mean())


def _ranked(found: list[Candidate]) -> list[Candidate]:
    def key(each: Candidate) -> tuple[Any, ...]:
        street = math.inf if each.street_m is None else float(round(each.street_m))
        return (-round(each.inside or 0.0, 1), street, not each.stated, each.swapped)

    return sorted(found, key=key)[:MOST]
