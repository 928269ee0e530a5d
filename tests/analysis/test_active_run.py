"""What a run may still spend."""

from tests.support.calls import ended, planned

from docstage.analysis.active_run import ActiveRun

A, B = 1, 2


def _work(budget: int | None) -> ActiveRun:
    return ActiveRun(
        run_id=1, batch_id=1, version=1, questions={}, budget=budget, failure_limit=None, tasks=10, spent=40
    )


def test_a_call_is_held_back_only_as_long_as_it_does_not_fit() -> None:
    """What was reserved for calls in flight is there again when they have cost less."""
    work = _work(100)
    call = planned(work, cost=50)
    assert not work.may_spend(20)
    work.held_back[A] = 20
    assert work.is_over_budget(A)
    assert not work.is_over_budget(B)
    call.begin(0.0)
    call.end(ended(call, cost=10))
    assert not work.is_over_budget(A)


def test_a_call_of_unknown_cost_fits_into_no_budget() -> None:
    """Without a budget anything fits."""
    work = _work(100)
    work.held_back[A] = None
    assert work.is_over_budget(A)
    work.budget = None
    assert not work.is_over_budget(A)
