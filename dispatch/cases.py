"""Moving a case along the workflow (D1): one move, one transaction, one row of history.

The update is guarded by state and version; no row means that somebody was faster, and the answer says who and when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from config.errors import InvalidInput, NotFound, SeparationOfDuties, StaleCase
from config.settings import Settings
from dispatch import deadlines, exhibits, policy, rights, tables
from dispatch.deadlines import Clock, Limit
from dispatch.evidence import StoredFile
from dispatch.reports import Position
from dispatch.workflow import FINAL, STAGE_OF, Transition, check_fields, moves_from, transition
from gis import events
from gis.actors import Actor
from gis.db import named_sql

DUTIES_APART_STATE = "23C01"
"""SQLSTATE with which the database refuses two duties of one account on one case (C1)."""


@dataclass(frozen=True)
class Move:
    """What somebody wants to do with a case. `version` is the one they saw; None moves whatever stands."""

    move: str
    version: int | None = None
    note: str = ""
    unit_id: int | None = None
    handler_id: int | None = None
    inspector_id: int | None = None
    class_code: str | None = None
    condition_id: int | None = None
    position: Position | None = None
    occurred_at: datetime | None = None

    def fields(self, photos: Sequence[StoredFile]) -> dict[str, object]:
        """The values as the workflow checks them, by field name."""
        names = ("note", "unit_id", "handler_id", "inspector_id", "class_code", "condition_id", "position")
        return {name: getattr(self, name) for name in names} | {"photos": list(photos)}


@dataclass(frozen=True)
class Moved:
    """The outcome of a move."""

    case_id: int
    number: str
    state: str
    version: int
    distance_m: float | None
    changes: dict[str, Any] = field(default_factory=dict)


def move(
    db: Connection,
    settings: Settings,
    case_id: int,
    wanted: Move,
    *,
    actor: Actor,
    now: datetime,
    photos: Sequence[StoredFile] = (),
    trace_id: str | None = None,
) -> Moved:
    """Make one move. Raises IllegalMove, InvalidInput, NotPermitted, SeparationOfDuties, StaleCase or NotFound."""
    case = _case(db, case_id)
    if wanted.version is not None and wanted.version != case.version:
        raise stale(db, case_id)
    step = transition(case.state, wanted.move)
    rights.require(case, step, actor, _duties(db, case_id))
    check_fields(step, wanted.fields(photos))
    occurred_at = wanted.occurred_at or now
    _check_time(occurred_at, case, now)
    changes = _changes(db, settings, case, step, wanted, occurred_at)
    version = _update(db, case, step, changes)
    point = wanted.position.wgs84() if wanted.position else None
    distance_m = _distance(db, case_id, point)
    trace_id = trace_id or case.trace_id
    _append_history(db, case, step, wanted, actor, changes, point, distance_m, occurred_at, now, trace_id)
    _keep_clock(db, case, step, changes, occurred_at)
    _keep_tasks(db, case, step, wanted, changes, occurred_at)
    exhibits.add(db, case_id, wanted.move, photos, actor, point, distance_m, occurred_at, now, trace_id)
    _tell(db, case, step, changes, occurred_at, trace_id)
    return Moved(case_id, case.number, step.target, version, distance_m, changes)


def possible_moves(db: Connection, case_id: int, actor: Actor) -> list[Transition]:
    """The moves that `actor` may make now, in the workflow's order."""
    case = _case(db, case_id)
    duties = _duties(db, case_id)
    return [step for step in moves_from(case.state) if rights.refusal(case, step, actor, duties) is None]


def stale(db: Connection, case_id: int) -> StaleCase:
    """The error that says who was faster."""
    last = db.execute(
        text("""
            select e.move, e.recorded_at, coalesce(a.name, '') as name, c.version, c.state
            from dispatch.case_event e join dispatch.cases c on c.id = e.case_id left join gis.account a on a.id = e.account_id
            where e.case_id = :id order by e.seq desc limit 1
        """),
        {"id": case_id},
    ).one()
    return StaleCase(
        "Already done: '{move}' by {by} at {at}.",
        state=last.state,
        version=last.version,
        move=last.move,
        by=last.name or "–",
        at=last.recorded_at.isoformat(timespec="seconds"),
    )


_CASE = text("""
    select c.*, st_x(c.geom) as lon, st_y(c.geom) as lat,
           array(select t.inspector_id from dispatch.task t where t.case_id = c.id and t.done_at is null) as task_inspectors
    from dispatch.cases c where c.id = :id
""")


def _case(db: Connection, case_id: int) -> Row[Any]:
    row = db.execute(_CASE, {"id": case_id}).first()
    if row is None:
        raise NotFound("There is no case {case}.", case=case_id)
    return row


