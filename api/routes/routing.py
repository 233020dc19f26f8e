"""Routing rules for whoever keeps them: sets, rules, approval, who would get what, dry runs, gaps, proposals, weather flags (D4)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from api.routes.routing_forms import AnswerIn, RuleIn
from api.values import Id, zoned
from config.errors import InvalidInput, NotPermitted
from config.i18n import gettext
from dispatch.routing import corrections, editing, explaining, ground, reading, sets, store, studies, words

router = APIRouter(prefix="/api/routing")

RECENT = timedelta(days=90)
"""Uses and corrections of rules are counted over so long a time."""

Why = Annotated[str, Field(max_length=2000)]
SetId = Annotated[Id, Path(description="a set of rules")]


class Reason(BaseModel):
    """Why something is done."""

    model_config = ConfigDict(extra="forbid")
    why: Why = ""


class DraftIn(Reason):
    """A new draft: of which set it is a copy; of the one in force unless told."""

    based_on: Id | None = None


class Approval(Reason):
    """From when the rules hold; at once unless told."""

    valid_from: datetime | None = None


class StudyIn(BaseModel):
    """A dry run over a period against another set (the one in force unless told), or the finder of gaps."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["dry_run", "gaps"]
    since: datetime | None = None
    until: datetime | None = None
    against: Id | None = None


class WeatherIn(BaseModel):
    """Flags that are up, each with the moment at which it goes down by itself, or null. Without a zone it is the city's time."""

    model_config = ConfigDict(extra="forbid")
    flags: dict[str, datetime | None]


@router.get("")
def overview(call: Annotated[Call, permit("routing.see")]) -> JSONResponse:
    """All sets of rules, weather flags, words for the forms, and open cases for which no rule fits."""
    say = gettext(call.locale)
    flags = _weather(call)
    lost = call.db.execute(
        text(
            "select c.id, c.number, c.title, c.class_code from dispatch.seen_case c join gis.unit u on u.id = c.unit_id and u.fallback"
            " where c.state in ('reported', 'accepted', 'verifying', 'not_found', 'verified', 'filed') and c.class_code is not null"
            " order by c.id desc limit 50"
        )
    ).mappings()
    vocabulary = {
        "conditions": words.CONDITION_NAMES,
        "targets": words.TARGET_NAMES,
        "weather": words.WEATHER,
        "sources": words.SOURCE_NAMES,
        "priorities": words.PRIORITY_NAMES,
        "days": words.DAYS,
    }
    return JSONResponse(
        jsonable_encoder(
            {
                "sets": reading.overview(call.db, call.locale, call.now),
                "weather": flags,
                "unrouted": [dict(row) for row in lost],
                "words": {name: {key: say(each) for key, each in given.items()} for name, given in vocabulary.items()},
                "weekdays": [say(day) for day in words.WEEKDAYS],
                "may": {"keep": call.caller.may("routing.keep"), "approve": call.caller.may("routing.approve")},
            }
        )
    )


@router.get("/choices")
def choices(call: Annotated[Call, permit("routing.see")]) -> JSONResponse:
    """What conditions are chosen from: areas, units, kinds of assets that the city has, their owners."""
    return JSONResponse(jsonable_encoder(reading.choices(call.db, call.locale)))


@router.get("/sets/{set_id}")
def one_set(set_id: SetId, call: Annotated[Call, permit("routing.see")]) -> JSONResponse:
    """The rules of a set in the order in which they are asked, in words, with how often each was used and corrected lately."""
    used = corrections.used(call.db, call.now - RECENT)
    rules = [rule | {"used": used.get(rule["number"])} for rule in reading.rules(call.db, set_id, call.locale)]
    found = {"rules": rules, "removed": reading.removed(call.db, set_id)}
    return JSONResponse(jsonable_encoder(found | {"changes": reading.changes(call.db, call.locale, set_id)}))


@router.get("/changes")
def changes(call: Annotated[Call, permit("routing.see")], number: Annotated[Id | None, Query()] = None) -> JSONResponse:
    """Who changed what, when and why; of one rule through all sets where its number is given."""
    return JSONResponse(jsonable_encoder(reading.changes(call.db, call.locale, None, number)))


@router.post("/sets", status_code=201)
def draft(wanted: DraftIn, call: Annotated[Call, permit("routing.keep")]) -> dict[str, int]:
    """A new draft."""
    base = wanted.based_on or reading.in_force_id(call.db, call.now)
    return {"id": sets.draft(call.db, _keeper(call), base, wanted.why)}


@router.post("/sets/{set_id}/rules", status_code=201)
def add_rule(set_id: SetId, rule: RuleIn, call: Annotated[Call, permit("routing.keep")]) -> dict[str, int]:
    """A new rule in a draft; its number stays with it through all sets."""
    return {"number": editing.save(call.db, _keeper(call), set_id, None, rule.wanted(), rule.why)}


