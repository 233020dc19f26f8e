"""The workflow literal: every pair of states, every duty (D1, C1)."""

import itertools

import pytest

from config.errors import IllegalMove, InvalidInput
from config.permissions import GRANTS, PERMISSIONS
from dispatch import workflow
from dispatch.rights import opposite_duty
from dispatch.workflow import (
    DISPATCH_DUTY,
    FINAL,
    MOVES,
    STAGE_OF,
    STAGES,
    STATES,
    SUPERVISION_DUTY,
    TRANSITIONS,
    documented,
)
from dispatch.workflow.guards import GUARDS


def test_every_pair_of_states_is_either_a_move_or_refused() -> None:
    moves = {t.move for t in TRANSITIONS}
    for state, move in itertools.product(STATES, moves):
        expected = [t for t in TRANSITIONS if (t.source, t.move) == (state, move)]
        if expected:
            assert workflow.transition(state, move) == expected[0]
            assert len(expected) == 1, "a move leads to one state only"
        else:
            with pytest.raises(IllegalMove) as refused:
                workflow.transition(state, move)
            assert refused.value.facts["state"] == state


def test_every_state_has_names_a_stage_and_a_way_on() -> None:
    for state in STATES:
        assert all(STATES[state])
        if state in FINAL:
            assert state not in STAGE_OF
            leaving = {t.move for t in workflow.moves_from(state) if t.target != state}
            assert leaving <= {"reopen", "split"}, "an ended case comes back only by being reopened or split off"
        else:
            assert STAGE_OF[state] in STAGES
            assert workflow.moves_from(state)


def test_every_state_can_be_reached_and_can_end() -> None:
    reached = {"reported"}
    for _ in STATES:
        reached |= {t.target for t in TRANSITIONS if t.source in reached}
    assert reached == set(STATES)
    ending = set(FINAL)
    for _ in STATES:
        ending |= {t.source for t in TRANSITIONS if t.target in ending}
    assert ending == set(STATES)


def test_moves_and_permissions_are_named_and_granted_to_some_post() -> None:
    granted = set().union(*GRANTS.values())
    assert granted <= set(PERMISSIONS)
    for t in TRANSITIONS:
        assert t.move in MOVES
        assert t.permission in granted


def test_required_fields_are_asked_for_and_unknown_ones_refused() -> None:
    step = workflow.transition("verifying", "verify")
    with pytest.raises(InvalidInput, match="position"):
        workflow.check_fields(step, {"photos": ["p"]})
    with pytest.raises(InvalidInput, match="does not take 'unit_id'"):
        workflow.check_fields(step, {"position": (1, 2), "photos": ["p"], "unit_id": 3})
    workflow.check_fields(step, {"position": (1, 2), "photos": ["p"], "unit_id": None, "note": ""})


def test_whoever_dispatches_neither_verifies_nor_closes_and_the_other_way_round() -> None:
    for dispatching, supervising in itertools.product(
        ("dispatch", "dispatch_at_once", "redispatch", "rework", "adjudicate", "fall_back"),
        ("verify", "check", "close", "force_close", "void", "transfer_to_law"),
    ):
        assert supervising in opposite_duty(dispatching)
        assert dispatching in opposite_duty(supervising)
    assert not opposite_duty("accept")


def test_the_clock_of_every_move_follows_from_its_stages_unless_it_says_otherwise() -> None:
    for t in TRANSITIONS:
        if t.clock == "start":
            assert STAGE_OF[t.target] != STAGE_OF.get(t.source)
        if t.clock == "stop":
            assert t.target in FINAL
            assert t.source not in FINAL
        if t.clock == "keep":
            assert STAGE_OF.get(t.target) == STAGE_OF.get(t.source)
    assert {t.clock for t in TRANSITIONS} == {"start", "keep", "restart", "pause", "resume", "extend", "stop"}


def test_what_is_asked_for_can_be_granted_and_denied_from_the_same_state() -> None:
    asking = {(t.source, t.asks) for t in TRANSITIONS if t.asks}
    for state, request in asking:
        answers = [t for t in workflow.moves_from(state) if t.answers == request]
        assert len(answers) == 2
        assert all(t.permission != "order.answer" for t in answers), "nobody grants their own request"


def test_guards_of_moves_exist_and_every_guard_is_used() -> None:
    used = {name for t in TRANSITIONS for name in t.guards}
    assert used == set(GUARDS)
    for guard in GUARDS.values():
        assert guard.refusal.endswith(".")
        assert guard.next_step.endswith(".")


def test_whoever_may_do_one_duty_by_post_may_not_do_the_other() -> None:
    """A person can hold two posts; the posts themselves mix the duties only where the case tells them apart (leaders)."""
    for post, granted in GRANTS.items():
        moves = {t.move for t in TRANSITIONS if t.permission in granted}
        if moves & DISPATCH_DUTY and moves & SUPERVISION_DUTY:
            assert post == "leader"


def test_the_documented_table_names_every_move_and_state() -> None:
    told = list(documented.rows())
    assert {row[0] for row in told} == {t.move for t in TRANSITIONS}
    assert all(f"{t.source} --> {t.target}" in documented.diagram() for t in TRANSITIONS if t.source != t.target)
