"""The workflow literal: every pair of states, every duty (D1, C1)."""

import itertools

import pytest

from config.errors import IllegalMove, InvalidInput
from config.permissions import GRANTS, PERMISSIONS
from dispatch import workflow
from dispatch.rights import opposite_duty
from dispatch.workflow import FINAL, MOVES, STAGE_OF, STAGES, STATES, TRANSITIONS


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
            assert not workflow.moves_from(state)
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
        ("dispatch", "redispatch", "rework"), ("verify", "check", "close")
    ):
        assert supervising in opposite_duty(dispatching)
        assert dispatching in opposite_duty(supervising)
    assert not opposite_duty("accept")
