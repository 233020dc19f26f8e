"""A day and a half of past requests happen again on the virtual clock, with the dispatch process beside it (D1, D5, D6)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from api import cli
from gis.db import make_engine
from tests.support.databases import Database
from tests.support.server import Process
from tests.support.waiting import wait_until
from tests.unit.test_past_reports import GOOD, HEADINGS

SINCE, UNTIL = datetime(2015, 7, 6, 4, tzinfo=UTC), datetime(2015, 7, 7, 16, tzinfo=UTC)
LOCAL = datetime(2015, 7, 6, 7, tzinfo=ZoneInfo("America/New_York"))
MANY = 36


def requests(folder: Path) -> Path:
    """One every twenty minutes from seven in the morning; one without a time, one of a day later."""
    path = folder / "requests.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerow(GOOD | {"CASE_ENQUIRY_ID": "900", "OPEN_DT": "yesterday"})
        writer.writerow(GOOD | {"CASE_ENQUIRY_ID": "901", "OPEN_DT": "07/09/2015 08:00:00 AM"})
        for number in reversed(range(MANY)):
            opened = LOCAL + timedelta(minutes=20 * number)
            times = {
                "OPEN_DT": opened,
                "CLOSED_DT": opened + timedelta(hours=4),
                "TARGET_DT": opened + timedelta(hours=9),
            }
            written = {name: f"{moment:%m/%d/%Y %I:%M:%S %p}" for name, moment in times.items()}
            source = ("Constituent Call", "Citizens Connect App", "City Worker App")[number % 3]
            kind = ("Sidewalk Repair (Make Safe)", "Empty Litter Basket", "Watermain Break")[number % 5 % 3]
            writer.writerow(GOOD | {"CASE_ENQUIRY_ID": str(number), "Source": source, "TYPE": kind, **written})
    return path


def replay(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    period = ("--from", "2015-07-06T00:00", "--until", "2015-07-07T12:00")
    status = cli.main(["replay", str(path), "--mapping", "boston-311", *period, "--speed", "60000", "--json", *more])
    told = capsys.readouterr()
    assert status == 0, told.err
    found: dict[str, Any] = json.loads(told.out)
    return found


def history(engine: Engine) -> list[Any]:
    with engine.connect() as db:
        rows = db.execute(
            text("""
                select r.source_ref, e.seq, e.move, a.username, u.code, e.occurred_at, e.recorded_at
                from dispatch.case_event e join dispatch.report r on r.case_id = e.case_id
                left join gis.account a on a.id = e.account_id left join gis.unit u on u.id = e.unit_id order by e.occurred_at, e.id
            """)
        )
        return [tuple(row) for row in rows]


def test_requests_come_in_at_their_moments_and_too_few_crews_are_late(
    new_database: Callable[[], Database],
    database: Database,
    settings_environment: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = {**settings_environment, "CITYCOMMAND_TIME_ZONE": "America/New_York"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = requests(tmp_path)
    few = ("--crews", "PWD=1", "--hours", "Empty Litter Basket=3")
    with Process(["dispatch.service"], environment, tmp_path / "dispatch"):
        engine = make_engine(database.app_url)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            listens = text(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and application_name = 'citycommand dispatch'"
            )
            wait_until(lambda: db.execute(listens).scalar_one() == 1, 60, what="the dispatch process")
            outcome = replay(path, capsys, *few)
            marked = text("select count(*) from gis.event where kind = 'clock.breached'")
            wait_until(lambda: db.execute(marked).scalar_one() > 0, 30, what="clocks that ran out")
            asked = text("select count(*) from gis.delivery where done_at is null and consumer = 'notices'")
            wait_until(lambda: db.execute(asked).scalar_one() == 0, 30, what="all notices")
    assert (outcome["requests"], outcome["handed_in"], outcome["refused"], outcome["stuck"]) == (MANY, MANY, {}, {})
    assert outcome["unusable"] == {"time_unreadable": 1}
    real, here = outcome["units"]["all"]["real"], outcome["units"]["all"]["replayed"]
    assert (real["closed"], real["closing_rate"]) == (MANY, 1.0)
    assert 0 < here["closed"] < MANY
    assert here["overdue"] > 0
    assert "from=2015-07-06&to=2015-07-07" in outcome["evaluation"]

    course = history(engine)
    handed_in = [(ref, at) for ref, seq, _, _, _, at, _ in course if seq == 1]
    assert [at for _, at in handed_in] == [LOCAL + timedelta(minutes=20 * number) for number in range(MANY)], (
        "each at its real moment"
    )
    assert [ref for ref, _ in handed_in] == [str(number) for number in range(MANY)]
    assert all(occurred_at == recorded_at for *_, occurred_at, recorded_at in course)
    with engine.connect() as db:
        run = db.execute(text("select * from gis.import_run where kind = 'replay'")).one()
        told = db.execute(
            text(
                "select kind, count(*) as n, min(recorded_at) as first, max(recorded_at) as last from dispatch.notice group by 1"
            )
        )
        notices = {row.kind: row for row in told}
        ran_out = db.execute(
            text(
                "select min(occurred_at) as first, max(occurred_at) as last from gis.event where kind = 'clock.breached'"
            )
        ).one()
    assert (run.state, run.counts["handed_in"], run.counts["rejected"]) == ("applied", MANY, {"time_unreadable": 1})
    assert SINCE < notices["turn"].first <= notices["turn"].last < UNTIL + timedelta(hours=1)
    assert SINCE < ran_out.first <= ran_out.last < UNTIL + timedelta(hours=1), "clocks ran out on the same time"

    assert cli.main(["replay", str(path), "--mapping", "boston-311", "--month", "2015-07"]) == 1
    assert "cases of its own" in capsys.readouterr().err, "never in a city that has cases"

    again = new_database()
    for name, url in (("CITYCOMMAND_DATABASE_URL", again.app_url), ("CITYCOMMAND_OWNER_DATABASE_URL", again.owner_url)):
        monkeypatch.setenv(name, url)
    replay(path, capsys, *few)
    second = make_engine(again.app_url)
    assert history(second) == course, "the same seed gives the same course"
    engine.dispose()
    second.dispose()
