"""From the query of a GET to what is wanted of the records: ids, services, times, status, window, page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from config.errors import InvalidInput
from dispatch.open311.requests import moment, number_of
from dispatch.public.records import Wanted

SPAN = timedelta(days=90)
MOST = 1000
"""The specification's: without other words a query gives the last 90 days, and never more than so many."""


def wanted(query: Mapping[str, str], now: datetime) -> Wanted:
    """What GET requests asks for. Raises InvalidInput. Ids override the rest; without dates it is the last 90 days."""
    if query.get("service_request_id"):
        return Wanted(numbers=_list(query["service_request_id"]))
    since, until = span(query, "start_date", "end_date", now)
    updated = (_moment(query, "updated_after"), _moment(query, "updated_before"))
    asked = set(_list(query.get("status", "")))
    if asked - {"open", "closed"}:
        raise InvalidInput("status is open or closed.", field="status")
    return Wanted(
        services=_list(query["service_code"]) if query.get("service_code") else None,
        since=since,
        until=until,
        updated_since=updated[0],
        updated_until=updated[1],
        open=None if len(asked) != 1 else "open" in asked,
        bbox=_bbox(query.get("bbox", "")),
    )


def _list(value: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in value.split(",") if each.strip())[:MOST]


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    if not query.get(name):
        return None
    found = moment(query[name])
    if found is None:
        raise InvalidInput("'{field}' is no time with a zone.", "Send it as 2026-11-23T09:30:00+08:00.", field=name)
    return found


def span(query: Mapping[str, str], start: str, end: str, now: datetime) -> tuple[datetime, datetime]:
    """From when to when: at most 90 days, reckoned from what was given."""
    since, until = _moment(query, start), _moment(query, end)
    if since is None:
        until = until or now
        since = until - SPAN
    until = until or min(since + SPAN, now)
    if until - since > SPAN or until < since:
        raise InvalidInput(
            "From {start} to {end} there may be 90 days at most.",
            "Ask several times, or leave one out.",
            start=start,
            end=end,
        )
    return since, until


def _bbox(value: str) -> tuple[float, float, float, float] | None:
    if not value:
        return None
    numbers = [number_of(each) for each in value.split(",")]
    if len(numbers) != 4 or None in numbers:
        raise InvalidInput(
            "bbox is west,south,east,north in degrees of WGS 84.", "Send it as 115.5,38.3,115.7,38.5.", field="bbox"
        )
    west, south, east, north = (float(each or 0) for each in numbers)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidInput(
            "bbox is west,south,east,north in degrees of WGS 84.", "Longitude comes first.", field="bbox"
        )
    return west, south, east, north


def page(query: Mapping[str, str]) -> tuple[int, int]:
    """Limit and offset; without page and page_size the first 1,000."""
    size, number = query.get("page_size", ""), query.get("page", "")
    for name, value in (("page", number), ("page_size", size)):
        if value and not (value.isascii() and value.isdigit() and 1 <= int(value) <= 100_000):
            raise InvalidInput("'{field}' counts from 1.", field=name)
    limit = min(int(size or (50 if number else MOST)), MOST)
    return limit, (int(number or 1) - 1) * limit
