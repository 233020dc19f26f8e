"""From an alarm on the event log to a case, once (D2): what a sensor says goes through the same door as everybody's report."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch import policy, reports
from gis import clock, events


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Consumer `cases`: open a case for `alarm.raised`. An alarm that has its report already does nothing.

    The report's own key (source system `alarm`, alarm id) makes a second delivery harmless even across workers.
    """
    alarm = event.payload
    if reports.known(db, "alarm", str(alarm["alarm_id"])):
        return
    now = clock.now(db)
    if not policy.in_force(db, now.astimezone(settings.time_zone).date(), alarm.get("class_code")):
        alarm = {
            **alarm,
            "class_code": None,
        }  # a city without this class still gets the case: its fallback desk decides
    position = reports.Position(alarm["lon"], alarm["lat"]) if alarm.get("lon") is not None else None
    new = reports.NewReport(
        source="sensor",
        description=describe(alarm),
        occurred_at=event.occurred_at,
        position=position,
        class_code=alarm.get("class_code"),
        asset_id=alarm["asset_id"],
        priority="urgent",
        source_system="alarm",
        source_ref=str(alarm["alarm_id"]),
        case_id=_open_case(db, alarm),
    )
    reports.receive(db, settings, new, now=now, trace_id=event.trace_id)


def describe(alarm: dict[str, Any]) -> str:
    """What the sensor measured: the rule's name, then figures that read the same in every language."""
    name = alarm.get("rule_name") or alarm["rule"]
    unit = alarm.get("unit", "")
    return (
        f"{name} · {alarm['metric']} {alarm['value']:g} {unit} ({alarm['threshold']:g} {unit}) · {alarm['device_id']}"
    )


def _open_case(db: Connection, alarm: dict[str, Any]) -> int | None:
    """A case that another alarm of this kind has opened on the same asset: a flickering sensor is one case, not fifty.

    Of which kind it was, its report still says when a person has given the case another class.
    """
    return db.execute(
        text(
            "select c.id from dispatch.cases c where c.source = 'sensor' and c.asset_id = :asset and c.closed_at is null"
            " and exists (select from dispatch.report r where r.case_id = c.id and r.source_system = 'alarm'"
            "             and r.class_code is not distinct from :class_code) order by c.id limit 1"
        ),
        {"asset": alarm["asset_id"], "class_code": alarm.get("class_code")},
    ).scalar()
