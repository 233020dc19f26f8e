"""One case with all that is known of it: reports, history, evidence, clocks, tasks, the reason for its unit, what may come next."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, text

from config.i18n import _, gettext
from dispatch import alarm_words, cases, costs, listing, policy
from dispatch.calendars import reading
from dispatch.calls import records
from dispatch.deadlines import WORKING_KINDS
from dispatch.exchange import receiving
from dispatch.repeats import voices
from dispatch.routing import naming
from dispatch.workflow import ASSIST_STATES, REQUESTS, STAGES, STATES, Transition
from gis.actors import Actor

REASONS = {
    "asset_unit": _("The unit maintains component {asset_code} at this place."),
    "condition_unit": _("The city's standard names this unit for the filing condition."),
    "unit": _("Rule '{rule}' names this unit."),
    "fallback": _("No rule fits; the fallback desk decides."),
    "person": _("Chosen by a person."),
    "imported": _("Taken over from the other system."),
}
"""Sentences behind the reason codes of routing; English templates, translated for the reader."""


def detail(db: Connection, actor: Actor, case_id: int, *, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """`case` of the HTTP contract with everything around it; `zone` is the city's. Raises NotFound like dispatch.listing.case."""
    found = listing.case(db, actor, case_id, now=now)
    reports = _reports(db, case_id, actor.locale, whole=actor.may("call.take") or actor.may("case.list"))
    description = reports[0]["description"] if reports else ""
    return found | {
        "description": description,
        "reports": reports,
        "history": _history(db, case_id, actor.locale, description),
        "evidence": _evidence(db, case_id) if actor.may("evidence.see") else [],
        "decision": _decision(db, case_id, actor.locale),
        "clocks": _clocks(db, case_id, actor.locale),
        "due_provisional": _due_provisional(db, case_id, zone),
        "tasks": _tasks(db, case_id),
        "requests": _requests(db, case_id, actor.locale),
        "assisting": _assisting(db, case_id, actor.locale),
        "merged": _merged(db, case_id),
        "calls": records.of_case(db, actor, case_id),
        "tickets": receiving.of_case(db, case_id),
        "costs": costs.of_case(db, actor, case_id),
        "levels": _levels(db, case_id, actor.locale),
        "moves": [_move(step, actor.locale) for step in cases.possible_moves(db, case_id, actor, now)],
    }


def _rows(db: Connection, statement: str, case_id: int) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in db.execute(text(statement), {"id": case_id})]


def _reports(db: Connection, case_id: int, locale: str, *, whole: bool) -> list[dict[str, Any]]:
    """What was reported, by people in their words, by alarms in the reader's; who called is only for those who take calls
    or oversee cases.
    """
    rows = _rows(
        db,
        "select r.id, r.source, r.source_system, r.source_ref, r.description, r.address, r.reporter, r.raw_position, r.duplicates,"
        " r.occurred_at, r.recorded_at, r.trace_id, r.urgency, case when r.source_system = 'alarm' then r.raw end as alarm, r.case_id"
        " from dispatch.report r where r.case_id in (select dispatch.merged_with(:id)) order by r.case_id <> :id, r.id",
        case_id,
    )
    voices.say_which_case(db, rows, case_id)
    for row in rows:
        facts = row.pop("alarm")
        row["description"] = alarm_words.describe(facts, locale) if facts else row["description"]
    return rows if whole else [{**row, "reporter": {}, "duplicates": []} for row in rows]


def _history(db: Connection, case_id: int, locale: str, description: str) -> list[dict[str, Any]]:
    """The moves, oldest first; the note of the first is the report itself, as `description` says it."""
    rows = _rows(
        db,
        "select e.seq, e.move, e.from_state, e.to_state, a.name as actor, a.name_en as actor_en, e.post, e.note,"
        " e.distance_m, e.occurred_at, e.recorded_at, e.imported, e.trace_id, e.before, e.after"
        " from dispatch.case_event e left join gis.account a on a.id = e.account_id where e.case_id = :id order by e.seq",
        case_id,
    )
    for row in rows:
        row["actor"] = _in_language(row, "actor", locale)
        row["note"] = description if row["move"] == "report" else row["note"]
        row["move_name"] = listing.move_name(row["move"], locale)
        row["on_site"] = None if row["distance_m"] is None else row["distance_m"] <= policy.on_site_distance_m()
        row["to_state_name"] = listing.name_of(STATES, row["to_state"], locale)
    return rows


