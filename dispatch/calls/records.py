"""Calls as people see them: the caller masked, opened only on purpose and written down; what a number called about before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound, NotPermitted
from dispatch import listing
from dispatch.calls import callers, rights
from dispatch.calls.callers import Caller
from dispatch.listing import Filter
from gis.actors import Actor
from gis.vault import KeyRing

RECENT = timedelta(days=30)
REPEATS = 3
"""So many calls within RECENT make a repeat caller: worth asking what is still open."""

_CALL = """
    select c.id, c.taken_by, case when :en and a.name_en <> '' then a.name_en else a.name end as operator, c.kind, c.words,
           c.begun_at, c.ended_at, c.confidential, c.caller_index, c.caller_cipher, c.caller_algorithm, c.caller_key_version,
           array(select r.case_id from dispatch.call_report r where r.call_id = c.id order by r.report_id) as case_ids,
           (select count(*) from dispatch.call_answer x where x.call_id = c.id) as answers,
           array(select h.service from dispatch.handover h where h.call_id = c.id order by h.id) as handed_to
    from dispatch.call c join gis.account a on a.id = c.taken_by
"""


def calls(db: Connection, actor: Actor, keys: KeyRing, since: datetime, now: datetime) -> list[dict[str, Any]]:
    """Calls since then, the newest first: one's own; for the shift leader everybody's."""
    where = "where c.begun_at >= :since and (:all or c.taken_by = :me) order by c.begun_at desc, c.id desc limit 500"
    values = {"since": since, "all": actor.may("call.oversee"), "me": actor.account_id}
    return _shown(db, actor, keys, where, values, now)


def one(db: Connection, actor: Actor, keys: KeyRing, call_id: int, now: datetime) -> dict[str, Any]:
    """One call with its handovers and answers in full. Raises NotFound, also for what is not the actor's to see."""
    where = "where c.id = :id and (:all or c.taken_by = :me)"
    values = {"id": call_id, "all": actor.may("call.oversee"), "me": actor.account_id}
    found = _shown(db, actor, keys, where, values, now)
    if not found:
        raise NotFound("There is no call {call}.", call=call_id)
    handovers = text("select service, words, recorded_at from dispatch.handover where call_id = :id order by id")
    answers = text(
        "select e.id as edition_id, case when :en and e.title_en <> '' then e.title_en else e.title end as title, x.recorded_at"
        " from dispatch.call_answer x join dispatch.article_edition e on e.id = x.edition_id where x.call_id = :id order by x.id"
    )
    named = {"id": call_id, "en": actor.locale == "en"}
    return found[0] | {
        "handovers": [dict(row._mapping) for row in db.execute(handovers, {"id": call_id})],
        "answered_from": [dict(row._mapping) for row in db.execute(answers, named)],
    }


def history(
    db: Connection, actor: Actor, keys: KeyRing, number: str, purpose: str, now: datetime, trace_id: str
) -> dict[str, Any]:
    """What this number called about before, the newest first, and whether that is often. The look-up is written down.

    Calls of a confidential caller are in it only for who took them and the shift leader.
    """
    wanted = callers.number_of(number)
    if not wanted:
        raise InvalidInput("A number is needed.", field="number")
    if not purpose.strip():
        raise InvalidInput("Calls of a number are looked up for a purpose.", "Say what for.", field="purpose")
    where = "where c.number_index = any(:indexes) and (not c.confidential or :all or c.taken_by = :me) order by c.id desc limit 20"
    values = {"indexes": keys.indexes(wanted), "all": actor.may("call.oversee"), "me": actor.account_id}
    found = _shown(db, actor, keys, where, values, now)
    write_down(db, actor, "history", None, keys.newest.index(wanted), purpose, len(found), trace_id)
    return {"calls": found, **hint(found, now)}


