"""Documents are written to a provider's cache, which is billed, only where they are read from it again."""

import pytest

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.cache_marks import KEPT_SECONDS, CacheMarks
from docstage.asking.question import make_question
from docstage.store.tasks import QueuedTask

NOW = 1_000.0


def _work() -> ActiveRun:
    questions = {
        1: make_question("One?", None, None),
        2: make_question("Two?", None, None),
        3: make_question("Three?", "Be brief.", None),
    }
    return ActiveRun(1, 1, 1, questions, None, None, 3)


def _task(prompt_id: int = 1, key: str = "a", tokens: int = 5_000) -> QueuedTask:
    return QueuedTask(prompt_id, 1, prompt_id, 0, 0, key, "a.txt", tokens, 0, 4 * tokens, 0)


def test_a_document_that_is_asked_once_is_not_written() -> None:
    """Nor is one whose next question has other standing instructions: its beginning is another."""
    marks = CacheMarks()
    assert not marks.mark(_work(), _task(), (), NOW)
    assert not marks.mark(_work(), _task(), {3}, NOW)


def test_a_document_that_is_asked_again_is_written_and_read() -> None:
    """The last question reads what the first one wrote, which takes the mark too."""
    marks = CacheMarks()
    assert marks.mark(_work(), _task(1), {2}, NOW)
    assert marks.mark(_work(), _task(2), (), NOW + 100)
    assert not marks.mark(_work(), _task(3), (), NOW + 100)
    assert not marks.mark(_work(), _task(2, key="b"), (), NOW + 100)


@pytest.mark.parametrize(("later", "marked"), [(KEPT_SECONDS - 1, True), (KEPT_SECONDS, False)])
def test_what_the_provider_has_dropped_is_not_written_for_one_question(later: float, marked: bool) -> None:
    """Such as a task that is tried again after an hour, whose document nobody asks about any more."""
    marks = CacheMarks()
    marks.mark(_work(), _task(1), {2}, NOW)
    assert marks.mark(_work(), _task(2), (), NOW + later) is marked


def test_short_documents_are_not_marked() -> None:
    """No model caches them."""
    assert not CacheMarks().mark(_work(), _task(tokens=1_000), {2}, NOW)
