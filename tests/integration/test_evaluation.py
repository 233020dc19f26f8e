"""Figures of the evaluation on small histories, with numbers computed by hand (D6, reference-dispatch.md "Evaluation").

The lamp's condition allows 4 hours, the centre's steps 15 minutes each, each verification and check 30 minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotPermitted
from config.settings import Settings
from dispatch.evaluation import counting, figures, formulas
from dispatch.evaluation.counting import Query
from dispatch.evaluation.named_counts import COUNTS
from gis import actors, clock
from gis.db import make_engine
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.lives import START, Life, grey_photo
from tests.support.smalltown import Town

PERIOD = Query(START - timedelta(days=1), START + timedelta(days=1))
TO_FILED = ("accept", "send_verification", "verify", "file")


@pytest.fixture(scope="module")
def connection(database: Database) -> Iterator[Connection]:
    engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def town(connection: Connection) -> Town:
    with connection.begin():
        return smalltown.build(connection)


@pytest.fixture
def db(connection: Connection, town: Town) -> Iterator[Connection]:
    """A transaction that is rolled back, so that every test finds the same town and no case."""
    transaction = connection.begin()
    yield connection
    transaction.rollback()


@pytest.fixture
def life(db: Connection, settings: Settings, town: Town) -> Life:
    return Life(db, settings, grey_photo(settings), town)


def row_of(db: Connection, by: str = "class", key: str | None = smalltown.LAMP_CLASS) -> dict[str, Any]:
    """One row of the table, after every number of it was found to lead to as many cases; empty where there is no row."""
    assert counting.ready(db) == 0
    for row in figures.table(db, by, PERIOD, "en"):
        for figure in COUNTS:
            assert len(behind(db, by, row["key"], figure)) == (row[figure] or 0), (figure, row)
        assert all(rate is None or 0 <= rate <= 1 for rate in row["rates"].values()), row
        if row["key"] == key:
            return {**row, **row["rates"]}
    return {}


def behind(db: Connection, by: str, key: str | None, figure: str) -> list[int]:
    return counting.case_ids(db, by, key, figure, PERIOD)


def of(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


HANDLING = ("to_handle", "handled", "handled_in_time", "in_time_handling_rate")


def test_a_unit_that_returns_too_late_is_the_one_that_was_late(life: Life) -> None:
    life.report().do(*TO_FILED, "dispatch", "return_order")
    assert row_of(life.db, "unit", str(life.town.units["U-LIGHT"]))["to_handle"] == 0
    life.do("dispatch").wait(hours=5).do("return_order").do("dispatch", unit="U-ROAD")
    life.do("accept_order", "feed_back", by="roads")
    lighting, roads = (str(life.town.units[code]) for code in ("U-LIGHT", "U-ROAD"))
    late = row_of(life.db, "unit", lighting)
    assert of(late, "reported", "dispatched", *HANDLING) == [0, 0, 1, 0, 0, 0.0]
    assert of(row_of(life.db, "unit", roads), "reported", "dispatched", *HANDLING) == [1, 1, 1, 1, 1, 1.0]
    assert behind(life.db, "unit", lighting, "to_handle") == behind(life.db, "unit", roads, "handled") == [life.case_id]
    assert of(row_of(life.db), "reported", *HANDLING) == [1, 1, 1, 0, 0.0]


def test_a_unit_that_returns_in_time_has_nothing_to_answer_for(life: Life) -> None:
    life.report().do(*TO_FILED, "dispatch").wait(hours=3).do("return_order").do("dispatch", unit="U-ROAD")
    assert row_of(life.db, "unit", str(life.town.units["U-LIGHT"])) == {}
    assert of(row_of(life.db, "unit", str(life.town.units["U-ROAD"])), *HANDLING) == [0, 0, 0, None]


def test_taking_an_overdue_case_away_does_not_clear_the_unit_that_sat_on_it(life: Life) -> None:
    life.report().do(*TO_FILED, "dispatch").do("redispatch", unit="U-ROAD")
    life.wait(hours=5).do("redispatch", unit="U-LIGHT")
    assert of(row_of(life.db, "unit", str(life.town.units["U-ROAD"])), *HANDLING) == [1, 0, 0, 0.0]
    assert of(row_of(life.db, "unit", str(life.town.units["U-LIGHT"])), *HANDLING) == [0, 0, 0, None]


def test_a_unit_that_gets_a_case_back_is_counted_once_and_stays_late(life: Life) -> None:
    life.report().do(*TO_FILED, "dispatch").wait(hours=5).do("return_order", "dispatch", "accept_order", "feed_back")
    assert of(row_of(life.db, "unit", str(life.town.units["U-LIGHT"])), "reported", *HANDLING) == [1, 1, 1, 0, 0.0]


def test_a_case_nobody_dispatched_was_to_be_dispatched(life: Life) -> None:
    names = ("filed", "to_dispatch", "dispatched", "dispatched_in_time", "in_time_dispatch_rate")
    life.report().do(*TO_FILED).wait(minutes=10)
    assert of(row_of(life.db), *names) == [1, 0, 0, 0, None]
    life.wait(hours=49)
    assert of(row_of(life.db), *names) == [1, 1, 0, 0, 0.0]
    life.report().do(*TO_FILED, "dispatch").wait(hours=49)
    assert of(row_of(life.db), *names) == [2, 2, 1, 1, 0.5]
    life.report().do(*TO_FILED).wait(minutes=20).do("dispatch").wait(hours=49)
    assert of(row_of(life.db), *names) == [3, 3, 2, 1, 0.3333]


def test_every_unclosed_case_past_its_own_due_time_is_to_be_closed(life: Life) -> None:
    names = ("to_close", "closed", "closing_rate", "in_time_closing_rate")
    life.report().do("accept").wait(hours=3)
    assert of(row_of(life.db), *names) == [0, 0, None, None]
    life.wait(hours=1)
    assert of(row_of(life.db), *names) == [1, 0, 0.0, 0.0]
    life.report().do("refuse").wait(hours=9)
    assert of(row_of(life.db), "reported", *names) == [2, 1, 0, 0.0, 0.0]


def test_a_case_that_failed_its_check_is_unhandled_until_it_is_handled_again(life: Life) -> None:
    life.report().do(*TO_FILED, "dispatch", "accept_order", "feed_back")
    assert of(row_of(life.db), *HANDLING) == [1, 1, 1, 1.0]
    life.do("send_check", "fail_check")
    assert of(row_of(life.db), *HANDLING) == [0, 0, 0, None]
    life.wait(hours=4)
    assert of(row_of(life.db), *HANDLING) == [1, 0, 0, 0.0]
    life.do("rework").wait(hours=3)
    assert of(row_of(life.db), *HANDLING) == [0, 0, 0, None]
    life.wait(hours=2)
    assert of(row_of(life.db), *HANDLING) == [1, 0, 0, 0.0]
    life.do("accept_order", "feed_back")
    assert of(row_of(life.db), *HANDLING) == [1, 1, 0, 0.0]


def test_rework_is_counted_among_the_cases_to_be_closed(life: Life) -> None:
    names = ("to_close", "rework", "rework_rate")
    life.report().do(*TO_FILED, "dispatch", "accept_order", "feed_back", "send_check", "fail_check", "rework")
    assert of(row_of(life.db), *names) == [0, 0, None]
    life.do("accept_order", "feed_back", "send_check", "check", "close")
    assert of(row_of(life.db), *names) == [1, 1, 1.0]
    life.report().do(*TO_FILED, "dispatch", "accept_order", "feed_back", "send_check", "check", "close")
    assert of(row_of(life.db), *names) == [2, 1, 0.5]


def test_a_case_is_closed_in_time_by_its_own_due_time(life: Life) -> None:
    names = ("closed", "handled_in_time", "closed_in_time", "in_time_closing_rate", "concluded_in_time")
    checked = (*TO_FILED, "dispatch", "accept_order", "feed_back", "send_check", "check")
    life.report().do(*checked).wait(minutes=20).do("close")
    assert of(row_of(life.db), *names) == [1, 1, 1, 1.0, 0]
    life.report().do(*checked, "close")
    assert of(row_of(life.db), *names) == [2, 2, 2, 1.0, 1]
    life.report().do(*checked[:-2]).wait(hours=4).do("send_check", "check", "close")
    assert of(row_of(life.db), *names) == [3, 3, 2, 0.6667, 2], "who closes is not to blame for a check sent late"
    assert of(row_of(life.db), "to_send_check", "check_sent", "check_sent_in_time") == [3, 3, 2]


@pytest.mark.parametrize(
    ("first", "second", "misdispatched"),
    [("return_order", "dispatch", 1), ("redispatch", None, 1), ("return_order", None, 0)],
)
def test_a_case_that_went_to_another_unit_was_misdispatched(
    life: Life, first: str, second: str | None, misdispatched: int
) -> None:
    life.report().do(*TO_FILED, "dispatch")
    life.do(first, unit="U-ROAD" if first == "redispatch" else None)
    if first == "return_order":
        life.do("dispatch", unit="U-ROAD" if second else None)
    life.report().do(*TO_FILED, "dispatch")
    row = row_of(life.db)
    assert of(row, "to_dispatch", "misdispatched", "dispatched_accurately") == [2, misdispatched, 2 - misdispatched]
    assert row["accurate_dispatch_rate"] == (2 - misdispatched) / 2


def test_a_voided_case_was_not_filed_accurately(life: Life) -> None:
    life.report().do(*TO_FILED, "void")
    life.report().do(*TO_FILED)
    names = ("filed", "voided", "filed_accurately", "accurate_filing_rate", "in_time_filing_rate")
    assert of(row_of(life.db), *names) == [2, 1, 1, 0.5, 1.0]


@pytest.mark.parametrize(
    ("before", "answer", "names"),
    [
        (TO_FILED[:2], "verify", ("to_verify", "verified_in_time", "in_time_verification_rate")),
        (
            (*TO_FILED, "dispatch", "accept_order", "feed_back", "send_check"),
            "check",
            ("to_check", "checked_in_time", "in_time_check_rate"),
        ),
    ],
)
def test_work_on_site_is_due_when_done_or_overdue(
    life: Life, before: tuple[str, ...], answer: str, names: tuple[str, ...]
) -> None:
    life.report().do(*before).wait(minutes=20)
    assert of(row_of(life.db), *names) == [0, 0, None]
    life.do(answer)
    assert of(row_of(life.db), *names) == [1, 1, 1.0]
    life.report().do(*before).wait(minutes=40).do(answer)
    assert of(row_of(life.db), *names) == [2, 1, 0.5]
    life.report().do(*before).wait(minutes=40)
    assert of(row_of(life.db), *names) == [3, 1, 0.3333]


def test_a_case_sent_to_another_inspector_is_not_yet_verified(life: Life) -> None:
    names = ("to_verify", "verified_in_time")
    life.report().do("accept", "send_verification").wait(minutes=10).do("send_verification")
    assert of(row_of(life.db), *names) == [0, 0]
    life.wait(minutes=40)
    assert of(row_of(life.db), *names) == [1, 0]


def test_an_imported_past_is_only_reported_and_closed(life: Life) -> None:
    for due_hours in (8, 2, None):
        _import_closed(life.db, START, START + timedelta(hours=4), due_hours)
    clock.set_virtual(life.db, START + timedelta(hours=9), rate=0)
    row = row_of(life.db)
    counted = {figure: row[figure] for figure in COUNTS if row[figure]}
    assert counted == {
        "reported": 3,
        "to_close": 3,
        "to_close_by_due_time": 2,
        "closed": 3,
        "closed_in_time": 1,
        "ended": 3,
    }
    told = {name: rate for name, rate in row["rates"].items() if rate is not None}
    assert told == {"closing_rate": 1.0, "in_time_closing_rate": 0.5, "rework_rate": 0.0}


def _import_closed(db: Connection, opened: datetime, closed: datetime, due_hours: int | None) -> None:
    """A case as dispatch/importing writes it: two rows of history, no clock."""
    due = opened + timedelta(hours=due_hours) if due_hours else None
    db.execute(
        text("""
            with c as (
                insert into dispatch.cases (number, state, source, title, class_code, due_at, occurred_at, closed_at, imported, trace_id)
                values ('I' || nextval('dispatch.case_number'), 'closed', 'other', 'x', :class, :due, :opened, :closed, true, 't')
                returning id
            )
            insert into dispatch.case_event (case_id, seq, move, from_state, to_state, occurred_at, imported, trace_id)
            select id, 1, 'report', 'none', 'reported', cast(:opened as timestamptz), true, 't' from c
            union all
            select id, 2, 'import_close', 'reported', 'closed', cast(:closed as timestamptz), true, 't' from c
        """),
        {"class": smalltown.LAMP_CLASS, "due": due, "opened": opened, "closed": closed},
    )


def test_what_an_inspector_on_shift_did_not_report_was_missed_and_without_shifts_nobody_can_say(life: Life) -> None:
    db, town = life.db, life.town
    walk = text(
        "with w as (insert into gis.responsibility_grid (code, name, inspector_id) values ('R', 'R', :who) returning id)"
        " update gis.unit_grid set responsibility_grid_id = (select id from w)"
    )
    db.execute(walk, {"who": town.accounts["inspector"]})
    life.report("hotline").do("accept", "send_verification", "verify", "file")
    life.report("inspector").do("accept", "file")
    assert of(row_of(db), "filed", "missed", "missed_rate") == [2, None, None]
    shift = text(
        "insert into dispatch.shift (account_id, starts_at, ends_at, checked_in_at)"
        " values (:who, cast(:at as timestamptz) - interval '1 hour', cast(:at as timestamptz) + interval '1 hour', :at)"
    )
    db.execute(shift, {"who": town.accounts["inspector"], "at": START})
    life.report("hotline").do("accept", "send_verification", "verify", "file")
    assert of(row_of(db), "filed", "missed", "missed_rate") == [3, 1, 0.3333], (
        "the first was counted before the shift was entered"
    )
    inspector = row_of(db, "inspector", str(town.accounts["inspector"]))
    assert of(inspector, "reported", "valid", "missed") == [1, 1, 1]
    assert inspector["score"]["parts"][:2] == (100.0, 50.0)


def test_an_allowed_appeal_takes_a_case_out_of_the_rates_and_keeps_the_raw_fact(life: Life) -> None:
    names = ("to_handle", "handled_in_time", "in_time_handling_rate", "late", "ended", "appealed", "exempt")
    life.report().do(*TO_FILED, "dispatch", "accept_order").wait(hours=5).do(
        "feed_back", "send_check", "check", "close"
    )
    assert of(row_of(life.db), *names) == [1, 0, 0.0, 1, 1, 0, 0]
    life.do("appeal")
    assert of(row_of(life.db), *names) == [1, 0, 0.0, 1, 1, 1, 0]
    life.do("allow_appeal", by="assessor")
    assert of(row_of(life.db), *names) == [0, 0, None, 1, 1, 1, 1]
    assert of(row_of(life.db, "unit", str(life.town.units["U-LIGHT"])), *names) == [0, 0, None, 1, 1, 1, 1]


def test_extensions_urging_and_pressing_are_counted(life: Life) -> None:
    names = ("extension_asked", "extended", "suspension_asked", "suspended", "urged", "pressed", "pressing_rate")
    life.report().do(*TO_FILED, "dispatch", "accept_order")
    life.do("ask_extension").do("grant_extension", by="dispatcher").do("urge", by="intake").do("press", by="mayor")
    life.do("ask_suspension").do("deny_suspension", by="dispatcher")
    assert of(row_of(life.db), *names) == [1, 1, 1, 0, 1, 1, 1.0]


def test_each_person_answers_for_their_own_part(life: Life) -> None:
    town = life.town
    life.report().do(*TO_FILED).wait(minutes=20).do(
        "dispatch", "accept_order", "feed_back", "send_check", "check"
    ).wait(minutes=20).do("close")
    rows = {by: row_of(life.db, by, str(town.accounts[who])) for by, who in PEOPLE_OF.items()}
    assert of(rows["inspector"], "reported", "to_verify", "to_check") == [1, 1, 0]
    assert of(row_of(life.db, "inspector", str(town.accounts["inspector2"])), "reported", "to_check") == [0, 1]
    assert of(rows["intake_operator"], "accepted_in_time", "verification_sent_in_time", "check_sent_in_time") == [
        1,
        1,
        1,
    ]
    assert of(rows["shift_leader"], "filed_in_time", "to_conclude", "concluded_in_time") == [1, 1, 0]
    assert of(rows["dispatcher"], "dispatched", "dispatched_in_time") == [1, 0]
    assert rows["dispatcher"]["score"]["points"] == 20 + 0 + 40
    assert rows["shift_leader"]["score"]["grade"] == "C"


PEOPLE_OF = {
    "inspector": "inspector",
    "intake_operator": "intake",
    "shift_leader": "leader",
    "dispatcher": "dispatcher",
}


def test_a_formula_changed_by_the_assessor_counts_from_its_day_and_the_past_keeps_the_old_one(life: Life) -> None:
    db = life.db
    life.report().do(*TO_FILED)
    assessor = actors.actor(db, "assessor")
    definition = {"zh": "测试率", "en": "test rate", "formula": "filed / reported", "better": "more"}
    formulas.change(db, assessor, "indicator", "handling_rate", definition, START.date(), "2026 年第 3 号通知")
    assert row_of(db)["handling_rate"] == 1.0
    used = formulas.in_force(db, START.date() - timedelta(days=1))
    assert (
        next(each for each in used.indicators if each.code == "handling_rate").formula.written == "handled / to_handle"
    )
    earlier = formulas.in_force(db, START.date(), known=life.now - timedelta(hours=1))
    assert earlier.versions == {}
    for wrong in ({"formula": "filed / unheard_of"}, {"formula": "__import__('os')"}, {"zh": ""}):
        with pytest.raises(InvalidInput):
            formulas.change(db, assessor, "indicator", "handling_rate", definition | wrong, START.date(), "x")
    with pytest.raises(InvalidInput, match="reason"):
        formulas.change(db, assessor, "indicator", "handling_rate", definition, START.date(), " ")
    with pytest.raises(NotPermitted):
        formulas.change(db, actors.actor(db, "leader"), "indicator", "handling_rate", definition, START.date(), "x")


def test_a_year_is_compared_with_the_same_days_and_a_month_with_the_month_before(life: Life) -> None:
    march = Query(datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC), "Asia/Shanghai")
    before = figures.earlier(march, "previous")
    assert (before.since, before.until) == (datetime(2026, 1, 31, 16, tzinfo=UTC), march.since)
    assert figures.earlier(march, "year").since == datetime(2025, 2, 28, 16, tzinfo=UTC)
    life.report()
    assert counting.ready(life.db) == 0
    april = march.moved(march.until, march.until + timedelta(days=30))
    assert figures.table(life.db, "city", april, "en") == []
    assert figures.table(life.db, "city", march, "en", "previous")[0]["earlier"] is None
    assert counting.counts(life.db, "city", figures.earlier(april, "previous"))["city"]["reported"] == 1
