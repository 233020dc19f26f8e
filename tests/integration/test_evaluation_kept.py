"""Kept facts are what a computation from the whole history gives, and a past date gives the figures of that day (D6): random histories."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.errors import CityCommandError
from dispatch import cases
from dispatch.evaluation import counting, facts, figures, keeping
from dispatch.evaluation.counting import Query
from gis import actors
from tests.integration.test_loop_walks import moves_somebody, random_move, state_of
from tests.support.smalltown import PEOPLE
from tests.support.walks import ON_SITE, Walk

STEPS, ROUNDS = 60, 5

Figures = dict[str, list[dict[str, Any]]]


def live(walk: Walk, rng: random.Random, open_cases: list[int]) -> None:
    """Random people try random things with random cases; some work on site is sent in long after it was done."""
    for _ in range(STEPS):
        if len(open_cases) < 4 or rng.random() < 0.1:
            walk.report(source=rng.choice(["inspector", "hotline", "camera"]), photos=[walk.photo])
            open_cases.append(walk.received.case_id)
        case_id = rng.choice(open_cases[-8:])
        walk.now += timedelta(minutes=rng.choice([1, 5, 30, 400]))
        state = state_of(walk, case_id).state
        wanted = random_move(walk, rng, state, open_cases)
        if wanted.move in ON_SITE and rng.random() < 0.5:
            wanted = replace(wanted, occurred_at=walk.now - timedelta(minutes=rng.choice([2, 20, 200])))
        able = [who for who in PEOPLE if moves_somebody(walk, who, state, wanted.move)]
        actor = actors.actor(walk.db, rng.choice(able or list(PEOPLE)))
        attempt = walk.db.begin_nested()
        try:
            photos = [walk.photo] if wanted.move in ON_SITE else []
            cases.move(walk.db, walk.settings, case_id, wanted, actor=actor, now=walk.now, photos=photos)
        except CityCommandError:
            attempt.rollback()
        else:
            attempt.commit()


def kept(walk: Walk) -> list[tuple[Any, ...]]:
    rows = walk.db.execute(text(f"select {', '.join(facts.COLUMNS)} from dispatch.case_fact order by id"))
    return [tuple(row) for row in rows]


def computed(walk: Walk, now: datetime, known: datetime | str = facts.CURRENT) -> list[tuple[Any, ...]]:
    statement = f"{facts.computed('select c.* from dispatch.cases c')} order by id"
    return [tuple(row) for row in walk.db.execute(text(statement), {"now": now, "known": known})]


def unlike(found: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]]) -> list[str]:
    """Where two sets of facts differ, in words."""
    assert len(found) == len(wanted)
    return [
        f"case {a[0]}, {name}: kept {x!r}, computed {y!r}"
        for a, b in zip(found, wanted, strict=True)
        for name, x, y in zip(facts.COLUMNS, a, b, strict=True)
        if x != y
    ]


def all_figures(walk: Walk, query: Query) -> Figures:
    return {by: figures.table(walk.db, by, query, "en") for by in ("city", "unit", "class", "inspector", "dispatcher")}


@pytest.mark.parametrize("seed", [12, 13])
def test_kept_facts_are_those_of_the_whole_history_and_a_past_day_gives_its_own_figures(walk: Walk, seed: int) -> None:
    rng = random.Random(seed)
    began = walk.now - timedelta(days=1)
    open_cases: list[int] = []
    then: list[tuple[Query, list[tuple[Any, ...]], Figures]] = []
    for _ in range(ROUNDS):
        live(walk, rng, open_cases)
        walk.now += timedelta(minutes=rng.choice([0, 600]))
        keeping.refresh(walk.db, walk.now)
        assert keeping.behind(walk.db) == 0
        assert unlike(kept(walk), computed(walk, walk.now)) == []
        query = Query(began, walk.now + timedelta(days=1), "Asia/Shanghai")
        then.append((replace(query, known=walk.now), kept(walk), all_figures(walk, query)))
        walk.now += timedelta(seconds=1)
    assert sum(row["late"] for row in then[-1][2]["class"]) > 0, "some were late"
    assert len({row["reported"] for _, _, each in then for row in each["city"]}) == ROUNDS
    for query, rows, told in then:
        assert unlike(rows, computed(walk, query.known or walk.now, query.known or walk.now)) == [], (
            f"as it was known at {query.known}"
        )
        assert all_figures(walk, query) == told


def test_time_alone_makes_cases_late_and_a_clock_put_back_makes_them_early_again(walk: Walk) -> None:
    walk.report()
    for hours, late in ((0, 0), (30, 1), (0, 0)):
        now = walk.now + timedelta(hours=hours)
        keeping.refresh(walk.db, now)
        row = counting.counts(walk.db, "city", Query(walk.now - timedelta(days=1), walk.now + timedelta(days=9)))[
            "city"
        ]
        assert row["overdue"] == late
        assert kept(walk) == computed(walk, now)


def test_facts_kept_under_another_layout_are_computed_again(walk: Walk) -> None:
    walk.report()
    keeping.refresh(walk.db, walk.now)
    walk.db.execute(text("update dispatch.case_fact set marks = 0"))
    assert keeping.refresh(walk.db, walk.now) == 0, "nothing says that they are stale"
    walk.db.execute(text("update gis.setting set value = '\"another\"' where name = 'figure_layout'"))
    assert keeping.refresh(walk.db, walk.now) == 1
    assert kept(walk) == computed(walk, walk.now)
