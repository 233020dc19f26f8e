"""When a notice may go out: quiet hours and digests, in the city's time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Hours:
    """Somebody's quiet hours (over midnight where they end earlier than they begin) and the hour of the daily digest."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    daily_at: time = time(8)


@dataclass(frozen=True)
class Planned:
    """When a notice is due, and whether it may go together with others."""

    due_at: datetime
    grouped: bool


def plan(now: datetime, mode: str, hours: Hours, urgent: bool, zone: ZoneInfo) -> Planned:
    """When a notice made at `now` goes out in `mode` (not "never"). Urgent ones wait for nothing."""
    if urgent:
        return Planned(now, False)
    wanted = now
    if mode == "hourly":
        wanted = next_hour(now, zone)
    elif mode == "daily":
        wanted = next_time(now, hours.daily_at, zone)
    free = after_quiet(wanted, hours, zone)
    return Planned(free, mode != "at_once" or free > now)


def after_quiet(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in."""
    if hours.quiet_from is None or hours.quiet_until is None:
        return moment
    local = moment.astimezone(zone).timetz().replace(tzinfo=None)
    if hours.quiet_from < hours.quiet_until:
        quiet = hours.quiet_from <= local < hours.quiet_until
    else:
        quiet = local >= hours.quiet_from or local < hours.quiet_until
    return next_time(moment, hours.quiet_until, zone) if quiet else moment


def next_hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """The next full hour of the city's clock (some zones stand half an hour apart from the others)."""
    local = moment.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return moment - into + HOUR


def next_time(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """When the city's clock next shows `at`, strictly later. Where an hour is skipped, what comes instead of it."""
    local = moment.astimezone(zone)
    for days in (0, 1, 2):
        found = datetime.combine(local.date() + timedelta(days=days), at, zone).astimezone(moment.tzinfo)
        if found > moment:
            return found
    raise AssertionError("every day has every hour, or the one after it")
