"""Reading vector tiles: as much of the format as tests need (Mapbox Vector Tile 2.1, protobuf wire format)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class Feature:
    """A feature's parts in tile units: points (kind 1), lines (2), rings of polygons (3)."""

    kind: int
    parts: tuple[tuple[tuple[int, int], ...], ...]

    def touches(self, extent: int = 4096) -> bool:
        """Whether it meets the inside of the tile, not only its edge or the buffer around it."""
        inside = shapely.box(0.5, 0.5, extent - 0.5, extent - 0.5)
        if self.kind == 1:
            return bool(shapely.MultiPoint([point for part in self.parts for point in part]).intersects(inside))
        lines = [part for part in self.parts if len(part) > 1]
        if shapely.MultiLineString(lines).intersects(inside):
            return True
        rings = [shapely.Polygon(part) for part in lines if self.kind == 3 and len(part) > 3]
        return any(ring.covers(inside) for ring in rings)


def features(tile: bytes) -> list[Feature]:
    """All features of all layers."""
    layers = [value for field, value in _fields(tile) if field == 3 and isinstance(value, bytes)]
    found = [
        dict(_fields(value))
        for one in layers
        for field, value in _fields(one)
        if field == 2 and isinstance(value, bytes)
    ]
    return [Feature(int(one.get(3, 0)), tuple(_parts(bytes(one.get(4, b""))))) for one in found]


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == BYTES:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            at += 8 if kind == FIXED64 else 4


def _parts(geometry: bytes) -> Iterator[tuple[tuple[int, int], ...]]:
    """Each MoveTo begins a part; ClosePath ends a ring where it began."""
    at = x = y = 0
    part: list[tuple[int, int]] = []
    while at < len(geometry):
        command, at = _varint(geometry, at)
        if command & 7 == 7:
            part.append(part[0])
            continue
        if command & 7 == 1 and part:
            yield tuple(part)
            part = []
        for _ in range(command >> 3):
            dx, at = _varint(geometry, at)
            dy, at = _varint(geometry, at)
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            part.append((x, y))
    if part:
        yield tuple(part)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