def _duties(db: Connection, case_id: int) -> dict[int, set[str]]:
    rows = db.execute(
        text(
            "select account_id, array_agg(move) as moves from dispatch.case_event"
            " where case_id = :id and account_id is not null and not imported group by account_id"
        ),
        {"id": case_id},
    )
    return {row.account_id: set(row.moves) for row in rows}


def _check_time(occurred_at: datetime, case: Row[Any], now: datetime) -> None:
    if occurred_at.tzinfo is None:
        raise InvalidInput("The time of the move has no zone.", field="occurred_at")
    earliest = max(case.occurred_at, case.stage_started_at or case.occurred_at)
    if not earliest <= occurred_at <= now:
        raise InvalidInput(
            "The move lies before the stage began or in the future.",
            "Check the clock of the device.",
            field="occurred_at",
        )


def _changes(
    db: Connection, settings: Settings, case: Row[Any], step: Transition, wanted: Move, occurred_at: datetime
) -> dict[str, Any]:
    """Columns of the case that this move changes, the stage's clock among them."""
    changes: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("unit_id", "handler_id", "inspector_id", "class_code", "condition_id")
        if getattr(wanted, name) is not None
    }
    if changes.keys() & {"class_code", "condition_id"}:
        changes |= _classified(db, settings, occurred_at, changes)
    if step.move == "file" and not (changes.get("condition_id") or case.condition_id):
        raise InvalidInput(
            "A case is filed under a filing condition.", "Choose class and condition.", field="condition_id"
        )
    if step.move in {"dispatch", "redispatch"} and changes.get("unit_id") == case.unit_id:
        changes.pop("unit_id")
    if step.target == "filed" and step.move == "return_order":
        changes["handler_id"] = None
    if step.move == "rework":
        changes["rework_count"] = case.rework_count + 1
    if step.target in FINAL:
        changes["closed_at"] = occurred_at
    return changes | _stage_changes(db, settings, case, step, changes, occurred_at)


def _classified(
    db: Connection, settings: Settings, occurred_at: datetime, changes: Mapping[str, Any]
) -> dict[str, Any]:
    day = occurred_at.astimezone(settings.time_zone).date()
    condition = policy.condition(db, day, changes.get("condition_id"), changes.get("class_code"))
    assert condition is not None
    calendar = policy.calendar(db, settings.time_zone)
    return {
        "class_code": condition.class_code,
        "condition_id": condition.id,
        "due_at": deadlines.due_at(occurred_at, condition.limit, calendar),
    }


def _stage_changes(
    db: Connection,
    settings: Settings,
    case: Row[Any],
    step: Transition,
    changes: Mapping[str, Any],
    occurred_at: datetime,
) -> dict[str, Any]:
    """A new stage starts a new clock; so do another unit (redispatch) and rework. A final state has none."""
    stage = STAGE_OF.get(step.target)
    if stage is None:
        return {"stage": None, "stage_started_at": None, "stage_warn_at": None, "stage_due_at": None}
    if stage == case.stage and step.move != "redispatch":
        return {}
    limit = _limit(db, stage, changes.get("condition_id") or case.condition_id)
    calendar = policy.calendar(db, settings.time_zone, limit)
    clock = deadlines.clock(occurred_at, limit, calendar)
    values = _clock_columns(stage, clock) | {"_limit": limit}
    return values | ({"due_at": clock.due_at} if stage == "handling" else {})


def _limit(db: Connection, stage: str, condition_id: int | None) -> Limit:
    if stage != "handling":
        return policy.stage_limits()[stage]
    limit = policy.limit_of(db, condition_id)
    if limit is None:
        raise InvalidInput("The case has no filing condition, so no time limit.", "Choose class and condition first.")
    return limit


def _clock_columns(stage: str, clock: Clock) -> dict[str, Any]:
    return {
        "stage": stage,
        "stage_started_at": clock.started_at,
        "stage_warn_at": clock.warn_at,
        "stage_due_at": clock.due_at,
    }


def _update(db: Connection, case: Row[Any], step: Transition, changes: Mapping[str, Any]) -> int:
    columns = {name: value for name, value in changes.items() if not name.startswith("_")}
    case_table = tables.cases
    version = db.execute(
        case_table.update()
        .where(case_table.c.id == case.id, case_table.c.state == step.source, case_table.c.version == case.version)
        .values(state=step.target, version=case.version + 1, **columns)
        .returning(case_table.c.version)
    ).scalar()
    if version is None:
        raise stale(db, case.id)
    return int(version)


