"""Tiles for one reader, with what a restricted data set adds: made for each request and kept by nobody but this reader's browser.

Shared tiles hold what everybody may see (`gis.open_asset`). Whoever may see more gets the layers in which it lies made of
`gis.seen_asset`; all other layers come from the shared cache.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from gis.tiles.layers import LAYERS

_ANY = text("select exists (select from gis.data_set where visible_to <> '{}')")
_KINDS = text("""
    select kind from unnest(cast(:kinds as text[])) kind
    where exists (
        select from gis.seen_asset a
        where a.kind = kind.kind and a.status <> 'removed' and a.source = any (gis.hidden_from('{}'))
    )
""")


def layers_of_their_own(db: Connection) -> tuple[str, ...]:
    """Layers in which the reader of this transaction may see more than everybody, in the order of LAYERS; mostly none."""
    if not db.execute(_ANY).scalar_one():
        return ()
    kinds = sorted({kind for layer in LAYERS.values() for kind in layer.kinds_from})
    found = set(db.execute(_KINDS, {"kinds": kinds}).scalars())
    return tuple(name for name, layer in LAYERS.items() if any(layer.shows("asset", kind) for kind in found))
