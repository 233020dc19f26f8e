"""From an alarm on the event log to a case, once (D2): what a sensor says goes through the same door as everybody's report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from config.i18n import DEFAULT_LOCALE
from config.settings import Settings
from dispatch import alarm_words, policy, reports
from gis import clock, events
from gis.db import named_sql


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Consumer `cases`: open a case for `alarm.raised`. An alarm that has its report already does nothing, nor does one
    whose rule says that nobody is to be sent.

    The report's own key (source system `alarm`, alarm id) makes a second delivery harmless even across workers.
    """
    alarm = event.payload
    if not alarm.get("case", True) or reports.known(db, "alarm", str(alarm["alarm_id"])):
        return
    now = clock.now(db)
    today = now.astimezone(settings.time_zone).date()
    if not policy.in_force(db, today, alarm.get("class_code")):
        alarm = {
            **alarm,
            "class_code": None,
        }  # a city without this class still gets the case: its fallback desk decides
    position = reports.Position(alarm["lon"], alarm["lat"]) if alarm.get("lon") is not None else None
    new = reports.NewReport(
        source="sensor",
        title=alarm_words.title(alarm, DEFAULT_LOCALE),
        description=alarm_words.describe(alarm, DEFAULT_LOCALE),
        raw=alarm,
        occurred_at=event.occurred_at,
        known_at=_raised_at(alarm, event.occurred_at, now),
        position=position,
        class_code=alarm.get("class_code"),
        condition_id=policy.condition_by_ordinal(db, today, alarm.get("class_code"), alarm.get("condition")),
        asset_id=alarm["asset_id"],
        priority=alarm.get("priority", "urgent"),
        source_system="alarm",
        source_ref=str(alarm["alarm_id"]),
        case_id=_open_case(db, alarm),
    )
    reports.receive(db, settings, new, now=now, trace_id=event.trace_id)


def _raised_at(alarm: dict[str, Any], occurred_at: datetime, now: datetime) -> datetime:
    """When the alarm was raised: events from before this was told say when it began."""
    told = alarm.get("raised_at")
    return min(max(datetime.fromisoformat(str(told)), occurred_at), now) if told else occurred_at


def _open_case(db: Connection, alarm: dict[str, Any]) -> int | None:
    """A case that another alarm of this kind has opened: on the same asset, or so near that it is one trouble.

    A flickering sensor is one case, not fifty, and so are the gauges of one flooded quarter. Of which kind a case was, its
    reports still say when a person has given it another class.
    """
    return db.execute(
        named_sql("dispatch", "case_of_alarm"),
        {
            "asset": alarm["asset_id"],
            "class_code": alarm.get("class_code"),
            "lon": alarm.get("lon"),
            "lat": alarm.get("lat"),
            "near_m": alarm.get("near_m") or 0.0,
        },
    ).scalar()
