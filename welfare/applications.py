"""Applications: made at the community, moved along the procedure, decided with written reasons, granted once (W2, W7, W17).

One move, one transaction, one row of history. The update is guarded by state and version. What a person applies for or
receives is a claim, and the database holds one claim a person and programme at a time, whoever enters it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, text
from sqlalchemy.exc import IntegrityError

from config.errors import DuplicateAid, IllegalMove, InvalidInput, NotFound, NotPermitted, SeparationOfDuties, StaleCase
from config.settings import Settings
from gis import events
from gis.actors import Actor
from welfare import assessments, clocks, households, tables
from welfare.assessment import Assessment, reasons, trace
from welfare.clocks import Stage
from welfare.households import Record
from welfare.procedure import FINAL, Transition, check_fields, transition

ONCE_LASTS = timedelta(days=365)
"""Aid paid once is not paid again within a year."""

EXCLUDED = "23P01"
"""PostgreSQL's code for a row that an exclusion constraint refuses."""


@dataclass(frozen=True)
class NewApplication:
    """What the community enters. `authorised`: every adult member has signed that income and property may be verified."""

    household_id: int
    programme: str
    applicant_id: int
    authorised: bool
    note: str = ""


@dataclass(frozen=True)
class Move:
    """What somebody wants to do with an application; `version` is the one they saw."""

    move: str
    version: int
    note: str = ""
    visitors: Sequence[str] = field(default=())

    @property
    def fields(self) -> dict[str, object]:
        """The values as the procedure checks them."""
        return {"note": self.note.strip(), "visitors": [name.strip() for name in self.visitors if name.strip()]}


def apply(
    db: Connection, settings: Settings, new: NewApplication, *, actor: Actor, now: datetime, trace_id: str
) -> int:
    """Enter an application; returns its id. The right to apply does not depend on the assessment, which is kept beside it.

    Raises DuplicateAid where a member applies for or receives the programme already, InvalidInput without signatures.
    """
    actor.must("aid.accept")
    if not new.authorised:
        raise InvalidInput(
            "Income and property may only be verified when every adult member has signed.", "Let everybody sign first.",
            field="authorised",
        )  # fmt: skip
    day = _day(settings, now)
    record = households.read(db, new.household_id, day)
    if new.applicant_id not in {member.person_id for member in record.members}:
        raise InvalidInput("The applicant is not a member of this household.", field="applicant_id")
    policy, found = assessments.of_record(db, record, day)
    assessment = _of_programme(found, new.programme)
    if assessment.blocked_by:
        raise DuplicateAid(
            "The household receives '{other}', which excludes this programme.", other=assessment.blocked_by
        )
    assessment_id = assessments.keep(db, record, policy, assessment, actor)
    stage = clocks.first(db, settings.time_zone, "submitted", now)
    values = {
        "area_code": record.household.area_code, "household_id": record.id, "programme_code": new.programme,
        "applicant_id": new.applicant_id, "state": "submitted", "applied_at": now, "stage_started_at": stage.started_at,
        "stage_due_at": stage.due_at, "amount": assessment.amount, "trace_id": trace_id,
    }  # fmt: skip
    application_id = int(
        db.execute(insert(tables.application).values(**values).returning(tables.application.c.id)).scalar_one()
    )
    _claim(db, record, new.programme, application_id, day)
    row = _application(db, application_id)
    _remember(db, row, ("apply", "none", "submitted"), actor, "aid.accept", now, new.note, {}, assessment_id, None)
    return application_id


def move(db: Connection, settings: Settings, application_id: int, wanted: Move, *, actor: Actor, now: datetime) -> str:
    """Make one move; returns the new state.

    Raises IllegalMove, InvalidInput, NotPermitted, SeparationOfDuties, StaleCase or NotFound. Whoever handled an application
    at a level below does not decide it.
    """
    row = _application(db, application_id)
    if row.version != wanted.version:
        raise _stale(db, application_id)
    step = transition(row.state, wanted.move)
    if not actor.may(step.permission):
        raise NotPermitted("None of your posts allows '{permission}'.", permission=step.permission)
    _keep_apart(db, row, step, actor)
    check_fields(step, wanted.fields)
    if step.after_notice and now < row.notice_until:
        raise IllegalMove(
            "The notice stands until {until}.", "Wait until then; objections come in meanwhile.", until=row.notice_until
        )
    assessment_id, details = _decision(db, settings, row, step, actor, now)
    standing = Stage(row.stage_started_at, row.stage_due_at, float(row.stage_used))
    stage = clocks.following(db, settings.time_zone, step, standing, now)
    in_time = None if row.stage_due_at is None else now <= row.stage_due_at
    _update(db, settings, row, step, stage, details.get("amount"), now)
    if step.target in FINAL:
        _settle(db, row, step, details, _day(settings, now))
    if wanted.fields["visitors"]:
        details |= {"visitors": wanted.fields["visitors"]}
    change = (step.move, step.source, step.target)
    _remember(db, row, change, actor, step.permission, now, wanted.note.strip(), details, assessment_id, in_time)
    return step.target


def _decision(
    db: Connection, settings: Settings, row: Row[Any], step: Transition, actor: Actor, now: datetime
) -> tuple[int | None, dict[str, Any]]:
    """For a move that decides: the facts are assessed again, and the clauses with their figures go into the history."""
    if step.move not in ("approve", "refuse"):
        return None, {}
    day = _day(settings, now)
    record = households.read(db, row.household_id, day)
    policy, found = assessments.of_record(db, record, day)
    assessment = _of_programme(found, row.programme_code)
    because = reasons(trace(assessment.finding))
    if step.move == "approve" and (
        assessment.qualifies is not True or assessment.blocked_by or assessment.amount is None
    ):
        raise InvalidInput(
            "By the facts on record the household does not qualify today.",
            "See the assessment: state the missing facts, correct them, or refuse with the reason.",
            outcome=assessment.outcome, reasons=because,
        )  # fmt: skip
    details: dict[str, Any] = {"outcome": assessment.outcome, "reasons": because}
    if step.move == "refuse" and assessment.qualifies:
        details |= {"against_assessment": True, "reasons": []}  # what speaks for it is no reason to refuse
    if step.move == "approve":
        details |= {"amount": assessment.amount, "every": assessment.every}
    return assessments.keep(db, record, policy, assessment, actor), details