def _distance(db: Connection, case_id: int, point: tuple[float, float] | None) -> float | None:
    """Metres between the case and where the actor stood; None where either is unknown (D9)."""
    if point is None:
        return None
    distance = db.execute(
        text(
            "select st_distance(geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography)"
            " from dispatch.cases where id = :id"
        ),
        {"id": case_id, "lon": point[0], "lat": point[1]},
    ).scalar()
    return None if distance is None else round(float(distance), 1)


def _append_history(
    db: Connection,
    case: Row[Any],
    step: Transition,
    wanted: Move,
    actor: Actor,
    changes: Mapping[str, Any],
    point: tuple[float, float] | None,
    distance_m: float | None,
    occurred_at: datetime,
    now: datetime,
    trace_id: str,
) -> None:
    shown = {name: value for name, value in changes.items() if not name.startswith(("_", "stage"))}
    values = {
        "case_id": case.id,
        "move": step.move,
        "source": step.source,
        "target": step.target,
        "account_id": actor.account_id,
        "post": actor.post_for(step.permission),
        "unit_id": changes.get("unit_id", case.unit_id),
        "note": wanted.note,
        "before": json.dumps({name: getattr(case, name) for name in shown}, default=str),
        "after": json.dumps(shown, default=str),
        "lon": point[0] if point else None,
        "lat": point[1] if point else None,
        "raw_position": json.dumps(asdict(wanted.position)) if wanted.position else None,
        "distance_m": distance_m,
        "occurred_at": occurred_at,
        "now": now,
        "trace_id": trace_id,
    }
    try:
        db.execute(named_sql("dispatch", "append_history"), values)
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) == DUTIES_APART_STATE:
            raise SeparationOfDuties(rights.DUTIES_APART) from error
        raise


def _keep_clock(
    db: Connection, case: Row[Any], step: Transition, changes: Mapping[str, Any], occurred_at: datetime
) -> None:
    """Stop the running clock and start the next, when the stage changes."""
    if "stage" not in changes:
        return
    db.execute(
        text("update dispatch.clock set stopped_at = :at where case_id = :id and stopped_at is null"),
        {"at": occurred_at, "id": case.id},
    )
    if step.target in FINAL:
        return
    limit: Limit = changes["_limit"]
    db.execute(
        text(
            "insert into dispatch.clock (case_id, stage, limit_kind, limit_amount, unit_id, started_at, warn_at, due_at)"
            " values (:id, :stage, :kind, :amount, :unit, :started, :warn, :due)"
        ),
        {
            "id": case.id,
            "stage": changes["stage"],
            "kind": limit.kind,
            "amount": limit.amount,
            "unit": changes.get("unit_id", case.unit_id),
            "started": changes["stage_started_at"],
            "warn": changes["stage_warn_at"],
            "due": changes["stage_due_at"],
        },
    )


def _keep_tasks(
    db: Connection, case: Row[Any], step: Transition, wanted: Move, changes: Mapping[str, Any], occurred_at: datetime
) -> None:
    """Open the inspector's task that the move asks for; end the one it answers."""
    if step.own == "task":
        db.execute(
            text("update dispatch.task set done_at = :at, result = :result where case_id = :id and done_at is null"),
            {"at": occurred_at, "result": step.move, "id": case.id},
        )
    if step.opens_task:
        db.execute(
            text(
                "insert into dispatch.task (case_id, kind, inspector_id, created_at, due_at)"
                " values (:id, :kind, :inspector, :at, :due)"
            ),
            {
                "id": case.id,
                "kind": step.opens_task,
                "inspector": wanted.inspector_id or case.inspector_id,
                "at": occurred_at,
                "due": changes["stage_due_at"],
            },
        )


def _tell(
    db: Connection, case: Row[Any], step: Transition, changes: Mapping[str, Any], occurred_at: datetime, trace_id: str
) -> None:
    """Put the move on the event log (notices are written from there after commit) and on the open screens."""
    if "unit_id" in changes:
        _record_correction(db, case, changes["unit_id"], trace_id)
    payload = {"case_id": case.id, "move": step.move, "from": step.source, "to": step.target}
    events.append(db, "case.moved", f"case:{case.id}", payload, trace_id, occurred_at)
    events.notify_live(db, "case", {"id": case.id})


def _record_correction(db: Connection, case: Row[Any], unit_id: int, trace_id: str) -> None:
    """A person chose another unit than the rules did: kept beside the rules' decision, to be learnt from (D4)."""
    db.execute(
        text(
            "insert into dispatch.routing_decision (case_id, unit_id, rule_id, reason, facts, considered, trace_id)"
            " values (:case, :unit, null, 'person', cast(:facts as jsonb), '[]', :trace)"
        ),
        {"case": case.id, "unit": unit_id, "facts": json.dumps({"instead_of": case.unit_id}), "trace": trace_id},
    )
