"""Aid: desks at three levels, households opened for a purpose, applications and their moves (W2, W3, W7, W9)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.aid_forms import ApplicationIn, FactsIn, HouseholdIn, MoveIn, PurposeIn
from api.auth import Call, permit
from api.idempotency import once
from config.i18n import gettext
from gis import keyring
from welfare import access, applications, assessments, catalogue, households, listing
from welfare.assessment import OUTCOMES, Assessment, reasons, trace
from welfare.households import Record

router = APIRouter(prefix="/api/aid")

Id = Annotated[int, Path(ge=1, lt=1 << 62)]
Optional = Annotated[int | None, Query(ge=1, lt=1 << 62)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


@router.get("/desk")
def desk(call: Annotated[Call, permit("aid.list")]) -> JSONResponse:
    """The caller's area, the applications on the caller's desk, and all open and newly decided ones of the area."""
    reach = access.enter(call.db, call.caller)
    own = listing.applications(call.db, call.caller, reach, now=call.now, own=True)
    everything = listing.applications(call.db, call.caller, reach, now=call.now, open_only=False)
    body = {"reach": vars(reach), "counts": listing.counts(call.db, reach, call.now), "own": own, "all": everything}
    return JSONResponse(jsonable_encoder(body))


@router.get("/catalogue")
def words(call: Annotated[Call, permit("aid.list")]) -> JSONResponse:
    """Programmes in force, facts that can be stated, purposes and relations, in the caller's language."""
    return JSONResponse(jsonable_encoder(catalogue.catalogue(call.db, _today(call), call.locale)))


@router.get("/households")
def find(call: Annotated[Call, permit("aid.list")], q: Annotated[str, Query(max_length=100)] = "") -> JSONResponse:
    """Households of the area by a member's name, the address or a whole ID number; names masked."""
    access.enter(call.db, call.caller)
    ring = keyring.ring(call.db, call.settings)
    return JSONResponse(jsonable_encoder(households.find(call.db, q, ring)))


@router.post("/households")
def register(body: HouseholdIn, call: Annotated[Call, permit("household.enter")], key: Key = None) -> JSONResponse:
    """Enter a household with its members and facts. The answer tells its id, and doubts about ID numbers."""
    access.enter(call.db, call.caller)
    ring = keyring.ring(call.db, call.settings)

    def work() -> tuple[int, Any]:
        id, doubts = households.register(call.db, ring, body.wanted(), day=_today(call), actor=call.caller)
        return 201, {"id": id, "doubts": doubts}

    # The content is remembered by the numbers' blind indexes: a plain hash of an ID number can be tried out.
    people = [ring.newest.index(person.id_number or "").hex() for person in body.people]
    status, answer = once(call, key, [people, body.area_code, body.address, body.facts], work)
    return JSONResponse(answer, status)


@router.post("/households/{household_id}/open")
def open_household(household_id: Id, body: PurposeIn, call: Annotated[Call, permit("household.open")]) -> JSONResponse:
    """A household's record with every programme assessed. Who asked, when and for what is written down."""
    access.enter(call.db, call.caller)
    purpose = access.purpose_of(body.purpose, body.reason)
    record = households.open_record(call.db, call.caller, household_id, purpose, call.trace_id, _today(call))
    return JSONResponse(jsonable_encoder(_record(call, record)))


@router.post("/people/{person_id}/id-number")
def id_number(person_id: Id, body: PurposeIn, call: Annotated[Call, permit("id_number.see")]) -> JSONResponse:
    """The whole ID number of one person; that it was seen is written down."""
    access.enter(call.db, call.caller)
    purpose = access.purpose_of(body.purpose, body.reason)
    ring = keyring.ring(call.db, call.settings)
    number = households.id_number(call.db, ring, call.caller, person_id, purpose, call.trace_id)
    return JSONResponse({"id_number": number})


