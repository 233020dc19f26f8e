"""Finished tiles in memory, until something on them changes. Pure: what changed, and when, arrives as arguments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gis.tiles.address import LAST_ZOOM, Address, Box, tiles_of
from gis.tiles.layers import LAYERS

MOST_BYTES = 64_000_000
"""Of packed tiles; a city's zooms 13 to 16, all layers, are about 40 MB."""

MANY_CHANGES = 5000
"""More at once, and forgetting everything is quicker than finding what is concerned."""


class Change(NamedTuple):
    """Something of `source` (a table of gis) changed within a box in degrees; `kind` of an asset, else None."""

    source: str
    kind: str | None
    box: Box


@dataclass(frozen=True)
class Tile:
    """A finished tile: gzip of its bytes, and its ETag."""

    packed: bytes
    etag: bytes


Key = tuple[str, int, int, int]


class Cache:
    """Tiles by layer and address, the least recently asked for leave first.

    A tile is rendered from the database as it stood at some moment. `begun` gives the moment before rendering, `keep` refuses
    what a change has overtaken since: a tile made beside an edit is shown to who asked for it before the edit, to nobody after.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._groups: dict[tuple[str, int], set[tuple[int, int]]] = {}
        self._bytes = 0
        self._most_bytes = most_bytes
        self._overtaken: set[int] = set()
        self._ticket = 0
        self._wanted: dict[int, tuple[str, Address]] = {}

    def __len__(self) -> int:
        return len(self._tiles)

    def get(self, layer: str, address: Address) -> Tile | None:
        """The tile, if it is here and nothing that was heard of has changed it."""
        found = self._tiles.get((layer, *address))
        if found is not None:
            self._tiles.move_to_end((layer, *address))
        return found

    def begun(self, layer: str, address: Address) -> int:
        """A ticket for a tile that is about to be rendered."""
        self._ticket += 1
        self._wanted[self._ticket] = (layer, address)
        return self._ticket

    def abandoned(self, ticket: int) -> None:
        """The tile could not be rendered."""
        self._wanted.pop(ticket, None)
        self._overtaken.discard(ticket)

    def keep(self, ticket: int, tile: Tile) -> bool:
        """Keep a rendered tile, unless a change has touched its place since `begun`; says whether it was kept."""
        layer, address = self._wanted.pop(ticket)
        if ticket in self._overtaken:
            self._overtaken.discard(ticket)
            return False
        self._drop((layer, *address))
        self._tiles[(layer, *address)] = tile
        self._groups.setdefault((layer, address.z), set()).add((address.x, address.y))
        self._bytes += len(tile.packed)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._tiles)))
        return True

    def forget(self) -> None:
        """Nothing that is here may be shown again, nor what is being rendered."""
        self._tiles.clear()
        self._groups.clear()
        self._bytes = 0
        self._overtaken = set(self._wanted)

    def changed(self, changes: Iterable[Change]) -> None:
        """Drop what these changes touched, and nothing else."""
        listed = list(changes)
        if len(listed) > MANY_CHANGES:
            self.forget()
            return
        for source, kind, box in listed:
            layers = [name for name, layer in LAYERS.items() if layer.shows(source, kind)]
            for z in range(LAST_ZOOM + 1):
                self._touch(layers, z, box)

    def _touch(self, layers: list[str], z: int, box: Box) -> None:
        columns, rows = tiles_of(box, z)
        for ticket, (layer, address) in self._wanted.items():
            if layer in layers and address.z == z and address.x in columns and address.y in rows:
                self._overtaken.add(ticket)
        for layer in layers:
            here = self._groups.get((layer, z))
            if not here:
                continue
            if len(columns) * len(rows) <= len(here):
                hit = [(x, y) for x in columns for y in rows if (x, y) in here]
            else:
                hit = [(x, y) for x, y in here if x in columns and y in rows]
            for x, y in hit:
                self._drop((layer, z, x, y))

    def _drop(self, key: Key) -> None:
        tile = self._tiles.pop(key, None)
        if tile is None:
            return
        self._bytes -= len(tile.packed)
        layer, z, x, y = key
        group = self._groups[layer, z]
        group.discard((x, y))
        if not group:
            del self._groups[layer, z]
