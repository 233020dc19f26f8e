"""A large OpenStreetMap file made of a small one: copies side by side in rows, each with numbers of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

STEP_IDS = 100_000_000_000
"""Far above any number that OpenStreetMap has given: copy k has the numbers of the original plus k times this."""


COLUMNS = 5


def ways_in(path: Path) -> int:
    """How many ways a file has."""
    return sum(1 for _ in osmium.FileProcessor(str(path), osmium.osm.WAY))


def repeat(source: Path, target: Path, copies: int) -> None:
    """Write `copies` of `source` beside each other, in rows of five; sorted as readers want it: nodes, ways, relations."""
    west, south, east, north = extent(source)
    writer = osmium.SimpleWriter(str(target), overwrite=True)
    try:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for number in range(copies):
                entity: Any
                for entity in osmium.FileProcessor(str(source), kind):
                    row, column = divmod(number, COLUMNS)
                    shift = (column * (east - west), row * (north - south))
                    writer.add(_moved(entity, number * STEP_IDS, shift))
    finally:
        writer.close()


def extent(source: Path) -> tuple[float, float, float, float]:
    """West, south, east, north of the file's nodes, in degrees."""
    nodes: Any = osmium.FileProcessor(str(source), osmium.osm.NODE)
    places = [(node.lon, node.lat) for node in nodes]
    lons, lats = zip(*places, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _moved(entity: Any, ids: int, shift: tuple[float, float]) -> Any:
    if entity.is_node():
        place = (entity.location.lon + shift[0], entity.location.lat + shift[1])
        return mutable.Node(entity, id=entity.id + ids, location=place)
    if entity.is_way():
        return mutable.Way(entity, id=entity.id + ids, nodes=[node.ref + ids for node in entity.nodes])
    members = [(member.type, member.ref + ids, member.role) for member in entity.members]
    return mutable.Relation(entity, id=entity.id + ids, members=members)
