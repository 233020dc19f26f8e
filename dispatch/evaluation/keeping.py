"""Facts of cases kept in step with their history: what changed, and what time alone has made late, is computed again (D6).

The dispatch process does it all the time; whoever asks for figures does what little is left first. A case is computed whole
from its history each time, never counted up, so that what is kept is what a computation from the beginning gives.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, text

from dispatch.evaluation import facts, named_counts

ON_DEMAND = 2000
"""Cases that a reader waits for; more are left to the dispatch process, and the answer says so."""

_TAKE = text("""
    with taken as (
        delete from dispatch.figure_change
        where id in (select id from dispatch.figure_change order by id limit :most for update skip locked) returning case_id
    )
    select case_id from taken
    union (select id from dispatch.case_fact where holds_until < :now limit :most)
    union (select id from dispatch.case_fact where holds_from >= :now limit :most)
""")

_UPDATED = ", ".join(f"{name} = excluded.{name}" for name in facts.COLUMNS if name != "id")

_KEEP = text(f"""
    insert into dispatch.case_fact ({", ".join(facts.COLUMNS)})
    {facts.computed("select c.* from dispatch.cases c where c.id = any(:ids)")}
    on conflict (id) do update set {_UPDATED} where excluded.version >= case_fact.version
""")

_LAYOUT = sha256(facts.computed("").encode()).hexdigest()[:16]
"""Changes with what is counted and how; facts kept under another layout are computed again."""


def refresh(db: Connection, now: datetime, most: int = ON_DEMAND) -> int:
    """Compute again up to `most` cases that changed, and as many that have become late by `now`; returns how many."""
    _check_layout(db)
    ids = sorted(set(db.execute(_TAKE, {"now": now, "most": most}).scalars()))
    if ids:
        db.execute(_KEEP, {"ids": ids, "now": now, "known": facts.CURRENT})
    return len(ids)


def behind(db: Connection) -> int:
    """How many changes of cases wait to be counted."""
    return int(db.execute(text("select count(*) from dispatch.figure_change")).scalar_one())


def _check_layout(db: Connection) -> None:
    """After an upgrade that counts otherwise, every case is to be computed again."""
    kept = db.execute(text("select value from gis.setting where name = 'figure_layout'")).scalar()
    if kept == _LAYOUT:
        return
    db.execute(
        text(
            "insert into gis.setting (name, value) values ('figure_layout', cast(:value as jsonb))"
            " on conflict (name) do update set value = excluded.value, recorded_at = gis.now()"
        ),
        {"value": json.dumps(_LAYOUT)},
    )
    if kept is not None:
        db.execute(text("insert into dispatch.figure_change (case_id) select id from dispatch.case_fact order by id"))


assert len(named_counts.COUNTS) <= 63, "marks are a signed number of 64 bits"