def _evidence(db: Connection, case_id: int) -> list[dict[str, Any]]:
    rows = _rows(
        db,
        "select e.id, e.media_type as mime, e.stage, e.size, encode(e.sha256, 'hex') as sha256, e.distance_m, e.occurred_at,"
        " e.recorded_at, r.taken_text as taken_at, r.taken_distance_m, coalesce(r.thumbnail, false) as has_thumbnail, e.case_id"
        " from dispatch.evidence e left join dispatch.evidence_reading r on r.evidence_id = e.id"
        " where e.case_id in (select dispatch.merged_with(:id)) order by e.case_id <> :id, e.id",
        case_id,
    )
    voices.say_which_case(db, rows, case_id)
    for row in rows:
        row["url"] = f"/evidence/{row['id']}"
        row["thumbnail_url"] = f"/evidence/{row['id']}/thumbnail"
    return rows


def _asset_name(row: dict[str, Any], english: bool) -> str:
    """What people call an asset without a component code: its name, else its owner's reference."""
    return str((english and row["asset_en"]) or row["asset"] or row["source_ref"] or row["facts"].get("asset_id"))


def _decision(db: Connection, case_id: int, locale: str) -> dict[str, Any] | None:
    rows = _rows(
        db,
        "select d.unit_id, u.name, u.name_en, d.reason as reason_code, d.facts, d.considered, d.recorded_at, r.name as rule,"
        " r.name_en as rule_en, r.number, r.version, d.set_id, p.name as person, x.name as asset, x.name_en as asset_en, x.source_ref"
        " from dispatch.routing_decision d join gis.unit u on u.id = d.unit_id"
        " left join dispatch.routing_rule r on r.id = d.rule_id left join gis.account p on p.id = d.account_id"
        " left join gis.seen_asset x on x.id = cast(d.facts ->> 'asset_id' as bigint)"
        " where d.case_id = :id order by d.id desc limit 1",
        case_id,
    )
    if not rows:
        return None
    row = rows[0]
    english = locale == "en"
    rule = (row["rule_en"] if english else row["rule"]) or row["rule"] or ""
    sentence = gettext(locale)(REASONS[row["reason_code"]])
    hidden = "asset_id" in row["facts"] and row["source_ref"] is None  # the reader may not see this component
    facts = {name: value for name, value in row["facts"].items() if not (hidden and name in ("asset_id", "asset_code"))}
    return {
        "unit": {"id": row["unit_id"], "name": (english and row["name_en"]) or row["name"]},
        "rule": rule,
        "reason_code": row["reason_code"],
        "reason": sentence.format(
            rule=rule, asset_code="…" if hidden else facts.get("asset_code") or _asset_name(row, english)
        ),
        "facts": facts,
        "rule_number": row["number"],
        "rule_version": row["version"],
        "set_id": row["set_id"],
        "considered": naming.considered(db, row["considered"], locale),
        "recorded_at": row["recorded_at"],
    }


def _clocks(db: Connection, case_id: int, locale: str) -> list[dict[str, Any]]:
    rows = _rows(
        db,
        "select stage, limit_kind, limit_amount, started_at, warn_at, due_at, stopped_at, warned_at, breached_at,"
        " provisional from dispatch.clock where case_id = :id order by id",
        case_id,
    )
    for row in rows:
        row["stage_name"] = listing.name_of(STAGES, row["stage"], locale)
        row["limit_text"] = limit_text(row["limit_kind"], row["limit_amount"], locale)
    return rows


def _due_provisional(db: Connection, case_id: int, zone: tzinfo) -> bool:
    """Whether the time promised for handling may move once holidays are announced: it is in a year without them."""
    row = db.execute(
        text(
            "select c.due_at, f.limit_kind from dispatch.seen_case c join dispatch.filing_condition f on f.id = c.condition_id"
            " where c.id = :id and c.due_at is not null and c.closed_at is null"
        ),
        {"id": case_id},
    ).first()
    if row is None or row.limit_kind not in WORKING_KINDS:
        return False
    until = reading.known_until(db)
    return until is None or row.due_at.astimezone(zone).date() > until


