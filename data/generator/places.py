"""Named places: estates, schools, hospitals, markets, the squares people give directions by."""

from __future__ import annotations

from data.generator import names as naming
from data.generator.assets import Asset
from data.generator.blocks import Face
from data.generator.frame import random

KIND_OF = {"residential": "小区", "old_town": "里", "school": "小学", "hospital": "医院", "commercial": "广场"}
LEAST_M2 = 6_000.0


def places(seed: int, tiles: list[Face]) -> list[Asset]:
    """One named place for each larger block, after what it is used for."""
    stems = naming.stems(random(seed, "place names"), ["翠园", "怡景", "云澜", "阳光", "明珠", "世纪", "荷塘", "书香"])
    found: list[Asset] = []
    for tile in tiles:
        if tile.use in KIND_OF and tile.shape.area > LEAST_M2:
            name = next(stems) + KIND_OF[tile.use]
            facts = {"use": tile.use}
            found.append(Asset("place", f"N-{len(found) + 1:04d}", tile.centre, name, naming.english(name), facts))
    return found
