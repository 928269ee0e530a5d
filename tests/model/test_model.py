"""The product behaves as the model says: a few random sequences, and some that were found to differ once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.model.fees import FEES
from tests.model.life import ACTIONS, EVERY_ACTION, NANO
from tests.model.places import Place
from tests.model.torture import run_sequences
from tests.model.world import World

from docstage.domain.lifecycle import TABLE, Action, BatchStatus
from docstage.service.batches import batches

QUICK_SEQUENCES = 3
QUICK_STEPS = 30


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    """A world over an empty database."""
    one = World(place(tmp_path), tmp_path)
    yield one
    one.close()


def analyzed(world: World, lanes: tuple[str, ...] = ("priced",), questions: int = 1) -> int:
    """A batch whose first calls wait for their answers."""
    world.save(lanes, questions, None, None, stage=True)
    world.settle()
    number = max(world.batches)
    world.act(number, "run")
    world.settle()
    return number


def test_the_table_is_the_design() -> None:
    """The lifecycle table of the code is the one that was written down by hand."""
    assert {
        str(status): {str(action): str(one.target) for action, one in actions.items()}
        for status, actions in TABLE.items()
    } == ACTIONS
    assert set(ACTIONS) == {str(status) for status in BatchStatus}
    assert set(EVERY_ACTION) == {str(action) for action in Action}


@pytest.mark.parametrize("number", [11, 12])
def test_random_sequences_show_no_difference(place: Place, number: int) -> None:
    """What users see and what is stored is what the model says, after every step."""
    lives = run_sequences(place, number, QUICK_SEQUENCES, QUICK_STEPS)
    if lives.difference:
        raise lives.difference
    assert lives.sequences >= QUICK_SEQUENCES
    assert lives.total.calls


def test_the_estimate_tells_at_most_what_the_calls_are_booked_at(world: World) -> None:
    """Users are told what the model computes by hand: the most that a call costs, for each of the four."""
    world.save(("priced",), 2, None, None, stage=True)
    world.settle()
    (batch,) = world.batches
    told = batches.estimate_batch(world.rig.services, batch)
    assert told.max_cost == 4 * FEES["priced"].most / NANO
    world.finish()


@pytest.mark.parametrize("action", ["cancel", "reset", "delete"])
def test_what_ends_a_paused_batch_gives_up_its_calls(world: World, action: str) -> None:
    """Calls in flight finish while a batch is paused, but not when it is cancelled, reset or deleted then."""
    number = analyzed(world)
    assert len(world.rig.desk.open()) == 2
    world.act(number, "pause")
    world.settle()
    assert len(world.rig.desk.open()) == 2
    if action == "delete":
        world.delete(number)
    else:
        world.act(number, action)
    world.settle()
    assert world.rig.desk.open() == []
    world.finish()


def test_a_failure_limit_is_edited_while_calls_are_in_flight(world: World) -> None:
    """The limit that holds is the one that the batch has, not the one that it had when it was run."""
    number = analyzed(world)
    world.edit(number, failure_limit=0.0)
    world.settle()
    world.answer(0, "bad_request")
    world.settle()
    assert world.batches[number].status == "FAILED"
    world.finish()
