"""`import reports`: another system's past, through the same decisions as live reports, in bulk.

Placing, routing and deadlines are those of the live door (gis.locate, dispatch.routing, dispatch.deadlines): the pure ones run
as they are, the spatial one set-based (gis.locate_many). Rows go in by COPY and a handful of statements, so that a year of a
city takes seconds. History says that it was imported, carries the other system's times, and tells nobody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch import deadlines, policy, routing
from dispatch.calendars.working import Calendar
from dispatch.deadlines import Limit
from dispatch.importing import past_mapping, past_organisation, past_reports
from dispatch.importing.past_mapping import PastMapping
from dispatch.importing.past_organisation import Known
from dispatch.importing.past_reports import PastReport
from dispatch.placing import component_class
from dispatch.reports import TITLE_LENGTH
from dispatch.routing import store, surroundings
from dispatch.workflow import STAGE_OF
from gis import clock, coordinates
from gis.copying import copy_rows
from gis.db import named_sql
from gis.importing import instance, runs
from gis.importing.notes import Note
from gis.importing.runs import Outcome
from gis.locate_many import NOWHERE, Point, Spot, place_all

STAGE = STAGE_OF["reported"]

COLUMNS = (
    "source_ref", "source", "class_code", "condition_id", "title", "description", "address", "geom", "raw_position",
    "location_quality", "grid_id", "grid_code", "area_code", "asset_id", "inspector_id", "unit_id", "rule_id", "reason", "facts",
    "considered", "occurred_at", "closed_at", "opening_note", "closing_note", "limit_kind", "limit_amount", "due_at",
    "stage_warn_at", "stage_due_at", "raw",
)  # fmt: skip


STEPS = ("find_repeats", "add_cases", "add_reports", "add_history", "add_decisions", "add_clocks")
"""Named statements beside this module, in the order in which they run."""


class Decided(NamedTuple):
    """A past report with what our own rules say of it."""

    report: PastReport
    condition_id: int
    spot: Spot
    quality: str
    decision: routing.Decision


def import_reports(db: Connection, settings: Settings, paths: Sequence[Path], mapping: Mapping[str, Any]) -> Outcome:
    """Read files of past reports into closed and open cases. Of those that came in before, the ones closed since are closed.

    Raises UnreadableFile, InvalidInput or UnmappedForm before anything is changed; the transaction is the caller's.
    """
    known = past_mapping.read_mapping(mapping)
    now = clock.now(db)
    run_id = runs.start(db, "reports", paths, mapping)
    past = past_reports.read(paths, known, now)
    organisation_here = past_organisation.prepare(db, known, run_id)
    here = _here(db, known.source_system)
    fresh = [report for report in past.reports if report.ref not in here]
    closed_since = _close_known(db, known.source_system, [report for report in past.reports if report.ref in here], now)
    decided = list(_decide(db, settings, known, organisation_here, fresh, now))
    stage = policy.stage_limits()[STAGE]
    calendar = policy.calendar(db, settings.time_zone)
    _store(db, settings, known, (_row(each, known, stage, calendar) for each in decided), now, run_id)
    instance.credit(db, known.attribution)
    _remember_default_points(db, known)
    rejected = runs.keep_rejects(db, run_id, past.rejects)
    counts = _counts(past.rows, past.reports, decided) | {"closed_since": closed_since}
    return runs.finish(db, Outcome(run_id, counts, rejected, _notes(decided, known)))


def _here(db: Connection, source_system: str) -> set[str]:
    """References of the other system that came in before."""
    statement = text("select source_ref from dispatch.report where source_system = :system")
    return set(db.execute(statement, {"system": source_system}).scalars())


def _close_known(db: Connection, source_system: str, reports: Sequence[PastReport], now: datetime) -> int:
    """Close the cases that came in open and have been closed there since; returns how many."""
    rows = [(each.ref, each.closed_at, _closing_note(each)) for each in reports if each.closed_at is not None]
    db.execute(text("drop table if exists pg_temp.staged_close"))
    db.execute(
        text(
            "create temporary table staged_close (source_ref text, closed_at timestamptz, closing_note text) on commit drop"
        )
    )
    copy_rows(db, "staged_close", ("source_ref", "closed_at", "closing_note"), rows)
    statement = named_sql("dispatch.importing", "close_known")
    return int(db.execute(statement, {"source_system": source_system, "now": now}).scalar_one())


def _decide(
    db: Connection, settings: Settings, mapping: PastMapping, known: Known, reports: Sequence[PastReport], now: datetime
) -> Iterator[Decided]:
    """Place all reports at once, then let the routing rules speak on each."""
    reports = [_in_wgs84(report, mapping.system) for report in reports]
    spots = place_all(db, _points(reports))
    rules = store.in_force(db, now)
    for number, report in enumerate(reports):
        spot = spots.get(number, NOWHERE)
        quality = "outside" if report.quality == "exact" and spot.area_code is None else report.quality
        decision = _responsible(report, spot, known, rules, settings.time_zone)
        yield Decided(report, known.conditions[report.rule.name], spot, quality, decision)


def _points(reports: Sequence[PastReport]) -> Iterator[Point]:
    for number, report in enumerate(reports):
        if report.quality == "exact" and report.lon is not None and report.lat is not None:
            yield Point(number, report.lon, report.lat, component_class(report.rule.class_code))


def _in_wgs84(report: PastReport, system: str) -> PastReport:
    if report.lon is None or report.lat is None or system in ("wgs84", "cgcs2000"):
        return report
    lon, lat = coordinates.to_wgs84(report.lon, report.lat, system)
    return report._replace(lon=lon, lat=lat)


def _responsible(
    report: PastReport, spot: Spot, known: Known, rules: store.InForce, zone: ZoneInfo
) -> routing.Decision:
    """The other system's own department is taken over; what our rules would have said is kept beside it.

    What surrounded the report then, weather and load, is not known any more.
    """
    facts = routing.Facts(
        class_code=report.rule.class_code,
        area_code=spot.area_code,
        source=report.source,
        asset_id=spot.asset_id,
        asset_code=spot.asset_code,
        asset_unit_id=spot.asset_unit_id,
        ground=rules.book.at((report.lon, report.lat) if report.lon is not None and report.lat is not None else None),
    )
    theirs = known.units.get(report.department)
    fallback = rules.fallback_unit_id if rules.fallback_unit_id is not None else theirs
    ours = rules.book.decide(surroundings.at_time(facts, report.opened_at, zone, None), fallback)
    if theirs is None:
        return ours
    return replace(
        ours, unit_id=theirs, rule_id=None, reason="imported", facts=ours.facts | {"department": report.department}
    )


def _row(each: Decided, mapping: PastMapping, stage: Limit, calendar: Calendar) -> tuple[Any, ...]:
    """One staged row, in the order of COLUMNS."""
    report, spot, decision = each.report, each.spot, each.decision
    lon, lat = (report.raw.get(mapping.columns.get(name, "")) for name in ("lon", "lat"))
    return (
        report.ref, report.source, report.rule.class_code, each.condition_id, _title(report.description), report.description,
        report.address or spot.road, f"SRID=4326;POINT({report.lon!r} {report.lat!r})" if report.quality == "exact" else None,
        _json({"lon": lon, "lat": lat, "system": mapping.system}) if lon and lat else None,
        each.quality, spot.grid_id, spot.grid_code, spot.area_code, spot.asset_id, spot.inspector_id, decision.unit_id,
        decision.rule_id, decision.reason, _json(decision.facts), _json(decision.considered), report.opened_at, report.closed_at,
        f"Imported from {mapping.source_system}, where it is {report.ref}.", _closing_note(report), stage.kind, stage.amount,
        *_times(report, stage, calendar), _json(report.raw),
    )  # fmt: skip


def _times(
    report: PastReport, stage: Limit, calendar: Calendar
) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When the case is due, when its stage warns and is due. A closed one keeps what was promised there and runs no clock."""
    if report.closed_at is not None:
        return report.due_at, None, None
    due_at = report.due_at or deadlines.due_at(report.opened_at, report.rule.limit, calendar)
    timer = deadlines.clock(report.opened_at, stage, calendar)
    return due_at, timer.warn_at, timer.due_at


