"""Vector tiles straight from the core: which layers there are, one tile of one, what changed since, and a cache that never lies.

`layers.py` is the one literal of layers, `address.py` where a tile lies on the earth, `render.py` asks the database,
`changes.py` says what was edited since, `cache.py` holds finished tiles until then; `seen.py` is for who may see more than
everybody. HTTP is api/tile_service.
"""

from gis.tiles.address import Address
from gis.tiles.layers import LAYERS, Layer
from gis.tiles.render import question, tile
from gis.tiles.seen import layers_of_their_own

__all__ = ["LAYERS", "Address", "Layer", "layers_of_their_own", "question", "tile"]
