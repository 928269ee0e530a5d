"""The explanation of two users at once."""

import pytest
from tests.model.calls import Fee, Run, Task
from tests.model.life import Batch, Event
from tests.model.orders import Question


@pytest.mark.parametrize(("budget", "found"), [(0.001, 1), (5.0, 0)])
def test_a_resume_without_budget_beside_a_cancel_is_explained_only_where_there_is_none(
    budget: float, found: int
) -> None:
    """It has failed before: the model let a resume be refused for its budget only when nobody else acted."""
    run = Run(1, ("priced",), ("Question 001",), analyzes=False)
    run.tasks["a.txt", "priced", "Question 001"] = Task()
    model = Batch(run.connections, run.prompts, budget, fees={"priced": Fee(30_000_000, 5_000_000)})
    model.status, model.runs, model.has_run = "PAUSED", [run], True
    question = Question(
        {"user 0": "cancel", "user 1": "resume"},
        {"user 0": "done", "user 1": "blocked"},
        lambda tried, move: None,
    )
    log = [Event("user 0", "cancel", "PAUSED", "FAILED")]
    explanations = list(question.explanations(model, log, []))
    assert [one.status for one in explanations] == ["FAILED"] * found