def hint(found: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """How often somebody called lately, which of their cases are still open, and whether that makes a repeat caller. Pure."""
    recent = sum(now - call["begun_at"] <= RECENT for call in found)
    still_open = {case["id"] for call in found for case in call["cases"] if case["closed_at"] is None}
    return {"recent": recent, "open_cases": sorted(still_open), "repeat": recent >= REPEATS}


def reveal(
    db: Connection, actor: Actor, keys: KeyRing, call_id: int, purpose: str, trace_id: str, what: str = "caller"
) -> Caller:
    """Name and number of a call. Written down first. Raises NotFound, NotPermitted, InvalidInput."""
    if not purpose.strip():
        raise InvalidInput("A caller is opened for a purpose.", "Say what for; it is written down.", field="purpose")
    row = db.execute(
        text(
            "select taken_by, confidential, caller_index, caller_cipher, caller_algorithm, caller_key_version, number_index"
            " from dispatch.call where id = :id"
        ),
        {"id": call_id},
    ).first()
    if row is None:
        raise NotFound("There is no call {call}.", call=call_id)
    if not rights.may_know(actor, row.taken_by, row.confidential):
        raise NotPermitted("This caller wishes to stay unknown.", "Ask whoever took the call, or the shift leader.")
    write_down(db, actor, what, call_id, row.number_index, purpose, 1, trace_id)
    return callers.opened(dict(row._mapping), keys)


def of_case(db: Connection, actor: Actor, case_id: int) -> list[dict[str, Any]]:
    """The calls behind a case, without anything of the callers: when, of what kind, and whether the actor may open them."""
    if not (actor.may("call.take") or actor.may("call.oversee")):
        return []
    rows = db.execute(
        text(
            "select distinct c.id, c.begun_at, c.kind, c.confidential, c.taken_by, c.caller_cipher is not null as caller_known"
            " from dispatch.call_report r join dispatch.call c on c.id = r.call_id"
            " where r.case_id in (select dispatch.merged_with(:id)) order by c.id"
        ),
        {"id": case_id},
    )
    return [
        {
            "call_id": row.id,
            "begun_at": row.begun_at,
            "kind": row.kind,
            "confidential": row.confidential,
            "may_reveal": row.caller_known and rights.may_know(actor, row.taken_by, row.confidential),
        }
        for row in rows
    ]


def readings(db: Connection, since: datetime, locale: str) -> list[dict[str, Any]]:
    """Who looked up or opened callers, for the shift leader; numbers are not in it."""
    rows = db.execute(
        text(
            "select r.id, case when :en and a.name_en <> '' then a.name_en else a.name end as reader, r.what, r.call_id, r.purpose,"
            " r.found, r.recorded_at, coalesce(c.confidential, false) as confidential"
            " from dispatch.caller_reading r join gis.account a on a.id = r.reader_id"
            " left join dispatch.call c on c.id = r.call_id where r.recorded_at >= :since order by r.id desc limit 500"
        ),
        {"since": since, "en": locale == "en"},
    )
    return [dict(row._mapping) for row in rows]


def write_down(
    db: Connection,
    actor: Actor,
    what: str,
    call_id: int | None,
    number_index: bytes | None,
    purpose: str,
    found: int,
    trace_id: str,
) -> None:
    """Keep that somebody looked, and for what."""
    db.execute(
        text(
            "insert into dispatch.caller_reading (reader_id, what, call_id, number_index, purpose, found, trace_id)"
            " values (:me, :what, :call, :number, :purpose, :found, :trace)"
        ),
        {
            "me": actor.account_id,
            "what": what,
            "call": call_id,
            "number": number_index,
            "purpose": purpose.strip(),
            "found": found,
            "trace": trace_id,
        },
    )


def _shown(
    db: Connection, actor: Actor, keys: KeyRing, where: str, values: dict[str, Any], now: datetime
) -> list[dict[str, Any]]:
    rows = db.execute(text(_CALL + where), {**values, "en": actor.locale == "en"}).all()
    cases = _cases(db, actor, {case_id for row in rows for case_id in row.case_ids}, now)
    shown = []
    for row in rows:
        hidden = not rights.may_know(actor, row.taken_by, row.confidential)
        who = Caller() if hidden else callers.opened(dict(row._mapping), keys)
        shown.append(
            {
                "id": row.id,
                "operator": row.operator,
                "kind": row.kind,
                "words": row.words,
                "begun_at": row.begun_at,
                "ended_at": row.ended_at,
                "confidential": row.confidential,
                "name": callers.masked_name(who.name),
                "number": callers.masked_number(who.number),
                "cases": [cases[case_id] for case_id in row.case_ids if case_id in cases],
                "answers": row.answers,
                "handed_to": list(row.handed_to),
            }
        )
    return shown


def _cases(db: Connection, actor: Actor, ids: set[int], now: datetime) -> dict[int, dict[str, Any]]:
    """Those of the cases that the actor may see, by id."""
    if not ids:
        return {}
    found = listing.cases(db, actor, Filter(ids=tuple(sorted(ids))), now=now, limit=len(ids))
    kept = (
        "id",
        "number",
        "state",
        "state_name",
        "title",
        "class_name",
        "address",
        "timing",
        "closed_at",
        "occurred_at",
    )
    return {case["id"]: {name: case[name] for name in kept} for case in found}
