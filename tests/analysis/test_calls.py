"""A call holds its task, a slot and money from its plan on, and gives all of it back once."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.calls import CONNECTION, Records, ended, planned, run_of

from docstage.analysis.calls import Call, Calls, Stage
from docstage.domain.tasks import TaskStatus

MOST = 50

WAYS = {
    Stage.PLANNED: (),
    Stage.BEGUN: ("begin",),
    Stage.ENDED: ("begin", "end"),
    Stage.RECORDED: ("begin", "end", "recorded"),
    Stage.RETURNED: ("put back",),
}
MOVES: dict[str, Callable[[Call], None]] = {
    "put back": lambda call: call.put_back(),
    "put back for later": lambda call: call.put_back(again_at=1.0),
    "begin": lambda call: call.begin(0.0),
    "end": lambda call: call.end(ended(call)),
    "end for now": lambda call: call.end(ended(call, status=TaskStatus.QUEUED), again_at=1.0),
    "recorded": lambda call: call._recorded(ended(call)),
}
LEADS = {
    (Stage.PLANNED, "put back"): Stage.RETURNED,
    (Stage.PLANNED, "put back for later"): Stage.RETURNED,
    (Stage.PLANNED, "begin"): Stage.BEGUN,
    (Stage.BEGUN, "end"): Stage.ENDED,
    (Stage.BEGUN, "end for now"): Stage.ENDED,
    (Stage.ENDED, "recorded"): Stage.RECORDED,
}


def _counts(calls: Calls) -> tuple[int, int, int, int, int]:
    return len(calls), calls.held, len(calls.in_flight), calls.unrecorded, calls.reserved


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("stage", Stage)
def test_a_call_only_goes_on(stage: Stage, move: str) -> None:
    """It begins at most once and ends exactly once; what is not its turn is refused and changes nothing."""
    work, slots, records = run_of(1), Calls(), Records()
    call = planned(work, cost=MOST, slots=slots, records=records)
    for way in WAYS[stage]:
        MOVES[way](call)
    before = _counts(slots), _counts(work.calls), work.spent, work.finished, len(records.waiting)
    if (stage, move) in LEADS:
        MOVES[move](call)
        assert call.stage is LEADS[stage, move]
    else:
        with pytest.raises(RuntimeError, match=stage.name):
            MOVES[move](call)
        assert call.stage is stage
        after = _counts(slots), _counts(work.calls), work.spent, work.finished, len(records.waiting)
        assert after == before


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(sorted(MOVES))), max_size=60))
def test_counts_are_those_of_the_calls(moves: list[tuple[int, str]]) -> None:
    """Whatever order calls go in, lane and run count what is there, and no money is lost or kept twice."""
    work, slots, records = run_of(6), Calls(), Records()
    calls = [planned(work, cost=MOST, slots=slots, records=records) for _ in range(6)]
    for number, move in moves:
        call = calls[number]
        if (call.stage, move) in LEADS:
            MOVES[move](call)
        at = {stage: sum(one.stage is stage for one in calls) for stage in Stage}
        held = at[Stage.PLANNED] + at[Stage.BEGUN]
        expected = held + at[Stage.ENDED], held, at[Stage.BEGUN], at[Stage.ENDED], MOST * held
        assert _counts(slots) == _counts(work.calls) == expected


@pytest.mark.parametrize(("cost", "spent", "possible"), [(20, 20, 0), (None, MOST, MOST)])
def test_what_a_call_cost_takes_the_place_of_its_reservation(
    cost: int | None, spent: int, possible: int
) -> None:
    """In one step: at no moment is neither of the two counted, or both."""
    work = run_of(1)
    call = planned(work, cost=MOST)
    assert (work.spent, work.calls.reserved) == (0, MOST)
    call.begin(0.0)
    call.end(ended(call, cost=cost))
    assert (work.spent, work.possible, work.calls.reserved) == (spent, possible, 0)


def test_a_run_is_done_when_its_last_call_is_recorded() -> None:
    """Not while it is planned, in flight, due again or on its way to the database."""
    work, records, done = run_of(1), Records(), []
    call = planned(work, records=records)
    done.append(work.is_done)
    call.begin(0.0)
    done.append(work.is_done)
    call.end(ended(call, status=TaskStatus.QUEUED), again_at=0.0)
    records.commit()
    done.append(work.is_done)
    again = planned(work, records=records)
    assert again.record.attempt == call.record.attempt + 1
    again.begin(0.0)
    again.end(ended(again))
    done.append(work.is_done)
    records.commit()
    assert (done, work.is_done, work.finished) == ([False] * 4, True, 1)


def test_a_call_counts_for_the_run_that_it_was_planned_for() -> None:
    """A run that was cancelled and tried again hears nothing of calls of its earlier life."""
    earlier, later, records = run_of(1), run_of(1), Records()
    call = planned(earlier, cost=MOST, records=records)
    call.begin(0.0)
    same = planned(later, records=records)  # of the same task, with the same number
    call.end(ended(call, cost=MOST, status=TaskStatus.FAILED))
    records.commit()
    assert (earlier.spent, earlier.failed, earlier.finished, len(earlier.calls)) == (MOST, 1, 1, 0)
    assert (later.spent, later.failed, later.finished, len(later.calls)) == (0, 0, 0, 1)
    assert same.stage is Stage.PLANNED
    assert later.queues[CONNECTION].is_empty
