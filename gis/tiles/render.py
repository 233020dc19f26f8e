"""One tile out of the database: the statement of its layer and zoom, prepared once a connection."""

from __future__ import annotations

from sqlalchemy import Connection

from config.errors import NotFound
from gis.db import Prepared, prepared, run_prepared
from gis.tiles.address import BUFFER, EXTENT, HALF_M, Address
from gis.tiles.layers import LAYERS, Layer, statement

SIMPLIFY_TILE_PIXELS = 512


def tile(db: Connection, layer: str, z: int, x: int, y: int, seen: bool = False) -> bytes:
    """The tile as MVT bytes, empty where there is nothing. `seen`: with all that this transaction's reader may see, not to be shared.

    Raises NotFound for an unknown layer, InvalidInput for an address off the world.
    """
    if layer not in LAYERS:
        raise NotFound("There is no layer '{layer}'.", "Layers are: {layers}.", layer=layer, layers=", ".join(LAYERS))
    address = Address.of(z, x, y)
    if z < LAYERS[layer].first_zoom:
        return b""
    content = run_prepared(db, statement(LAYERS[layer], z, seen), values(LAYERS[layer], address)).scalar()
    return bytes(content) if content else b""


def question(layer: str, address: Address) -> tuple[Prepared, dict[str, float]]:
    """What to send to the database for one tile of a layer that begins at this zoom or before; the answer is one column, the tile."""
    return prepared(statement(LAYERS[layer], address.z)), values(LAYERS[layer], address)


def values(layer: Layer, address: Address) -> dict[str, float]:
    """What the layer's statement needs for one tile (PARAMETERS)."""
    reach = address.degrees(BUFFER / EXTENT * (2 if layer.clip else 1))  # cut outside of what the tile will keep
    box = address.mercator()
    pixel = 2 * HALF_M / 2**address.z / SIMPLIFY_TILE_PIXELS
    return {
        **reach._asdict(),
        "left_m": box.west,
        "bottom_m": box.south,
        "right_m": box.east,
        "top_m": box.north,
        "tolerance_m": pixel * (layer.pixels or 0),
    }