@router.put("/sets/{set_id}/rules/{number}")
def change_rule(
    set_id: SetId, number: Id, rule: RuleIn, call: Annotated[Call, permit("routing.keep")]
) -> dict[str, int]:
    """A rule of a draft as it shall be."""
    return {"number": editing.save(call.db, _keeper(call), set_id, number, rule.wanted(), rule.why)}


@router.post("/sets/{set_id}/rules/{number}/remove", status_code=204)
def remove_rule(set_id: SetId, number: Id, reason: Reason, call: Annotated[Call, permit("routing.keep")]) -> Response:
    """Take a rule out of a draft."""
    editing.remove(call.db, _keeper(call), set_id, number, reason.why)
    return Response(status_code=204)


@router.post("/sets/{set_id}/submit", status_code=204)
def submit(set_id: SetId, reason: Reason, call: Annotated[Call, permit("routing.keep")]) -> Response:
    """Ask for approval."""
    sets.submit(call.db, _keeper(call), set_id, reason.why)
    return Response(status_code=204)


@router.post("/sets/{set_id}/approve", status_code=204)
def approve(set_id: SetId, wanted: Approval, call: Annotated[Call, permit("routing.approve")]) -> Response:
    """Bring a submitted set into force; only somebody who did not work on it."""
    sets.approve(
        call.db, _keeper(call), set_id, zoned(wanted.valid_from, call.settings.time_zone), call.now, wanted.why
    )
    return Response(status_code=204)


@router.post("/sets/{set_id}/send-back", status_code=204)
def send_back(set_id: SetId, reason: Reason, call: Annotated[Call, permit("routing.approve")]) -> Response:
    """Back to its authors."""
    sets.send_back(call.db, _keeper(call), set_id, reason.why)
    return Response(status_code=204)


@router.post("/sets/{set_id}/drop", status_code=204)
def drop(set_id: SetId, reason: Reason, call: Annotated[Call, permit("routing.keep")]) -> Response:
    """Give up a draft, or withdraw a set that has not begun."""
    sets.drop(call.db, _keeper(call), set_id, reason.why)
    return Response(status_code=204)


@router.post("/sets/{set_id}/roll-back", status_code=201)
def roll_back(set_id: SetId, reason: Reason, call: Annotated[Call, permit("routing.keep")]) -> dict[str, int]:
    """Ask for the rules of an earlier set again; in force once somebody approves."""
    return {"id": sets.roll_back(call.db, _keeper(call), set_id, reason.why)}


@router.get("/explain")
def explain(
    call: Annotated[Call, permit("routing.see")],
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    class_code: Annotated[str | None, Query(max_length=20)] = None,
    condition_id: Annotated[Id | None, Query()] = None,
    source: Annotated[Literal["inspector", "hotline", "citizen", "camera", "sensor", "other"], Query()] = "inspector",
    priority: Annotated[Literal["normal", "urgent", "emergency"], Query()] = "normal",
    at: Annotated[datetime | None, Query(description="without a zone it is the city's time")] = None,
    weather: Annotated[
        str | None, Query(max_length=200, description="flags, with commas; as they are unless told")
    ] = None,
    set_id: Annotated[Id | None, Query()] = None,
) -> JSONResponse:
    """Who would get this, and why: every rule with its reason."""
    if set_id is not None:
        sets.one(call.db, set_id)
    flags = None if weather is None else tuple(flag for flag in weather.split(",") if flag)
    asked = explaining.Question((lon, lat), class_code or None, condition_id, source, priority, set_id, flags)
    found = explaining.explain(
        call.db, call.settings.time_zone, asked, zoned(at, call.settings.time_zone) or call.now, call.locale
    )
    return JSONResponse(jsonable_encoder(found))


@router.get("/section")
def section(
    call: Annotated[Call, permit("routing.keep")],
    from_lon: Annotated[float, Query(ge=-180, le=180)],
    from_lat: Annotated[float, Query(ge=-90, le=90)],
    to_lon: Annotated[float, Query(ge=-180, le=180)],
    to_lat: Annotated[float, Query(ge=-90, le=90)],
) -> dict[str, Any]:
    """The stretch of the named road nearest to the first point between two points, in metres along the road."""
    return ground.section_between(call.db, (from_lon, from_lat), (to_lon, to_lat))


