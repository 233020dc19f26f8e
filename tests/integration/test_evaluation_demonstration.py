"""Every rate of the demonstration's past is a share, and every number is as long as the list behind it (D6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from config.settings import Settings
from data import demonstration
from dispatch.evaluation import counting, figures, formulas
from dispatch.evaluation.counting import Query
from dispatch.evaluation.dimensions import DIMENSIONS
from dispatch.evaluation.named_counts import COUNTS, ROLES
from gis import clock
from gis.db import make_engine

CASES = 120


@pytest.fixture(scope="module")
def past(settings: Settings) -> Iterator[Connection]:
    """The demonstration in a transaction that is never committed."""
    engine = make_engine(settings.database_url)
    with engine.connect() as db:
        demonstration.load(db, settings, cases=CASES)
        yield db
        db.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def now(past: Connection) -> datetime:
    return clock.now(past)


RATES = formulas.defaults().indicators
SHARES = [each for each in RATES if each.formula.written.count("/") == 1 and "-" not in each.formula.written]


def period(now: datetime) -> Query:
    return Query(now - timedelta(days=60), now + timedelta(days=1), "Asia/Shanghai")


@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=3), timedelta(days=40)], ids=str)
@pytest.mark.parametrize("by", DIMENSIONS)
def test_no_rate_leaves_0_to_1_and_every_number_leads_to_its_cases(
    past: Connection, now: datetime, by: str, later: timedelta
) -> None:
    clock.set_virtual(past, now + later, rate=0)
    assert counting.ready(past) == 0
    query = period(now)
    rows = figures.table(past, by, query, "en")
    assert rows or by == "handler", "the demonstration's desks name no handler"
    if by not in ROLES:
        assert sum(row["reported"] for row in rows) == CASES
    for row in rows:
        assert all(rate is None or 0 <= rate <= 1 for rate in row["rates"].values()), row
        for figure in [figure for figure in COUNTS if row[figure]] + ["force_closed"]:
            ids = counting.case_ids(past, by, row["key"], figure, query)
            assert len(ids) == len(set(ids)) == row[figure], (figure, row)


@pytest.mark.parametrize("rate", SHARES, ids=lambda each: each.code)
def test_the_cases_of_a_numerator_are_among_those_of_its_denominator(
    past: Connection, now: datetime, rate: formulas.Indicator
) -> None:
    clock.set_virtual(past, now, rate=0)
    assert counting.ready(past) == 0
    part, whole = (name.strip() for name in rate.formula.written.split("/"))
    if not {part, whole} <= COUNTS.keys():
        assert all(row["rates"][rate.code] is None for row in figures.table(past, "unit", period(now), "en"))
        return
    for row in figures.table(past, "unit", period(now), "en"):
        counted = [set(counting.case_ids(past, "unit", row["key"], figure, period(now))) for figure in (part, whole)]
        assert counted[0] <= counted[1]


STANDING = {"missed_rate", "satisfaction_rate", "appeal_rate"}
"""What the demonstration's past has no value for: two that nothing can tell yet, and appeals, where nobody was late enough to appeal."""


def test_the_past_gives_every_rate_a_value_and_some_fall_short(past: Connection, now: datetime) -> None:
    clock.set_virtual(past, now, rate=0)
    assert counting.ready(past) == 0
    rows = figures.table(past, "source", period(now), "en")
    for rate in RATES:
        assert any(row["rates"][rate.code] is not None for row in rows) or rate.code in STANDING, rate.code
    assert any(row["rates"]["in_time_handling_rate"] not in (None, 1.0) for row in rows)
