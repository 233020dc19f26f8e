"""Every rate of the demonstration's past is a share, and every number is as long as the list behind it (D6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from config.settings import Settings
from data import demonstration
from dispatch import evaluation
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


@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=3), timedelta(days=40)], ids=str)
@pytest.mark.parametrize("by", evaluation.DIMENSIONS)
def test_no_rate_leaves_0_to_1_and_every_number_leads_to_its_cases(
    past: Connection, now: datetime, by: str, later: timedelta
) -> None:
    clock.set_virtual(past, now + later, rate=0)
    period = now - timedelta(days=60), now + timedelta(days=1)
    rows = evaluation.table(past, by, *period, "en")
    assert sum(row["reported"] for row in rows) == CASES
    for row in rows:
        assert set(row["rates"]) == set(evaluation.RATES)
        assert all(rate is None or 0 <= rate <= 1 for rate in row["rates"].values()), row
        for figure in evaluation.FIGURES:
            ids = evaluation.case_ids(past, by, row["key"], figure, *period)
            assert len(ids) == len(set(ids)) == row[figure], (figure, row)


@pytest.mark.parametrize("rate", evaluation.RATES)
def test_the_cases_of_a_numerator_are_among_those_of_its_denominator(
    past: Connection, now: datetime, rate: str
) -> None:
    clock.set_virtual(past, now, rate=0)
    period = now - timedelta(days=60), now + timedelta(days=1)
    part, whole = evaluation.RATES[rate]
    for row in evaluation.table(past, "unit", *period, "en"):
        counted = [set(evaluation.case_ids(past, "unit", row["key"], figure, *period)) for figure in (part, whole)]
        assert counted[0] <= counted[1]


def test_the_past_gives_every_rate_a_value_and_some_fall_short(past: Connection, now: datetime) -> None:
    clock.set_virtual(past, now, rate=0)
    rows = evaluation.table(past, "source", now - timedelta(days=60), now + timedelta(days=1), "en")
    for rate in evaluation.RATES:
        assert any(row["rates"][rate] is not None for row in rows), rate
    assert any(row["rates"]["in_time_handling_rate"] not in (None, 1.0) for row in rows)