@router.post("/households/{household_id}/facts")
def state_facts(household_id: Id, body: FactsIn, call: Annotated[Call, permit("household.enter")]) -> JSONResponse:
    """State facts of a household or one of its members from today on, with their source."""
    access.enter(call.db, call.caller)
    record = households.read(call.db, household_id, _today(call))
    households.state_facts(
        call.db, record.household.area_code, household_id, body.of_member(record), _today(call), body.source,
        person_id=body.person_id, actor=call.caller,
    )  # fmt: skip
    return JSONResponse({"stated": sorted(body.facts)}, 201)


@router.post("/applications")
def apply(body: ApplicationIn, call: Annotated[Call, permit("aid.accept")], key: Key = None) -> JSONResponse:
    """Enter an application; the answer is the application as the desk sees it."""
    access.enter(call.db, call.caller)

    def work() -> tuple[int, Any]:
        id = applications.apply(
            call.db, call.settings, body.wanted(), actor=call.caller, now=call.now, trace_id=call.trace_id
        )
        return 201, {"id": id}

    status, answer = once(call, key, body.model_dump(mode="json"), work)
    return JSONResponse(jsonable_encoder(listing.application(call.db, call.caller, answer["id"], now=call.now)), status)


@router.get("/applications/{application_id}")
def application(application_id: Id, call: Annotated[Call, permit("aid.list")]) -> JSONResponse:
    """One application: history, reasons, possible moves."""
    access.enter(call.db, call.caller)
    return JSONResponse(jsonable_encoder(listing.application(call.db, call.caller, application_id, now=call.now)))


@router.post("/applications/{application_id}/moves")
def move(application_id: Id, body: MoveIn, call: Annotated[Call, permit("aid.list")], key: Key = None) -> JSONResponse:
    """Move an application along the procedure; the answer is the application as it stands then."""
    access.enter(call.db, call.caller)

    def work() -> tuple[int, Any]:
        state = applications.move(
            call.db, call.settings, application_id, body.wanted(), actor=call.caller, now=call.now
        )
        return 200, {"state": state}

    status, _ = once(call, key, [application_id, body.model_dump(mode="json")], work)
    return JSONResponse(
        jsonable_encoder(listing.application(call.db, call.caller, application_id, now=call.now)), status
    )


@router.get("/access")
def access_log(
    call: Annotated[Call, permit("aid.audit")], household_id: Optional = None, before: Optional = None
) -> JSONResponse:
    """Who opened whose record, when and for what, in the auditor's area."""
    access.enter(call.db, call.caller)
    say = gettext(call.locale)
    purposes = {name: say(words) for name, words in access.PURPOSES.items()}
    entries = access.entries(call.db, household_id=household_id, before=before)
    return JSONResponse(jsonable_encoder({"purposes": purposes, "entries": entries}))


def _record(call: Call, record: Record) -> dict[str, Any]:
    ring = keyring.ring(call.db, call.settings)
    day = _today(call)
    _, found = assessments.of_record(call.db, record, day)
    facts = {member.person_id: member.facts for member in record.view.members}
    people = [households.shown(member, ring, day) | {"facts": facts[member.person_id]} for member in record.members]
    return {
        "household": dict(record.household._mapping),
        "facts": record.view.facts,
        "members": people,
        "assessments": [_assessed(each, call.locale) for each in found.values()],
    }


def _assessed(found: Assessment, locale: str) -> dict[str, Any]:
    because = [listing.reason_text(reason, locale) for reason in reasons(trace(found.finding))]
    clauses = [listing.reason_text(trace(atom) | {"result": atom.result}, locale) for atom in found.finding.atoms()]
    return {
        "programme": found.programme, "outcome": found.outcome, "outcome_name": listing.named(OUTCOMES, found.outcome, locale),
        "qualifies": found.qualifies, "amount": found.amount, "every": found.every, "blocked_by": found.blocked_by,
        "missing": sorted(found.finding.missing), "reasons": because, "clauses": clauses,
    }  # fmt: skip


def _today(call: Call) -> date:
    """The city's day."""
    return call.now.astimezone(call.settings.time_zone).date()
