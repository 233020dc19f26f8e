"""Many clocks at once, and the process that watches them ended without warning (D5)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from gis import clock
from gis.db import make_engine
from tests.support.databases import Database
from tests.support.server import Process
from tests.support.waiting import wait_until


def one(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.connect() as db:
        return db.execute(text(statement), values).one()


MANY = 5000

_RUN_OUT_TOGETHER = """
    with made as (
        insert into dispatch.cases (number, state, source, title, stage, stage_started_at, stage_warn_at, stage_due_at,
                                    occurred_at, trace_id)
        select 'T' || n, 'reported', 'other', 'many', 'acceptance', :began, :began, :at, :began, repeat('m', 32)
        from generate_series(1, :many) n returning id
    )
    insert into dispatch.clock (case_id, stage, limit_kind, limit_amount, started_at, warn_at, warned_at, due_at)
    select id, 'acceptance', 'urgent_hour', 0.25, :began, :began, :began, :at from made
"""


def test_thousands_run_out_in_one_second_and_a_power_cut_fires_none_twice(
    database: Database, settings_environment: dict[str, str], tmp_path: Path
) -> None:
    """The real process marks them within five seconds of their moment, though it is killed after the first of them."""
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        now = clock.now(db)
        moment = now + timedelta(seconds=8)
        db.execute(text(_RUN_OUT_TOGETHER), {"began": now - timedelta(minutes=15), "at": moment, "many": MANY})

    def told() -> Any:
        return one(engine, "select count(*) as n, count(distinct subject) as cases, gis.now() as at from gis.event"
                           " where kind = 'clock.breached' and trace_id = :t", t="m" * 32)  # fmt: skip

    with Process(["dispatch.service"], settings_environment, tmp_path / "log") as process:
        wait_until(lambda: told().n > 0, 60, what="the first clock")
        process.kill()
    killed_at = told().at
    with Process(["dispatch.service"], settings_environment, tmp_path / "log"):
        wait_until(lambda: told().n >= MANY, 60, what="all clocks")
    assert (told().n, told().cases) == (MANY, MANY)
    assert (killed_at - moment).total_seconds() < 5
    marks = one(
        engine, "select count(*) as n, count(breached_at) as marked from dispatch.clock where due_at = :at", at=moment
    )
    assert (marks.n, marks.marked) == (MANY, MANY)
    engine.dispose()
