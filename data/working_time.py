"""The demonstration's working time: holidays as published, summer and winter hours, a ladder of escalation."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, text

from config.settings import Settings
from dispatch.calendars import editions
from dispatch.calendars.editions import Hours
from dispatch.escalation import rungs
from dispatch.escalation.rungs import NewRung

SEASONS = (
    Hours(date(2025, 5, 1), [("08:00", "12:00"), ("14:30", "18:30")], True, None, "夏季作息", "Summer hours"),
    Hours(date(2025, 10, 1), [("08:00", "12:00"), ("13:30", "17:30")], True, None, "冬季作息", "Winter hours"),
)

LADDER = (
    NewRung("处置用时过半", "share", 0.5, "unit", "Half of the time for handling", stage="handling", class_prefix="M01"),
    NewRung("超时两小时报值班长", "after", 2, "post", "Two hours late: shift leader", limit_kind="urgent_hour", post="shift_leader"),
    NewRung("处置超时一个工作日报领导", "after", 8, "post", "A working day late: leader", stage="handling",
            limit_kind="work_hour", post="leader"),
)  # fmt: skip


def load(db: Connection, settings: Settings, now: datetime) -> None:
    """Bring all of it in, unless there are hours already. The ladder holds from now on: the past told nobody."""
    editions.refresh(db, settings, now.astimezone(settings.time_zone).date())
    if db.execute(text("select exists (select from dispatch.working_hours)")).scalar_one():
        return
    edition = editions.begin(db, "demonstration")
    for hours in SEASONS:
        editions.add_hours(db, edition, hours)
    for rung in LADDER:
        rungs.add(db, settings.time_zone, rung, None, now)
