"""Vector tiles straight from the core: one layer a tile, generalised for the zoom, never larger than a browser likes.

Tile addresses are those of the web: Web Mercator, z/x/y from the north-west. Geometry leaves in the tile's own grid.
"""

from __future__ import annotations

from sqlalchemy import Connection

from config.errors import InvalidInput, NotFound
from gis.db import named_sql

LAYERS = ("area", "grid", "water", "green", "building", "road", "pipe", "bus_line", "asset")
LAST_ZOOM = 20

FIRST_ZOOM = {
    "area": 0,
    "grid": 13,
    "water": 0,
    "green": 8,
    "building": 13,
    "road": 0,
    "pipe": 12,
    "bus_line": 9,
    "asset": 13,
}
"""Below this zoom a layer is empty: its objects would be smaller than a pixel, and thousands of them."""


def tile(db: Connection, layer: str, z: int, x: int, y: int) -> bytes:
    """The tile as MVT bytes, empty where there is nothing.

    Raises NotFound for an unknown layer, InvalidInput for an address off the world.
    """
    if layer not in LAYERS:
        raise NotFound("There is no layer '{layer}'.", "Layers are: {layers}.", layer=layer, layers=", ".join(LAYERS))
    if not (0 <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InvalidInput("There is no tile {z}/{x}/{y}.", z=z, x=x, y=y)
    if z < FIRST_ZOOM[layer]:
        return b""
    content = db.execute(named_sql("gis", f"tile_{layer}"), {"z": z, "x": x, "y": y}).scalar()
    return bytes(content) if content else b""