def _closing_note(report: PastReport) -> str:
    if not report.closed_as_written:
        return report.closing_note
    flaw = (
        f"Closed before it was opened, as written there: {report.closed_as_written}; counted as closed at its opening."
    )
    return f"{flaw} {report.closing_note}".strip()


def _title(description: str) -> str:
    return description if len(description) <= TITLE_LENGTH else description[: TITLE_LENGTH - 1] + "…"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _store(
    db: Connection,
    settings: Settings,
    mapping: PastMapping,
    rows: Iterable[tuple[Any, ...]],
    now: datetime,
    run_id: int,
) -> None:
    """Stage by COPY, then cases, reports, history, reasons and clocks, each by one statement."""
    values = {
        "source_system": mapping.source_system,
        "number_prefix": now.astimezone(settings.time_zone).strftime("%Y%m%d"),
        "stage": STAGE,
        "now": now,
        "run_id": run_id,
        "radius_m": settings.duplicate_radius_m,
        "window_s": settings.duplicate_window_hours * 3600,
    }
    db.execute(text("drop table if exists pg_temp.staged_report"))
    db.execute(named_sql("dispatch.importing", "stage_reports"))
    copy_rows(db, "staged_report", COLUMNS, rows)
    db.execute(text("create index on staged_report using gist (class_code, geom)"))
    db.execute(text("analyze staged_report (class_code, geom, occurred_at, closed_at)"))
    for name in STEPS:
        _run(db, name, values)


