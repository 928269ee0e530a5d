"""The explanation of two users at once."""

import pytest
from tests.model.life import Batch, Event
from tests.model.orders import Question


@pytest.mark.parametrize(("is_stuck", "found"), [(True, 1), (False, 0)])
def test_a_resume_without_budget_beside_a_cancel_is_explained_only_where_it_was_stuck(
    is_stuck: bool, found: int
) -> None:
    """It has failed before: the model let a resume be refused for its budget only when nobody else acted."""
    model = Batch(("priced",), ("Question 001",), budget=0.001, status="PAUSED")
    question = Question(
        {"user 0": "cancel", "user 1": "resume"},
        {"user 0": "done", "user 1": "blocked"},
        lambda tried, move: None,
        lambda tried: is_stuck,
    )
    log = [Event("user 0", "cancel", "PAUSED", "FAILED")]
    explanations = list(question.explanations(model, log, []))
    assert [one.status for one in explanations] == ["FAILED"] * found