def _settle(db: Connection, row: Row[Any], step: Transition, details: dict[str, Any], day: date) -> None:
    """What the end of an application leaves: a grant, or claims that are free again."""
    until: date | None = day
    if step.target == "approved":
        until = day + ONCE_LASTS if details["every"] == "once" else None
        values = {
            "area_code": row.area_code, "household_id": row.household_id, "programme_code": row.programme_code,
            "application_id": row.id, "amount": details["amount"], "every": details["every"], "since": day, "until": until,
        }  # fmt: skip
        db.execute(insert(tables.grants).values(**values))
    db.execute(
        text("update welfare.claim set until = :until where application_id = :id and until is null"),
        {"id": row.id, "until": until},
    )


def _claim(db: Connection, record: Record, programme: str, application_id: int, day: date) -> None:
    """One claim for every member. Raises DuplicateAid where the database holds one already (W7)."""
    rows = [
        {"area_code": record.household.area_code, "programme_code": programme, "person_id": member.person_id,
         "household_id": record.id, "application_id": application_id, "since": day}
        for member in record.members
    ]  # fmt: skip
    try:
        with db.begin_nested():
            db.execute(insert(tables.claim), rows)
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", "") != EXCLUDED:
            raise
        raise DuplicateAid(
            "A member of this household applies for or receives this programme already.",
            "Look at the household's applications and grants, and go on with what exists.",
        ) from error


def _update(
    db: Connection,
    settings: Settings,
    row: Row[Any],
    step: Transition,
    stage: Stage,
    amount: float | None,
    now: datetime,
) -> None:
    """The guarded update. Raises StaleCase when somebody was faster."""
    notice = clocks.notice_end(db, settings.time_zone, now) if step.target == "notice" else row.notice_until
    values = {
        "id": row.id, "source": step.source, "version": row.version, "target": step.target, "started": stage.started_at,
        "due": stage.due_at, "used": stage.used, "notice": notice, "decided": now if step.target in FINAL else None,
        "amount": amount,
    }  # fmt: skip
    if db.execute(_MOVE, values).rowcount == 0:
        raise _stale(db, row.id)


def _remember(
    db: Connection,
    row: Row[Any],
    change: tuple[str, str, str],
    actor: Actor,
    permission: str,
    now: datetime,
    note: str,
    details: dict[str, Any],
    assessment_id: int | None,
    in_time: bool | None,
) -> None:
    """The row of history, and the event for whoever acts on it: numbers and states, no person."""
    values = {
        "area_code": row.area_code, "application_id": row.id, "move": change[0], "from_state": change[1],
        "to_state": change[2], "note": note, "details": details, "assessment_id": assessment_id,
        "account_id": actor.account_id, "post": actor.post_for(permission) or "", "in_time": in_time,
        "occurred_at": now, "trace_id": row.trace_id,
    }  # fmt: skip
    db.execute(insert(tables.application_event).values(**values))
    payload = {"application_id": row.id, "move": change[0], "state": change[2], "area_code": row.area_code}
    events.append(db, "application.moved", f"application:{row.id}", payload, row.trace_id, now)


def _keep_apart(db: Connection, row: Row[Any], step: Transition, actor: Actor) -> None:
    """Four eyes: the decision at the district is not made by somebody who brought the application there."""
    if step.source != "deciding":
        return
    below = db.execute(
        text(
            "select exists (select from welfare.application_event"
            " where application_id = :id and account_id = :account and from_state <> 'deciding')"
        ),
        {"id": row.id, "account": actor.account_id},
    ).scalar_one()
    if below:
        raise SeparationOfDuties(
            "Whoever handled an application at a level below does not decide it.",
            "A colleague at the district must decide.",
        )


def _application(db: Connection, application_id: int) -> Row[Any]:
    row = db.execute(text("select * from welfare.application where id = :id"), {"id": application_id}).first()
    if row is None:
        raise NotFound("There is no application {application}, or not in your area.", application=application_id)
    return row


def _of_programme(found: dict[str, Assessment], code: str) -> Assessment:
    if code not in found:
        raise NotFound("There is no programme '{programme}' in force.", "Choose one of the list.", programme=code)
    return found[code]


def _stale(db: Connection, application_id: int) -> StaleCase:
    row = db.execute(_LAST, {"id": application_id}).one()
    return StaleCase(
        "The application has been moved meanwhile: '{move}' by {who} at {when}.", "Look at it as it stands now and decide again.",
        move=row.move, who=row.name, when=row.occurred_at,
    )  # fmt: skip


def _day(settings: Settings, now: datetime) -> date:
    """The city's day."""
    return now.astimezone(settings.time_zone).date()


_MOVE = text("""
    update welfare.application
    set state = :target, version = version + 1, stage_started_at = :started, stage_due_at = :due, stage_used = :used,
        notice_until = :notice, decided_at = :decided, amount = coalesce(:amount, amount)
    where id = :id and state = :source and version = :version
""")
_LAST = text("""
    select e.move, e.occurred_at, a.name from welfare.application_event e join gis.account a on a.id = e.account_id
    where e.application_id = :id order by e.id desc limit 1
""")