def _run(db: Connection, name: str, values: Mapping[str, Any]) -> None:
    """Run a named statement with those of `values` that it takes."""
    statement = named_sql("dispatch.importing", name)
    db.execute(statement, {key: value for key, value in values.items() if f":{key}" in statement.text})


def _remember_default_points(db: Connection, mapping: PastMapping) -> None:
    if not mapping.default_points:
        return
    known = instance.setting(db, "default_points") or []
    points = [list(point) for point in mapping.default_points]
    instance.set_setting(db, "default_points", known + [point for point in points if point not in known])


def _counts(rows: int, usable: Sequence[PastReport], decided: Sequence[Decided]) -> dict[str, Any]:
    return {
        "rows": rows,
        "usable": len(usable),
        "already_here": len(usable) - len(decided),
        "cases": len(decided),
        "closed": sum(each.report.closed_at is not None for each in decided),
        "open": sum(each.report.closed_at is None for each in decided),
        "located": dict(Counter(each.quality for each in decided)),
        "in_unit_grid": sum(each.spot.grid_id is not None for each in decided),
        "routed": dict(Counter(each.decision.reason for each in decided)),
        "closed_before_opened": sum(bool(each.report.closed_as_written) for each in decided),
        "due_from_source": sum(each.report.due_at is not None for each in decided),
        "classes": dict(Counter(each.report.rule.class_code for each in decided)),
        "sources": dict(Counter(each.report.source for each in decided)),
    }


def _notes(decided: Sequence[Decided], mapping: PastMapping) -> list[str]:
    notes: list[str] = []
    early = sum(bool(each.report.closed_as_written) for each in decided)
    if early:
        notes.append(
            Note(
                "{count} were closed before they were opened: counted as closed at their opening, as their history says.",
                count=early,
            )
        )
    pinned = sum(each.quality == "default_point" for each in decided)
    if pinned:
        notes.append(
            Note(
                "{count} stand at a default point of {system}: marked, not placed.",
                count=pinned,
                system=mapping.source_system,
            )
        )
    outside = sum(each.quality == "outside" for each in decided)
    if outside:
        notes.append(Note("{count} lie outside every area of this instance.", count=outside))
    assumed = sum(each.report.rule.assumed and each.report.closed_at is None for each in decided)
    if assumed:
        notes.append(
            Note(
                "{count} open ones are of types without a time promised there; their limit is the mapping's.",
                count=assumed,
            )
        )
    return notes
