"""Who may look at whom, and what is written down when somebody does (W9, W16).

A transaction states the area it works in; row-level security then shows nobody else (welfare/tables.py). It forgets the area
when it ends. Every opened person leaves a row with the purpose (查询事由); lists show masked names only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, text

from config.errors import InvalidInput, NotPermitted
from config.i18n import _
from gis.actors import Actor
from welfare import tables

PURPOSES: dict[str, str] = {
    "application": _("an application"),
    "review": _("periodic review"),
    "visit": _("home visit"),
    "correction": _("correction of data"),
    "complaint": _("complaint or objection"),
    "audit": _("audit"),
}
"""Why a record may be opened; where the list does not say enough, a reason in words goes with it."""

LAST = "\U0010ffff"
"""Sorts after every character: an area's codes end before its own code followed by this."""


@dataclass(frozen=True)
class Reach:
    """The area in which an account does welfare work. `level` is city, district, subdistrict or community."""

    area_code: str
    level: str
    name: str
    name_en: str


def enter(db: Connection, actor: Actor) -> Reach:
    """State the actor's area for this transaction, and return it.

    An account works in one area: the one of its post. Raises NotPermitted for an account without an area, or with several.
    """
    rows = db.execute(_AREAS, {"account": actor.account_id}).all()
    if len(rows) != 1:
        raise NotPermitted(
            "Your account has no area, or several, to do welfare work in.",
            "Ask the administrator to give your post one area.",
        )
    reach = Reach(**rows[0]._mapping)
    state(db, reach.area_code)
    return reach


def state(db: Connection, area_code: str) -> None:
    """Work in an area for the rest of this transaction; an empty code is the whole city."""
    db.execute(_STATE, {"first": area_code, "last": area_code + LAST})


def purpose_of(name: str, reason: str = "") -> tuple[str, str]:
    """A purpose and its reason. Raises InvalidInput for an unknown one, or for words that are missing where they are needed."""
    if name not in PURPOSES:
        raise InvalidInput(
            "A person's record is opened for a purpose.",
            "Choose one of: {purposes}.",
            purposes=list(PURPOSES),
            field="purpose",
        )
    if name in ("correction", "complaint", "audit") and not reason.strip():
        raise InvalidInput("This purpose needs a reason in words.", "Say why the record is opened.", field="reason")
    return name, reason.strip()[:500]


def log(
    db: Connection,
    actor: Actor,
    what: str,
    purpose: tuple[str, str],
    trace_id: str,
    *,
    area_code: str,
    household_id: int | None = None,
    people: Sequence[int] = (),
) -> None:
    """Write down that records were read: one row for each person, or one for what concerns no single person."""
    common = {
        "account_id": actor.account_id, "posts": ", ".join(actor.posts), "what": what, "purpose": purpose[0],
        "reason": purpose[1], "household_id": household_id, "trace_id": trace_id,
        "area_code": area_code,
    }  # fmt: skip
    db.execute(insert(tables.access_log), [common | {"person_id": person} for person in (people or (None,))])


def entries(
    db: Connection, *, household_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """What was read in the area of this transaction, newest first; `before` an entry's id goes on from there."""
    values = {"household": household_id, "before": before, "limit": limit}
    return [dict(row._mapping) for row in db.execute(_LOG, values)]


_AREAS = text("""
    select distinct a.code as area_code, a.level, a.name, a.name_en
    from gis.post_assignment p join gis.area a on a.id = p.area_id
    where p.account_id = :account
""")
_STATE = text("select set_config('welfare.area_from', :first, true), set_config('welfare.area_to', :last, true)")
_LOG = text("""
    select l.id, l.recorded_at, a.username, a.name as who, a.name_en as who_en, l.posts, l.what, l.purpose, l.reason, l.household_id,
           l.person_id, c.name as area, c.name_en as area_en
    from welfare.access_log l join gis.account a on a.id = l.account_id join gis.area c on c.code = l.area_code
    where (cast(:household as bigint) is null or l.household_id = :household)
      and (cast(:before as bigint) is null or l.id < :before)
    order by l.id desc limit :limit
""")
