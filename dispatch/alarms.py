"""From an alarm on the event log to a case, once (D2): what a sensor says goes through the same door as everybody's report."""

from __future__ import annotations

from sqlalchemy import Connection

from config.settings import Settings
from dispatch import reports
from gis import clock, events


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Consumer `cases`: open a case for `alarm.raised`. An alarm that has its report already does nothing.

    The report's own key (source system `alarm`, alarm id) makes a second delivery harmless even across workers.
    """
    alarm = event.payload
    if reports.known(db, "alarm", str(alarm["alarm_id"])):
        return
    position = reports.Position(alarm["lon"], alarm["lat"]) if alarm.get("lon") is not None else None
    reports.receive(
        db,
        settings,
        reports.NewReport(
            source="sensor",
            description=describe(alarm),
            occurred_at=event.occurred_at,
            position=position,
            class_code=alarm.get("class_code"),
            asset_id=alarm["asset_id"],
            priority="urgent",
            source_system="alarm",
            source_ref=str(alarm["alarm_id"]),
        ),
        now=clock.now(db),
        trace_id=event.trace_id,
    )


def describe(alarm: dict[str, object]) -> str:
    """What the sensor measured, in figures that read the same in every language."""
    name = alarm.get("rule_name") or alarm.get("rule")
    return f"{name}: {alarm['metric']} = {alarm['value']:g} (≷ {alarm['threshold']:g}), {alarm['device_id']}"
