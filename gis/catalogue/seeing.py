"""Who may see which assets, in one place: a transaction states what is hidden from its reader, and two views obey (C3).

`gis.seen_asset` has the assets that the reader of this transaction may see. Whatever answers a person or a program reads it and
never `gis.asset`; tests/house/test_seeing.py holds every statement to that, new ones too. `gis.open_asset` has what everybody may
see: shared tiles are made of it. Work that no reader looks at (imports, building networks, placing a report, devices) reads
`gis.asset`: a hidden lamp still finds the unit that mends it, a hidden main still carries water.

A plain view and not row-level security: under a policy PostgreSQL may not use a spatial index, because its operators are not
marked as leakproof; the view is dissolved into the query that reads it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from gis.actors import Actor

NOBODY = text("select set_config('citycommand.hidden', gis.hidden_from('{}')::text, true)")
SEES = text("""
    select (select gis.hidden_now()) = '{}' or not exists (select from gis.asset where id = :id)
        or exists (select from gis.seen_asset where id = :id)
""")
THESE = text("select set_config('citycommand.hidden', cast(:hidden as text[])::text, true)")


def limit(db: Connection, actor: Actor | None) -> None:
    """Hide from the rest of this transaction what `actor` may not see; None: somebody who is not signed in.

    Costs nothing where nothing is hidden from a signed-in actor: what is, came with the session.
    """
    if actor is None:
        db.execute(NOBODY)
    elif actor.hidden:
        db.execute(THESE, {"hidden": list(actor.hidden)})


def sees(db: Connection, asset_id: int) -> bool:
    """Whether the reader of this transaction may see an asset; of one that does not exist nobody is kept away."""
    return bool(db.execute(SEES, {"id": asset_id}).scalar_one())
