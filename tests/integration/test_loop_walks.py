"""Thousands of random steps by random people: whatever they try, every case stays whole (D1, D5, C1)."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.errors import CityCommandError
from dispatch import cases
from dispatch.reports import Position
from dispatch.steps import Move
from dispatch.workflow import (
    DISPATCH_DUTY,
    FINAL,
    MOVES,
    STAGE_OF,
    SUPERVISION_DUTY,
    TRANSITIONS,
    moves_from,
    transition,
)
from gis import actors
from tests.support import smalltown
from tests.support.smalltown import PEOPLE
from tests.support.walks import ON_SITE, Walk

STEPS = 700
"""Steps of one walk; with the seeds below 2,800 are tried in all."""

_STATE = text("""
    select c.state, c.version, c.stage, c.stage_due_at, c.closed_at, c.resume_at, c.unit_id,
           array(select e.from_state || '>' || e.to_state from dispatch.case_event e where e.case_id = c.id order by e.seq) as path,
           array(select e.seq from dispatch.case_event e where e.case_id = c.id order by e.seq) as numbers,
           array(select k.stage from dispatch.clock k where k.case_id = c.id and k.stopped_at is null) as running,
           (select count(*) from dispatch.clock k where k.case_id = c.id and (k.stopped_at < k.started_at
               or k.due_at < k.started_at or k.limit_amount < 0)) as negative,
           (select count(*) from dispatch.task t where t.case_id = c.id and t.done_at is null) as tasks,
           array(select r.kind from dispatch.request r where r.case_id = c.id and r.answered_at is null) as requests,
           (select count(*) from dispatch.assist s where s.case_id = c.id and s.ended_at is null) as assisting
    from dispatch.cases c where c.id = :id
""")

_BOTH_DUTIES = text("""
    select count(*) from (select account_id from dispatch.case_event where case_id = :id and account_id is not null
    group by account_id having bool_or(move = any(:dispatching)) and bool_or(move = any(:supervising))) mixed
""")


def state_of(walk: Walk, case_id: int) -> Any:
    return walk.db.execute(_STATE, {"id": case_id}).one()


def check(walk: Walk, case_id: int) -> None:
    """What must hold of every case, whatever happened to it."""
    now = state_of(walk, case_id)
    assert list(now.numbers) == list(range(1, len(now.numbers) + 1)), "the history is complete"
    assert now.version == len(now.numbers)
    steps = [step.split(">") for step in now.path]
    assert steps[0] == ["none", "reported"]
    assert all(one[1] == following[0] for one, following in itertools.pairwise(steps)), "no step is missing"
    assert steps[-1][1] == now.state, "exactly one state, the one that the history ends in"
    resting = now.state in FINAL or now.state == "suspended"
    assert len(now.running) == (0 if resting else 1), "one clock runs, none where nobody has to act"
    assert now.running == [] or now.running == [STAGE_OF[now.state]] == [now.stage]
    assert (now.stage_due_at is None) == resting
    assert now.negative == 0, "no clock is negative"
    assert (now.closed_at is not None) == (now.state in FINAL)
    assert (now.resume_at is not None) == (now.state == "suspended")
    assert (now.tasks > 0) == (now.state in ("verifying", "checking"))
    assert not now.requests or now.state in ("handling", "closed")
    assert now.assisting == 0 or now.state in ("dispatched", "handling", "suspended")
    duties = {"id": case_id, "dispatching": list(DISPATCH_DUTY), "supervising": list(SUPERVISION_DUTY)}
    assert walk.db.execute(_BOTH_DUTIES, duties).scalar_one() == 0


def random_move(walk: Walk, rng: random.Random, state: str, open_cases: list[int]) -> Move:
    """Mostly something the state allows, now and then anything at all; fields mostly right, now and then missing."""
    possible = moves_from(state)
    move = rng.choice(possible).move if possible and rng.random() < 0.9 else rng.choice(sorted(MOVES))
    allowed = next((t for t in possible if t.move == move), rng.choice(TRANSITIONS))
    values: dict[str, Any] = {
        "note": "理由",
        "unit_id": rng.choice(sorted(walk.town.units.values())),
        "assist_unit_id": rng.choice(sorted(walk.town.units.values())),
        "assist_unit_ids": (walk.town.units["U-ROAD"],),
        "handler_id": walk.town.accounts["electrician"],
        "inspector_id": walk.town.accounts[rng.choice(["inspector", "inspector2"])],
        "class_code": rng.choice([smalltown.LAMP_CLASS, smalltown.LITTER_CLASS]),
        "share": rng.choice([0.1, 0.5, 1.0, 2.0]),
        "until": walk.now + timedelta(hours=rng.choice([-3, 3, 300])),
        "into_case_id": rng.choice(open_cases),
        "position": Position(*walk.town.lamp),
    }
    names = [field.name for field in allowed.fields if field.name in values]
    return Move(move, **{name: values[name] for name in names if rng.random() < 0.95})


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_random_walks_keep_every_case_whole(walk: Walk, seed: int) -> None:
    rng = random.Random(seed)
    made = refused = 0
    reached: set[str] = set()
    open_cases: list[int] = []
    for _ in range(STEPS):
        if len(open_cases) < 3 or rng.random() < 0.02:
            walk.report(source=rng.choice(["inspector", "hotline", "camera"]), photos=[walk.photo] * rng.randint(0, 1))
            open_cases.append(walk.received.case_id)
        case_id = rng.choice(open_cases[-6:])
        before = state_of(walk, case_id)
        walk.now += timedelta(minutes=rng.choice([1, 5, 30, 400]))
        wanted = random_move(walk, rng, before.state, open_cases)
        able = [who for who in PEOPLE if moves_somebody(walk, who, before.state, wanted.move)]
        who = rng.choice(able or list(PEOPLE)) if rng.random() < 0.9 else rng.choice(list(PEOPLE))
        actor = actors.actor(walk.db, who)
        attempt = walk.db.begin_nested()
        try:
            photos = [walk.photo] if wanted.move in ON_SITE else []
            cases.move(walk.db, walk.settings, case_id, wanted, actor=actor, now=walk.now, photos=photos)
        except CityCommandError:
            attempt.rollback()
            refused += 1
            assert state_of(walk, case_id) == before, "what is refused changes nothing"
        else:
            attempt.commit()
            made += 1
            reached.add(state_of(walk, case_id).state)
            assert actor.may(transition(before.state, wanted.move).permission), "no one acts without the right"
            check(walk, case_id)
    assert made > STEPS / 4, "enough of it was allowed"
    assert refused > STEPS / 20, "and enough was not"
    assert len(reached) >= 10


def moves_somebody(walk: Walk, who: str, state: str, move: str) -> bool:
    """Whether this person's post allows the move at all."""
    step = next((t for t in moves_from(state) if t.move == move), None)
    return step is not None and actors.actor(walk.db, who).may(step.permission)
