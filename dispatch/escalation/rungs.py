"""Keeping the ladder: rungs are added and ended, never changed, so that what was told can be explained (D5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput, NotFound
from config.permissions import POSTS
from dispatch.escalation import planning
from dispatch.escalation.tables import escalation_rung
from dispatch.workflow import STAGES

BASES = ("share", "after")
WHOM = ("turn", "unit", "post")
LEVELS = ("city", "district", "unit")
AFTER_KINDS = ("urgent_hour", "work_hour")


@dataclass(frozen=True)
class NewRung:
    """A rung as it is entered: see dispatch.escalation_rung."""

    name: str
    basis: str
    amount: float
    whom: str
    name_en: str = ""
    stage: str | None = None
    class_prefix: str = ""
    limit_kind: str | None = None
    post: str | None = None
    level: str | None = None
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None


def add(db: Connection, zone: ZoneInfo, new: NewRung, account_id: int | None, now: datetime) -> int:
    """Put a rung in; clocks that run get their moments of it. Returns its id. Raises InvalidInput."""
    _check(new)
    values = vars(new) | {"account_id": account_id, "recorded_at": now}
    rung_id = db.execute(insert(escalation_rung).values(values).returning(escalation_rung.c.id)).scalar_one()
    if new.basis == "share":
        db.execute(text("update dispatch.clock set laddered = false where stopped_at is null and laddered"))
    else:
        planning.plan_after(db, zone, now, db.execute(_RUN_OUT).all())
    return int(rung_id)


_RUN_OUT = text(
    f"select {planning.CLOCK} from dispatch.clock k join dispatch.cases c on c.id = k.case_id"
    " where k.stopped_at is null and k.breached_at is not null"
)


def end(db: Connection, rung_id: int, account_id: int, today: date) -> None:
    """From today on the rung holds for nobody; what it has planned lapses. Raises NotFound."""
    ended = db.execute(
        text(
            "update dispatch.escalation_rung set valid_to = greatest(:today, valid_from), ended_by = :who"
            " where id = :id and (valid_to is null or valid_to > :today) returning id"
        ),
        {"id": rung_id, "who": account_id, "today": today},
    ).first()
    if ended is None:
        raise NotFound("There is no such rung.", "Load the page again.")
    db.execute(
        text(
            "update dispatch.escalation set lapsed_at = gis.now()"
            " where rung_id = :id and fired_at is null and lapsed_at is null"
        ),
        {"id": rung_id},
    )


def all_rungs(db: Connection, locale: str) -> list[dict[str, Any]]:
    """Every rung, those in force first, with how often it has fired and who entered and ended it."""
    rows = db.execute(
        text("""
            select r.*, case when :en and a.name_en <> '' then a.name_en else a.name end as entered_by,
                   case when :en and b.name_en <> '' then b.name_en else b.name end as ended_by_name,
                   (select count(*) from dispatch.escalation e where e.rung_id = r.id and e.fired_at is not null) as fired
            from dispatch.escalation_rung r
            left join gis.account a on a.id = r.account_id left join gis.account b on b.id = r.ended_by
            order by r.valid_to is not null, r.basis desc, r.amount, r.id
        """),
        {"en": locale == "en"},
    )
    return [dict(row._mapping) for row in rows]


def _check(new: NewRung) -> None:
    problems = {
        "name": not new.name.strip(),
        "basis": new.basis not in BASES,
        "amount": not (0 < new.amount < 1 if new.basis == "share" else 0 < new.amount <= 10_000),
        "limit_kind": new.basis == "after" and new.limit_kind not in AFTER_KINDS,
        "whom": new.whom not in WHOM,
        "post": (new.whom == "post") != (new.post in POSTS),
        "level": new.level is not None and (new.whom != "post" or new.level not in LEVELS),
        "stage": new.stage is not None and new.stage not in STAGES,
        "valid_to": new.valid_to is not None and new.valid_to <= new.valid_from,
    }
    for field, wrong in problems.items():
        if wrong:
            raise InvalidInput("The rung does not fit: {field}.", "Look at this value again.", field=field)
