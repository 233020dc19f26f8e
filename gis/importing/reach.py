"""How far the objects of an OpenStreetMap file reach: the extent of a city, or a reason why it is none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from gis.importing import instance
from gis.importing.instance import Extent
from gis.importing.osm import OsmFile

MOST_BREADTH_M = 2 * instance.SAME_CITY_M
"""Diagonal of an extent beyond which it is no one city's."""


def extent(db: Connection, path: Path, file: OsmFile) -> Extent:
    """The file's own extent, or that of the rows just staged where it states none or a country's.

    Raises InvalidInput where nothing of the file can be used, with the most frequent reason, and for objects too far apart.
    """
    found = _staged(db)
    stated = file.extent
    if found is None:
        if not file.reading.boundaries:
            raise _nothing_left(path, file)
        west, south, east, north = shapely.total_bounds([each.shape for each in file.reading.boundaries]).tolist()
        found = west, south, east, north
    if stated and instance.breadth_m(stated) <= MOST_BREADTH_M:
        return stated
    if instance.breadth_m(found) > MOST_BREADTH_M:
        raise InvalidInput(
            "The objects of {file} reach over {km} km: that is more than a city. Outermost are {refs}.",
            "Cut the city out of the file, or correct the position of what lies far from it; nothing has been changed.",
            file=path.name,
            km=f"{instance.breadth_m(found) / 1000:,.0f}",
            refs=", ".join(_outermost(db)),
        )
    return found


def _staged(db: Connection) -> Extent | None:
    box = db.execute(text("select st_extent(geom) as box from pg_temp.staged_asset")).scalar()
    if box is None:
        return None
    west, south, east, north = (float(number) for number in box[4:-1].replace(",", " ").split())
    return west, south, east, north


def _outermost(db: Connection) -> list[str]:
    """References of the objects that reach farthest west, south, east and north."""
    farthest = """
        (select source_ref from pg_temp.staged_asset order by st_xmin(geom) limit 1) union
        (select source_ref from pg_temp.staged_asset order by st_ymin(geom) limit 1) union
        (select source_ref from pg_temp.staged_asset order by st_xmax(geom) desc limit 1) union
        (select source_ref from pg_temp.staged_asset order by st_ymax(geom) desc limit 1) order by 1
    """
    return [str(ref) for ref in db.execute(text(farthest)).scalars()]


def _nothing_left(path: Path, file: OsmFile) -> InvalidInput:
    reasons = Counter(reject.reason for reject in file.reading.rejects).most_common(1)
    if not reasons:
        return InvalidInput(
            "The file holds nothing that the mapping keeps.", "Check that it is the right file, or extend the mapping."
        )
    reason, count = reasons[0]
    example = next(reject for reject in file.reading.rejects if reject.reason == reason)
    return InvalidInput(
        "Not one object of {file} can be used. {count}: {reason}, for example {ref}: {detail}.",
        "Nodes must stand before the ways that use them, and have positive ids: 'osmium sort' and 'osmium renumber' see to both.",
        file=path.name,
        count=count,
        reason=reason,
        ref=example.row,
        detail=example.detail,
    )