def limit_text(kind: str, amount: float, locale: str) -> str:
    """A limit in words: '4 work hours', '4 个工作时'."""
    translate = gettext(locale)
    words = {
        "urgent_hour": _("{n} urgent hours"),
        "urgent_workday": _("{n} urgent workdays"),
        "work_hour": _("{n} work hours"),
        "work_day": _("{n} work days"),
        "natural_day": _("{n} days"),
    }
    if kind == "urgent_hour" and amount < 1:
        return translate(_("{n} minutes")).format(n=f"{amount * 60:g}")
    return translate(words[kind]).format(n=f"{amount:g}")


def _tasks(db: Connection, case_id: int) -> list[dict[str, Any]]:
    return _rows(
        db,
        "select t.id, t.kind, a.name as inspector, t.created_at, t.due_at, t.done_at, t.result"
        " from dispatch.task t left join gis.account a on a.id = t.inspector_id where t.case_id = :id order by t.id",
        case_id,
    )


def _requests(db: Connection, case_id: int, locale: str) -> list[dict[str, Any]]:
    rows = _rows(
        db,
        "select r.kind, r.reason, r.share, r.until, r.asked_at, r.answered_at, r.granted, r.answer, u.name as unit,"
        " u.name_en as unit_en from dispatch.request r left join gis.unit u on u.id = r.unit_id"
        " where r.case_id = :id order by r.id",
        case_id,
    )
    for row in rows:
        row["kind_name"] = listing.name_of(REQUESTS, row["kind"], locale)
        row["unit"] = _in_language(row, "unit", locale)
    return rows


def _assisting(db: Connection, case_id: int, locale: str) -> list[dict[str, Any]]:
    rows = _rows(
        db,
        "select s.unit_id, u.name as unit, u.name_en as unit_en, s.state, s.task, s.note, s.sent_at, s.accepted_at, s.ended_at"
        " from dispatch.assist s join gis.unit u on u.id = s.unit_id where s.case_id = :id order by s.id",
        case_id,
    )
    for row in rows:
        row["state_name"] = listing.name_of(ASSIST_STATES, row["state"], locale)
        row["unit"] = _in_language(row, "unit", locale)
    return rows


def _merged(db: Connection, case_id: int) -> list[dict[str, Any]]:
    """The cases that were merged into this one."""
    return _rows(db, "select id, number, title from dispatch.seen_case where merged_into_id = :id order by id", case_id)


def _levels(db: Connection, case_id: int, locale: str) -> list[dict[str, Any]]:
    """The centres that had the case, with their times and what their clocks used; nothing where it only ever was the city's."""
    rows = _rows(
        db,
        "select l.centre_id, c.name as centre, c.name_en as centre_en, l.entered_at, l.left_at,"
        " exists (select from dispatch.clock k where k.case_id = l.case_id and k.centre_id is not distinct from l.centre_id"
        "         and k.started_at >= l.entered_at and (l.left_at is null or k.started_at < l.left_at)"
        "         and coalesce(k.stopped_at, gis.now()) > k.due_at) as late"
        " from dispatch.case_level l left join gis.centre c on c.id = l.centre_id where l.case_id = :id order by l.id",
        case_id,
    )
    for row in rows:
        row["centre"] = _in_language(row, "centre", locale) or gettext(locale)(_("City"))
    return rows


def _in_language(row: dict[str, Any], name: str, locale: str) -> str:
    """Takes the English name out of the row; it, where English is read and there is one, else the Chinese."""
    english = row.pop(f"{name}_en")
    return str((locale == "en" and english) or row[name] or "")


def _move(step: Transition, locale: str) -> dict[str, Any]:
    return {
        "move": step.move,
        "name": listing.move_name(step.move, locale),
        "tone": step.tone,
        "fields": [{"name": f.name, "kind": f.kind, "required": f.required} for f in step.fields],
    }
