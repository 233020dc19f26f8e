"""Notices as their readers see them in the pages: one's own, the unit's, the posts' at their centre, of cases one may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from dispatch import listing
from dispatch.delivery import templates, wording
from dispatch.delivery.kinds import KINDS
from dispatch.listing import Filter
from gis import clock
from gis.actors import Actor

MOST_COUNTED = 100
"""Beyond this nobody counts: the bell says 99+."""

PAGE = 50

LEAVING = sorted(kind for kind, known in KINDS.items() if known.leaving)

DEEP = 1000
"""So many of the newest are looked through for one page; where their cases are out of sight, the next page goes on below."""

_HELD = """
        select distinct p.post, case when h.level is distinct from 'city' then p.centre_id end as centre_id
        from gis.post_assignment p left join gis.centre h on h.id = p.centre_id where p.account_id = :me
"""

# Three index scans: to the account, to its unit, to each post that it holds at the centre in question (null: the city's).
_TO_ME = """
    select n.* from dispatch.notice n where n.account_id = :me and {between}
    union all
    select n.* from gis.account a cross join lateral (
        select * from dispatch.notice n where n.unit_id = a.unit_id and {between}) n
    where a.id = :me
    union all
    select n.* from ({held}) held cross join lateral (
        select * from dispatch.notice n where n.post = held.post and n.centre_id is not distinct from held.centre_id and {between}) n
"""

_BETWEEN = "n.id > :after and n.id < :before and (cast(:kind as text) is null or n.kind = :kind)"

_NEWEST = text(f"""
    select id from (
        (select n.id from dispatch.notice n where n.account_id = :me and {_BETWEEN} order by n.id desc limit :deep)
        union all
        select n.id from gis.account a cross join lateral (
            select n.id from dispatch.notice n where n.unit_id = a.unit_id and {_BETWEEN} order by n.id desc limit :deep) n
        where a.id = :me
        union all
        select n.id from ({_HELD}) held cross join lateral (
            select n.id from dispatch.notice n
            where n.post = held.post and n.centre_id is not distinct from held.centre_id and {_BETWEEN} order by n.id desc limit :deep) n
    ) n order by id desc limit :deep
""")

_MINE = f"""
    from ({_TO_ME.format(between=_BETWEEN, held=_HELD)}) n
    left join dispatch.seen_case c on c.id = n.case_id
    left join dispatch.notice_reading r on r.notice_id = n.id and r.account_id = :me
"""

_THROUGH = text("select notice_id from dispatch.notice_read_through where account_id = :me")
_HIGHEST = 2**63 - 1


def unread(db: Connection, actor: Actor) -> int:
    """How many notices the actor has not read, counted up to MOST_COUNTED."""
    where, values = _where(actor)
    statement = (
        f"select count(*) from (select 1 {_MINE} where {where} and r.notice_id is null limit {MOST_COUNTED}) unread"
    )
    values |= {"after": _read_through(db, actor), "before": _HIGHEST, "kind": None}
    return int(db.execute(text(statement), values).scalar_one())


def page(
    db: Connection,
    actor: Actor,
    zone: ZoneInfo,
    *,
    only_unread: bool = False,
    kind: str | None = None,
    before: int | None = None,
) -> dict[str, Any]:
    """The newest notices below id `before`, PAGE at a time: `items`, and `next` to ask with for older ones (None: no more)."""
    where, values = _where(actor)
    through = _read_through(db, actor)
    values |= {"after": through if only_unread else 0, "before": before or _HIGHEST, "kind": kind}
    newest = list(db.execute(_NEWEST, values | {"deep": DEEP}).scalars())
    values["after"] = newest[-1] - 1 if newest else _HIGHEST
    if only_unread:
        where += " and r.notice_id is null"
    statement = f"""select n.id, n.kind, n.case_id, n.urgent, n.facts, n.recorded_at, n.unit_id, n.post, r.recorded_at as read_at
                    {_MINE} where {where} order by n.id desc limit {PAGE}"""
    rows = db.execute(text(statement), values).all()
    cases = _cases(db, actor, [row.case_id for row in rows])
    own = templates.current(db)
    items = []
    for row in rows:
        case = cases.get(row.case_id)
        said = wording.sentence(row.kind, wording.places(row.facts, case, actor.locale, zone), actor.locale, own)
        items.append(
            {
                "id": row.id,
                "kind": row.kind,
                "text": said.text,
                "urgent": row.urgent,
                "recorded_at": row.recorded_at,
                "read": row.read_at is not None or row.id <= through,
                "to": "unit" if row.unit_id else row.post or "me",
                "case": {"id": case["id"], "number": case["number"], "state": case["state"]} if case else None,
                "link": link(actor, case["number"]) if case else None,
            }
        )
    further = newest[-1] if len(newest) == DEEP else None
    return {"items": items, "next": rows[-1].id if len(rows) == PAGE else further}


def mark_read(db: Connection, actor: Actor, notice_ids: Sequence[int]) -> None:
    """Note that the actor has read these; those of others are passed over, a second time changes nothing."""
    where, values = _where(actor)
    statement = f"""insert into dispatch.notice_reading (notice_id, account_id)
                    select n.id, :me {_MINE} where {where} and n.id = any(:ids) on conflict do nothing"""
    db.execute(
        text(statement),
        values | {"after": min(notice_ids) - 1, "before": max(notice_ids) + 1, "kind": None, "ids": list(notice_ids)},
    )


def mark_all_read(db: Connection, actor: Actor, through: int) -> None:
    """All up to the notice with this id, the newest that the reader has seen, are read."""
    db.execute(
        text(
            "insert into dispatch.notice_read_through (account_id, notice_id)"
            " select :me, coalesce(max(id), 0) from dispatch.notice where id <= :through"
            " on conflict (account_id) do update set notice_id = greatest(notice_read_through.notice_id, excluded.notice_id)"
        ),
        {"me": actor.account_id, "through": through},
    )


def link(actor: Actor, number: str) -> str:
    """Where this reader opens a case."""
    if actor.may("case.list"):
        return f"/map#{number}"
    return f"/unit#{number}" if actor.may("order.list") else "/inspector" if actor.may("task.do") else ""


def concerned(db: Connection, notice_ids: Sequence[int]) -> tuple[set[int], set[int], set[str]]:
    """Accounts, units and posts that these notices are addressed to."""
    found = text("select account_id, unit_id, post from dispatch.notice where id = any(:ids)")
    rows = db.execute(found, {"ids": list(notice_ids)}).all()
    accounts, units, posts = zip(*rows, strict=True) if rows else ((), (), ())
    return {*accounts} - {None}, {*units} - {None}, {*posts} - {None}


def _where(actor: Actor) -> tuple[str, dict[str, Any]]:
    seen, values = listing.seen_by(actor)
    return f"(n.kind = any(:leaving) or (c.id is not null and {seen}))", values | {
        "me": actor.account_id,
        "leaving": LEAVING,
    }


def _read_through(db: Connection, actor: Actor) -> int:
    return int(db.execute(_THROUGH, {"me": actor.account_id}).scalar() or 0)


def _cases(db: Connection, actor: Actor, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    wanted = tuple(set(ids))
    if not wanted:
        return {}
    found = listing.cases(db, actor, Filter(ids=wanted), now=clock.now(db), limit=len(wanted))
    return {case["id"]: case for case in found}