@router.post("/sets/{set_id}/studies", status_code=201)
def study(set_id: SetId, wanted: StudyIn, call: Annotated[Call, permit("routing.see")]) -> dict[str, int]:
    """Begin a dry run or the finder of gaps; it is worked on in the background."""
    sets.one(call.db, set_id)
    asked: dict[str, Any] = {}
    if wanted.kind == "dry_run":
        until = zoned(wanted.until, call.settings.time_zone) or call.now
        since = zoned(wanted.since, call.settings.time_zone) or until - timedelta(days=30)
        against = sets.one(call.db, wanted.against).id if wanted.against else reading.in_force_id(call.db, call.now)
        if since >= until or against is None:
            raise InvalidInput("The period ends before it begins.", "Choose other days.", field="since")
        asked = {"since": since.isoformat(), "until": until.isoformat(), "against": against}
    return {"id": studies.start(call.db, call.caller.account_id, wanted.kind, set_id, asked, call.trace_id)}


@router.get("/studies/{study_id}")
def study_result(study_id: Id, call: Annotated[Call, permit("routing.see")]) -> JSONResponse:
    """How far a study is, and what it has found so far. Its asker alone reads it: it shows what that person may see."""
    row = studies.one(call.db, study_id)
    if row.account_id != call.caller.account_id:
        raise InvalidInput("This study was asked for by somebody else.", "Start one of your own.")
    found = {
        name: row._mapping[name] for name in ("id", "kind", "set_id", "asked", "done", "total", "result", "finished_at")
    }
    units = {each.id: each for each in call.db.execute(text("select id, name, name_en from gis.unit"))}
    named = {str(n): (call.locale == "en" and unit.name_en) or unit.name for n, unit in units.items()}
    rules = call.db.execute(
        text("select id, number, name, name_en from dispatch.routing_rule where set_id = any(:sets)"),
        {"sets": [row.set_id, row.asked.get("against") or row.set_id]},
    ).mappings()
    return JSONResponse(
        jsonable_encoder(found | {"units": named, "rules": {str(each["id"]): dict(each) for each in rules}})
    )


@router.get("/sets/{set_id}/cell")
def cell(
    set_id: SetId,
    call: Annotated[Call, permit("routing.see")],
    area: Annotated[str, Query(max_length=40)],
    class_code: Annotated[str, Query(max_length=20)],
) -> dict[str, Any]:
    """One community and class: covered, sometimes, gap or conflict, with the rules that can decide there."""
    day = call.now.astimezone(call.settings.time_zone).date()
    return studies.cell(call.db, store.book_of(call.db, set_id), area, class_code, day)


@router.get("/proposals")
def proposals(call: Annotated[Call, permit("routing.see")]) -> JSONResponse:
    """What follows from the corrections that people made in the last ninety days."""
    return JSONResponse(jsonable_encoder(corrections.proposals(call.db, call.now - RECENT)))


@router.post("/proposals")
def answer(wanted: AnswerIn, call: Annotated[Call, permit("routing.keep")]) -> dict[str, int | None]:
    """Accept a proposal into a draft, or decline it; answers the number of the new rule."""
    made = corrections.answer(
        call.db,
        _keeper(call),
        wanted.model_dump(),
        wanted.set_id,
        (wanted.name, wanted.name_en),
        wanted.why,
        call.now - RECENT,
    )
    return {"number": made}


@router.put("/weather", status_code=204)
def weather(wanted: WeatherIn, call: Annotated[Call, permit("routing.weather")]) -> Response:
    """Put weather flags up or down: by a person, or by a connector with a person's token."""
    strange = sorted(set(wanted.flags) - set(words.WEATHER))
    if strange:
        raise InvalidInput("There is no such weather flag.", field="flags", flag=strange[0])
    ends = {name: zoned(until, call.settings.time_zone) for name, until in wanted.flags.items()}
    if any(until is not None and until <= call.now for until in ends.values()):
        raise InvalidInput("The end lies in the past.", "Choose a later time, or none.", field="flags")
    flags = {name: until.isoformat() if until else None for name, until in ends.items()}
    kept = {"flags": flags, "account_id": _keeper(call), "at": call.now.isoformat()}
    call.db.execute(
        text(
            "insert into gis.setting (name, value, recorded_at) values ('weather', cast(:value as jsonb), gis.now())"
            " on conflict (name) do update set value = excluded.value, recorded_at = excluded.recorded_at"
        ),
        {"value": json.dumps(kept)},
    )
    return Response(status_code=204)


def _keeper(call: Call) -> int:
    """Who changes rules or weather: they are the whole city's, so a post of the whole city is needed. Raises NotPermitted."""
    if not call.caller.everywhere:
        raise NotPermitted("Routing rules are the whole city's.", "Ask the city's centre.")
    return call.caller.account_id


def _weather(call: Call) -> dict[str, Any]:
    kept = call.db.execute(text("select value from gis.setting where name = 'weather'")).scalar()
    up = store.weather_up(kept, call.now)
    flags: dict[str, datetime | None] = (kept or {}).get("flags", {})
    return {"up": list(up), "until": {flag: flags[flag] for flag in up}, "may": call.caller.may("routing.weather")}
