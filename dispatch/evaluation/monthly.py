"""The standard monthly report: which tables it has, and their figures (D6). How it looks is decided in dashboards/month_report.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.errors import InvalidInput
from dispatch.evaluation import counting, figures
from dispatch.evaluation.counting import Query
from dispatch.evaluation.formulas import Formulas

TABLES = (
    "unit",
    "district",
    "subdistrict",
    "major",
    "class",
    "source",
    "inspector",
    "intake_operator",
    "shift_leader",
    "dispatcher",
)

LONGEST_TABLE = 60
"""Rows that a table shows: those with the most cases."""


@dataclass(frozen=True)
class MonthReport:
    """All figures of one month. `total` is empty where nothing was reported."""

    query: Query
    total: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    daily: list[dict[str, Any]]
    year: list[dict[str, Any]]
    formulas: Formulas
    unknown: dict[str, str]


def period(month: str, zone: ZoneInfo) -> Query:
    """The month `YYYY-MM` of the city's own calendar. Raises InvalidInput."""
    if not re.fullmatch(r"(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])", month):
        raise InvalidInput("'{month}' is no month.", "Write it like 2026-10.", month=month, field="month")
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Query(first.astimezone(UTC), after.astimezone(UTC), str(zone))


def figures_of(db: Connection, query: Query, locale: str) -> MonthReport:
    """The report of the month `query`: compared with the month before in each table, with the same month last year in total."""
    total = figures.table(db, "city", query, locale, "previous", hours=False)
    return MonthReport(
        query=query,
        total=total[0] if total else {},
        tables={by: figures.table(db, by, query, locale, "previous", hours=False)[:LONGEST_TABLE] for by in TABLES},
        daily=counting.daily(db, query),
        year=figures.table(db, "city", figures.earlier(query, "year"), locale, hours=False),
        formulas=figures.formulas_of(db, query),
        unknown=dict(counting.unknown(db, query)),
    )
