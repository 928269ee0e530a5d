"""The lifecycle table against the documented one, written out here a second time."""

from pathlib import Path

import pytest

from docstage.domain.errors import ActionNotAllowed
from docstage.domain.lifecycle import (
    ENGINE,
    Action,
    BatchStatus,
    IllegalStep,
    allowed_actions,
    check_step,
    decide,
    diagram,
)

DOCUMENTED = {
    "SAVED": {"stage": "STAGING"},
    "STAGING": {"cancel": "FAILED_STAGING"},
    "STAGED": {"run": "ANALYZING", "restage": "STAGING", "reset": "SAVED"},
    "ANALYZING": {"pause": "PAUSED", "cancel": "FAILED"},
    "PAUSED": {"resume": "ANALYZING", "cancel": "FAILED", "reset": "SAVED"},
    "COMPLETED": {"restage": "STAGING", "rerun": "STAGING", "retry": "ANALYZING", "reset": "SAVED"},
    "FAILED": {"restage": "STAGING", "rerun": "STAGING", "retry": "ANALYZING", "reset": "SAVED"},
    "FAILED_STAGING": {"stage": "STAGING", "restage": "STAGING", "reset": "SAVED"},
}
# What the engine does by itself, whatever it calls that.
BY_ITSELF = {
    "STAGING": {"STAGED", "FAILED_STAGING"},
    "STAGED": {"ANALYZING"},
    "ANALYZING": {"COMPLETED", "FAILED", "PAUSED"},
}


def is_documented(before: str, after: str, action: str, actor: str) -> bool:
    """Whether the documented lifecycle has a step of this actor."""
    by_itself = actor == "engine" and after in BY_ITSELF.get(before, ())
    return by_itself or DOCUMENTED[before].get(action) == after


@pytest.mark.parametrize("before", BatchStatus)
@pytest.mark.parametrize("after", BatchStatus)
def test_every_step_between_two_statuses(before: BatchStatus, after: BatchStatus) -> None:
    """A step is let through where it is a documented action, or an outcome of the engine; no other is."""
    for action in (*Action, "staged", "completed"):
        for actor in (ENGINE, "user", "restore"):
            if is_documented(before, after, action, actor):
                check_step(before, after, action, actor)
                continue
            with pytest.raises(IllegalStep, match=f"{before}.*{after}"):
                check_step(before, after, action, actor)


@pytest.mark.parametrize("status", BatchStatus)
@pytest.mark.parametrize("action", Action)
def test_every_pair_of_status_and_action(status: BatchStatus, action: Action) -> None:
    """A documented pair leads to its target; any other is refused with what is allowed."""
    target = DOCUMENTED[status].get(action)
    if target is not None:
        assert decide(status, action).target == target
        return
    with pytest.raises(ActionNotAllowed) as refused:
        decide(status, action)
    assert refused.value.status == 409
    assert refused.value.extra["current_status"] == status
    assert refused.value.extra["allowed_actions"] == allowed_actions(status)


def test_the_documented_diagram_is_made_from_the_table() -> None:
    """docs/lifecycle.md shows the diagram of the present table."""
    page = Path(__file__).parents[2] / "docs" / "lifecycle.md"
    assert f"```mermaid\n{diagram()}\n```" in page.read_text(encoding="utf-8")
