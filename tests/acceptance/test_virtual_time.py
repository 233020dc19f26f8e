"""One clock for all processes: turn it, and web and dispatch both live at the other time (D5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from gis import clock
from gis.db import make_engine
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.server import Process, WebServer
from tests.support.smalltown import PASSWORD
from tests.support.waiting import wait_until


def test_deadlines_run_out_on_virtual_time_in_every_process(
    database: Database, settings_environment: Mapping[str, str], tmp_path: Path
) -> None:
    engine = make_engine(database.app_url)
    start = datetime(2030, 5, 1, 9, tzinfo=UTC)
    with engine.begin() as db:
        town = smalltown.build(db)
        clock.set_virtual(db, start, rate=0)
    with (
        WebServer(settings_environment, tmp_path / "web") as web,
        Process(["dispatch.service"], settings_environment, tmp_path / "dispatch"),
    ):
        inspector = web.person("inspector", PASSWORD)
        report = {
            "source": "inspector",
            "description": "路灯不亮",
            "occurred_at": start.isoformat(),
            "position": {"lon": town.lamp[0], "lat": town.lamp[1]},
            "class_code": smalltown.LAMP_CLASS,
        }
        case = inspector.hand_in("/api/reports", report).json()["case"]
        assert case["recorded_at"] == "2030-05-01T09:00:00+00:00"
        assert case["number"].startswith("20300501")
        assert case["timing"] == "ok"
        with engine.begin() as db:
            clock.set_virtual(db, start + timedelta(minutes=14, seconds=59), rate=1)
        intake = web.person("intake", PASSWORD)
        wait_until(lambda: intake.get(f"/api/cases/{case['id']}").json()["timing"] == "overdue", 10)
        wait_until(lambda: fired(engine, case["id"]) == ["due_soon", "overdue"], 10, what="both notices")
        with engine.begin() as db:
            clock.set_virtual(db, start + timedelta(days=2), rate=5000)
        assert wait_until(lambda: fired(engine, case["id"]), 5) == ["due_soon", "overdue"], "nothing fires twice"
        inspector.close()
        intake.close()
    engine.dispose()


def fired(engine: Engine, case_id: int) -> list[str]:
    """Kinds of the clock's notices so far."""
    with engine.connect() as db:
        rows = db.execute(
            text("select kind from dispatch.notice where case_id = :id and kind <> 'turn' order by id"), {"id": case_id}
        )
        return list(rows.scalars())
