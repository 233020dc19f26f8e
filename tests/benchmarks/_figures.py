"""The evaluation over a year, for `bench evaluation`: the standard monthly report, dashboards as they are filtered.

`monthly_s`: every figure of the fullest month's report (rendering apart). `dashboard_ms`: the slowest of the questions that the page asks
when a filter is set (95th percentile of 20). Beside them the same month computed from its history, as a past date is, and how many
cases a second facts are kept of.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from dispatch.evaluation import counting, figures, keeping, monthly
from dispatch.evaluation.counting import Query
from gis import clock
from gis.db import transaction
from tests.benchmarks._support import percentile, say

ZONE = ZoneInfo("Asia/Shanghai")
TURNS = 20
BATCH = 20_000


def measure(owner: Engine, engine: Engine) -> dict[str, Any]:
    """Keep the facts of all cases that stand there, then ask; the cases may have been written past the triggers."""
    with transaction(engine) as db:
        db.execute(text("insert into dispatch.figure_change (case_id) select id from dispatch.cases order by id"))
        now = clock.now(db)
    kept_per_s = _keep(engine, now)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum (analyze) dispatch.case_fact"))
        db.execute(text("vacuum (analyze) dispatch.figure_change"))
    with engine.connect() as db:
        month = _fullest_month(db)
        say(f"Monthly report of {month.since.astimezone(ZONE):%Y-%m}")
        started = time.perf_counter()
        report = monthly.figures_of(db, month, "zh")
        found: dict[str, Any] = {
            "monthly_s": round(time.perf_counter() - started, 2),
            "month_cases": report.total["reported"],
        }
        started = time.perf_counter()
        counting.counts(db, "unit", month.as_known(now))
        found["past_month_s"] = round(time.perf_counter() - started, 2)
        each = {name: _p95_ms(ask) for name, ask in _dashboards(db, month).items()}
    say("  " + ", ".join(f"{name} {value} ms" for name, value in each.items()))
    filtered = {name: value for name, value in each.items() if name != "unfiltered"}
    return found | {"dashboard_ms": max(filtered.values()), "each_dashboard_ms": each, "kept_per_s": kept_per_s}


def _keep(engine: Engine, now: datetime) -> int:
    say("Keeping facts of all cases")
    started, kept = time.perf_counter(), 0
    while True:
        with transaction(engine) as db:
            done = keeping.refresh(db, now, BATCH)
        if not done:
            break
        kept += done
    return round(kept / (time.perf_counter() - started))


def _fullest_month(db: Connection) -> Query:
    month = db.execute(
        text(
            "select date_trunc('month', occurred_at at time zone 'Asia/Shanghai') as month from dispatch.case_fact"
            " group by 1 order by count(*) desc limit 1"
        )
    ).scalar_one()
    return monthly.period(month.strftime("%Y-%m"), ZONE)


def _dashboards(db: Connection, month: Query) -> dict[str, Callable[[], Any]]:
    """What the page asks: the last thirty days by some dimension, narrowed to something, with the total and the days."""
    unit, area, class_code = db.execute(
        text("""
            select (select unit_id from dispatch.case_fact group by 1 order by count(*) desc limit 1),
                   (select left(area_code, 9) from dispatch.case_fact group by 1 order by count(*) desc limit 1),
                   (select class_code from dispatch.case_fact group by 1 order by count(*) desc limit 1)
        """)
    ).one()
    days = Query(month.until - timedelta(days=30), month.until, str(ZONE))
    asked = {
        "unfiltered": ("unit", days),
        "unit": ("community", days.narrowed(unit_id=unit)),
        "area": ("unit", days.narrowed(area=area)),
        "class": ("unit", days.narrowed(class_code=class_code)),
        "source": ("unit", days.narrowed(source="hotline")),
        "persons": ("inspector", days.narrowed(area=area)),
    }
    return {name: _page(db, by, query) for name, (by, query) in asked.items()}


def _page(db: Connection, by: str, query: Query) -> Callable[[], Any]:
    def ask() -> None:
        counting.ready(db)
        figures.tables(db, by, query, "zh", "previous")
        counting.daily(db, query)

    return ask


def _p95_ms(ask: Callable[[], Any]) -> float:
    ask()
    took = []
    for _ in range(TURNS):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return round(percentile(took, 0.95) * 1000, 1)
