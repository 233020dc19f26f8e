"""What a move leaves behind: a row of history, clocks, tasks, reasons, the event that others act on (rule 4)."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from config.errors import SeparationOfDuties
from dispatch import assistance, levels, reach, requests, rights
from dispatch.outcome import Outcome
from dispatch.reports import routing_alarm
from dispatch.steps import Step
from dispatch.workflow import STAGE_OF
from gis import events
from gis.db import named_sql

DUTIES_APART_STATE = "23C01"
"""SQLSTATE with which the database refuses two duties of one account on one case (C1)."""

ON_SITE_STAGES = ("verification", "check")


def leave(step: Step, outcome: Outcome) -> None:
    """Write all of it, in the transaction of the move."""
    _append_history(step, outcome)
    _keep_clock(step, outcome)
    _keep_tasks(step, outcome)
    _keep_reason(step, outcome)
    requests.keep(step)
    assistance.keep(step)
    levels.keep(step, outcome.columns)
    transition = step.transition
    payload = {"case_id": step.case.id, "move": transition.move, "from": transition.source, "to": transition.target}
    events.append(step.db, "case.moved", f"case:{step.case.id}", payload, step.trace_id, step.occurred_at)
    class_code = outcome.columns.get("class_code", step.case.class_code)
    routing_alarm(step.db, step.case.id, class_code, outcome.decision, step.trace_id, step.occurred_at)
    events.notify_live(step.db, "case", {"id": step.case.id})


def _append_history(step: Step, outcome: Outcome) -> None:
    shown = {name: value for name, value in outcome.columns.items() if name != "geom" and not name.startswith("stage")}
    before = {name: getattr(step.case, name) for name in shown}
    if step.wanted.place is not None:
        before |= {"lon": step.case.lon, "lat": step.case.lat}
        shown |= dict(zip(("lon", "lat"), step.wanted.place.wgs84(), strict=True))
    values = {
        "case_id": step.case.id,
        "move": step.transition.move,
        "source": step.transition.source,
        "target": step.transition.target,
        "account_id": step.account_id,
        "post": step.post,
        "unit_id": outcome.columns.get("unit_id", step.case.unit_id),
        "note": step.wanted.note,
        "before": json.dumps(before, default=str),
        "after": json.dumps(shown, default=str),
        "lon": step.point[0] if step.point else None,
        "lat": step.point[1] if step.point else None,
        "raw_position": json.dumps(asdict(step.wanted.position)) if step.wanted.position else None,
        "distance_m": step.distance_m,
        "occurred_at": step.occurred_at,
        "now": step.now,
        "trace_id": step.trace_id,
    }
    try:
        step.db.execute(named_sql("dispatch", "append_history"), values)
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) == DUTIES_APART_STATE:
            raise SeparationOfDuties(rights.DUTIES_APART) from error
        raise


def _keep_clock(step: Step, outcome: Outcome) -> None:
    """Stop the running clock where the next one begins, where it pauses and where the case ends."""
    if step.transition.clock == "keep":
        return
    step.db.execute(
        text("update dispatch.clock set stopped_at = :at where case_id = :id and stopped_at is null"),
        {"at": step.occurred_at, "id": step.case.id},
    )
    begins = outcome.clock
    if begins is None:
        return
    step.db.execute(
        text(
            "insert into dispatch.clock"
            " (case_id, stage, limit_kind, limit_amount, unit_id, started_at, warn_at, due_at, continues_id, centre_id,"
            "  provisional, calendar_edition_id)"
            " values (:id, :stage, :kind, :amount, :unit, :started, :warn, :due, :continues, :centre, :provisional, :edition)"
        ),
        {
            "id": step.case.id,
            "stage": begins.stage,
            "kind": begins.limit.kind,
            "amount": begins.limit.amount,
            "unit": outcome.columns.get("unit_id", step.case.unit_id),
            "started": begins.clock.started_at,
            "warn": begins.clock.warn_at,
            "due": begins.clock.due_at,
            "continues": begins.continues_id,
            "provisional": begins.clock.provisional,
            "edition": begins.clock.edition,
            "centre": reach.centre_of_clock(step.case, step.transition, outcome.columns),
        },
    )


def _keep_tasks(step: Step, outcome: Outcome) -> None:
    """End the inspector's task that is answered or given to somebody else; open the one that the move asks for."""
    transition = step.transition
    leaves = STAGE_OF.get(transition.source) in ON_SITE_STAGES and transition.clock in ("start", "stop")
    if leaves or transition.opens_task:
        answered = step.account_id if transition.own == "task" else None
        step.db.execute(
            text(
                "update dispatch.task set done_at = :at, result = :result, inspector_id = coalesce(:answered, inspector_id)"
                " where case_id = :id and done_at is null"
            ),
            {"at": step.occurred_at, "result": transition.move, "answered": answered, "id": step.case.id},
        )
    if transition.opens_task:
        step.db.execute(
            text(
                "insert into dispatch.task (case_id, kind, inspector_id, created_at, due_at)"
                " values (:id, :kind, :inspector, :at, :due)"
            ),
            {
                "id": step.case.id,
                "kind": transition.opens_task,
                "inspector": step.wanted.inspector_id or step.case.active_inspector_id,
                "at": step.occurred_at,
                "due": outcome.columns.get("stage_due_at", step.case.stage_due_at),
            },
        )


def _keep_reason(step: Step, outcome: Outcome) -> None:
    """Why the unit changed: the rules asked again after a new class, or a person who knew better, to be learnt from (D4)."""
    decision = outcome.decision
    if decision is None and "unit_id" not in outcome.columns:
        return
    facts = decision.facts if decision else {"instead_of": step.case.unit_id, "note": step.wanted.note}
    step.db.execute(
        text(
            "insert into dispatch.routing_decision (case_id, unit_id, rule_id, set_id, reason, facts, considered, account_id,"
            " trace_id) values (:case, :unit, :rule, :set, :reason, cast(:facts as jsonb), cast(:considered as jsonb),"
            " :account, :trace)"
        ),
        {
            "case": step.case.id,
            "unit": decision.unit_id if decision else outcome.columns["unit_id"],
            "rule": decision.rule_id if decision else None,
            "set": decision.set_id if decision else None,
            "reason": decision.reason if decision else "person",
            "facts": json.dumps(facts, ensure_ascii=False),
            "considered": json.dumps(decision.considered if decision else [], ensure_ascii=False),
            "account": None if decision else step.account_id,
            "trace": step.trace_id,
        },
    )
