"""The order of tasks in a lane."""

from collections.abc import Sequence

from docstage.analysis.feeder import PAGE, Feeder
from docstage.store.tasks import QueuedTask


def _task(number: int, document: int, prompt: int) -> QueuedTask:
    return QueuedTask(number, document, prompt, 0, 0, f"key {document}", f"{document}.txt", 10)


def _matrix(documents: int, prompts: int) -> list[QueuedTask]:
    pairs = [(document, prompt) for document in range(documents) for prompt in range(prompts)]
    return [_task(number, *pair) for number, pair in enumerate(pairs, start=1)]


def _feeder(tasks: Sequence[QueuedTask]) -> Feeder:
    feeder = Feeder(lambda after: [task for task in tasks if task.id > after][:PAGE])
    feeder.add_page(feeder.read_page())
    return feeder


def _take_all(feeder: Feeder, now: float = 0.0) -> list[QueuedTask]:
    taken = []
    while feeder.peek(now):
        taken.append(feeder.take())
    return taken


def test_the_first_prompt_of_each_document_goes_before_the_others() -> None:
    """Further prompts wait until their document was answered once, so that its prefix is cached."""
    feeder = _feeder(_matrix(3, 3))
    first = _take_all(feeder)
    assert [(task.document_id, task.prompt_id) for task in first] == [(0, 0), (1, 0), (2, 0)]
    feeder.settled(first[1])
    assert [(task.document_id, task.prompt_id) for task in _take_all(feeder)] == [(1, 1)]


def test_further_prompts_go_one_after_another() -> None:
    """A cache that belongs to a slot of the server serves one call about a document at a time."""
    feeder = _feeder(_matrix(2, 3))
    first = _take_all(feeder)[0]
    feeder.settled(first)
    [second] = _take_all(feeder)
    feeder.settled(second)
    [third] = _take_all(feeder)
    assert [(task.document_id, task.prompt_id) for task in (second, third)] == [(0, 1), (0, 2)]


def test_the_last_prompts_go_side_by_side() -> None:
    """With no other work left, nothing is gained by waiting."""
    feeder = _feeder(_matrix(1, 4))
    feeder.add_page([])
    [first] = _take_all(feeder)
    feeder.settled(first)
    assert [task.prompt_id for task in _take_all(feeder)] == [1, 2, 3]


def test_follow_ups_go_before_new_documents() -> None:
    """While the cache is warm, a document's other prompts come first."""
    feeder = _feeder(_matrix(5, 2))
    feeder.peek(0.0)
    first = feeder.take()
    feeder.settled(first)
    following = feeder.peek(0.0)
    assert following is not None
    assert (following.document_id, following.prompt_id) == (0, 1)


def test_a_failed_first_prompt_lets_the_others_go() -> None:
    """Tasks never wait for an answer that does not come."""
    feeder = _feeder(_matrix(1, 2))
    first = _take_all(feeder)[0]
    feeder.again(first, tries=1, attempts=1, at=5.0)
    assert [task.prompt_id for task in _take_all(feeder, now=0.0)] == [1]
    assert feeder.next_delay(1.0) == 4.0
    retried = _take_all(feeder, now=5.0)
    assert [(task.prompt_id, task.tries, task.attempts) for task in retried] == [(0, 1, 1)]


def test_pages_end_between_documents_and_nothing_is_left_out() -> None:
    """A matrix of several pages is handed out completely, each task once."""
    tasks = _matrix(500, 3)
    feeder = _feeder(tasks)
    seen = []
    while not feeder.is_empty:
        for task in _take_all(feeder):
            seen.append(task.id)
            feeder.settled(task)
        if feeder.wants_page:
            page = feeder.read_page()
            assert not page or page[0].prompt_id == 0
            feeder.add_page(page)
    assert sorted(seen) == [task.id for task in tasks]


def test_a_document_with_more_prompts_than_a_page_is_not_lost() -> None:
    """More prompts than fit into a page come all the same."""
    tasks = _matrix(1, PAGE + 100)
    feeder = _feeder(tasks)
    seen = set()
    while not feeder.is_empty:
        for task in _take_all(feeder):
            seen.add(task.id)
            feeder.settled(task)
        if feeder.wants_page:
            feeder.add_page(feeder.read_page())
    assert len(seen) == len(tasks)


def test_it_is_not_empty_while_something_is_delayed_or_unread() -> None:
    """Empty means that nothing of it waits; what is handed out may come back."""
    feeder, empty = _feeder(_matrix(1, 1)), []
    task = _take_all(feeder)[0]
    empty.append(feeder.is_empty)
    feeder.add_page([])
    empty.append(feeder.is_empty)
    feeder.again(task, tries=1, attempts=1, at=9.0)
    empty.append(feeder.is_empty)
    feeder.settled(_take_all(feeder, now=9.0)[0])
    assert [*empty, feeder.is_empty] == [False, True, False, True]
