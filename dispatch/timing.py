"""Which clock begins with a move, read from what the case, its condition and its requests say (D5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text

from config.errors import InvalidInput
from dispatch import clocks, policy
from dispatch.calendars.working import Calendar
from dispatch.clocks import Next, Run
from dispatch.deadlines import Limit
from dispatch.steps import Step
from dispatch.workflow import STAGE_OF

NO_CLOCK: dict[str, None] = {"stage_started_at": None, "stage_warn_at": None, "stage_due_at": None}


def clock_that_begins(step: Step, columns: Mapping[str, Any]) -> Next | None:
    """The next run of a clock; None where the running one goes on, is paused or ends."""
    behaviour = step.transition.clock
    if behaviour in ("start", "restart"):
        stage = STAGE_OF[step.transition.target]
        limit = _limit(step, stage, columns)
        return clocks.start(stage, limit, step.occurred_at, step.calendar(limit))
    if behaviour == "resume":
        run = _last_run(step)
        return clocks.resume(run, step.occurred_at, _calendar_then(step, run), step.calendar(run.limit))
    if behaviour == "extend":
        run = _last_run(step)
        original = _limit(step, run.stage, columns)
        then, now = _calendar_then(step, run), step.calendar(run.limit)
        return clocks.extend(run, original, _asked(step).share, step.occurred_at, then, now)
    return None


def columns(step: Step, clock: Next | None) -> dict[str, Any]:
    """What the case itself shows of its clock."""
    if step.transition.clock == "stop":
        return {"stage": None, **NO_CLOCK}
    if step.transition.clock == "pause":
        return {"resume_at": _asked(step).until, "due_at": None, **NO_CLOCK}
    if clock is None:
        return {}
    shown = {
        "stage": clock.stage,
        "stage_started_at": clock.clock.started_at,
        "stage_warn_at": clock.clock.warn_at,
        "stage_due_at": clock.clock.due_at,
    }
    return shown | ({"due_at": clock.clock.due_at} if clock.stage == "handling" else {})


def _limit(step: Step, stage: str, columns: Mapping[str, Any]) -> Limit:
    """The limit of a whole stage: the centre's own, or that of the case's filing condition."""
    if stage != "handling":
        return policy.stage_limits()[stage]
    limit = policy.limit_of(step.db, columns.get("condition_id", step.case.condition_id))
    if limit is None:
        raise InvalidInput("The case has no filing condition, so no time limit.", "Choose class and condition first.")
    return limit


def _last_run(step: Step) -> Run:
    row = step.db.execute(
        text(
            "select id, stage, limit_kind, limit_amount, started_at, stopped_at, calendar_edition_id from dispatch.clock"
            " where case_id = :id order by id desc limit 1"
        ),
        {"id": step.case.id},
    ).one()
    limit = Limit(row.limit_kind, row.limit_amount)
    return Run(row.id, row.stage, limit, row.started_at, row.stopped_at, row.calendar_edition_id)


def _calendar_then(step: Step, run: Run) -> Calendar:
    """The calendar that a run began with: later changes do not touch what it has used."""
    return step.calendar(run.limit, edition=run.edition)


def _asked(step: Step) -> Row[Any]:
    """The open request that the move grants."""
    return step.db.execute(
        text("select share, until from dispatch.request where case_id = :id and kind = :kind and answered_at is null"),
        {"id": step.case.id, "kind": step.transition.answers},
    ).one()
