"""The order of tasks in a lane."""

from collections.abc import Sequence

from docstage.analysis.task_queue import PAGE, TaskQueue
from docstage.store.tasks import QueuedTask


def _task(number: int, document: int, prompt: int) -> QueuedTask:
    return QueuedTask(number, document, prompt, 0, 0, f"key {document}", f"{document}.txt", 10, 0, 40, 0)


def _matrix(documents: int, prompts: int) -> list[QueuedTask]:
    pairs = [(document, prompt) for document in range(documents) for prompt in range(prompts)]
    return [_task(number, *pair) for number, pair in enumerate(pairs, start=1)]


def _queue(tasks: Sequence[QueuedTask]) -> TaskQueue:
    queue = TaskQueue(lambda after: [task for task in tasks if task.id > after][:PAGE])
    queue.add_page(queue.read_page())
    return queue


def _take_all(queue: TaskQueue, now: float = 0.0) -> list[QueuedTask]:
    taken = []
    while queue.peek(now):
        taken.append(queue.take())
    return taken


def test_the_first_prompt_of_each_document_goes_before_the_others() -> None:
    """Further prompts wait until their document was answered once, so that its prefix is cached."""
    queue = _queue(_matrix(3, 3))
    first = _take_all(queue)
    assert [(task.document_id, task.prompt_id) for task in first] == [(0, 0), (1, 0), (2, 0)]
    queue.settled(first[1])
    assert [(task.document_id, task.prompt_id) for task in _take_all(queue)] == [(1, 1)]


def test_further_prompts_go_one_after_another() -> None:
    """A cache that belongs to a slot of the server serves one call about a document at a time."""
    queue = _queue(_matrix(2, 3))
    first = _take_all(queue)[0]
    queue.settled(first)
    [second] = _take_all(queue)
    queue.settled(second)
    [third] = _take_all(queue)
    assert [(task.document_id, task.prompt_id) for task in (second, third)] == [(0, 1), (0, 2)]


def test_the_last_prompts_go_side_by_side() -> None:
    """With no other work left, nothing is gained by waiting."""
    queue = _queue(_matrix(1, 4))
    queue.add_page([])
    [first] = _take_all(queue)
    queue.settled(first)
    assert [task.prompt_id for task in _take_all(queue)] == [1, 2, 3]


def test_follow_ups_go_before_new_documents() -> None:
    """While the cache is warm, a document's other prompts come first."""
    queue = _queue(_matrix(5, 2))
    queue.peek(0.0)
    first = queue.take()
    queue.settled(first)
    following = queue.peek(0.0)
    assert following is not None
    assert (following.document_id, following.prompt_id) == (0, 1)


def test_a_failed_first_prompt_lets_the_others_go() -> None:
    """Tasks never wait for an answer that does not come."""
    queue = _queue(_matrix(1, 2))
    first = _take_all(queue)[0]
    queue.again(first, tries=1, attempts=1, at=5.0)
    assert [task.prompt_id for task in _take_all(queue, now=0.0)] == [1]
    assert queue.next_delay(1.0) == 4.0
    retried = _take_all(queue, now=5.0)
    assert [(task.prompt_id, task.tries, task.attempts) for task in retried] == [(0, 1, 1)]


def test_pages_end_between_documents_and_nothing_is_left_out() -> None:
    """A matrix of several pages is handed out completely, each task once."""
    tasks = _matrix(500, 3)
    queue = _queue(tasks)
    seen = []
    while not queue.is_empty:
        for task in _take_all(queue):
            seen.append(task.id)
            queue.settled(task)
        if queue.wants_page:
            page = queue.read_page()
            assert not page or page[0].prompt_id == 0
            queue.add_page(page)
    assert sorted(seen) == [task.id for task in tasks]


def test_a_document_with_more_prompts_than_a_page_is_not_lost() -> None:
    """More prompts than fit into a page come all the same."""
    tasks = _matrix(1, PAGE + 100)
    queue = _queue(tasks)
    seen = set()
    while not queue.is_empty:
        for task in _take_all(queue):
            seen.add(task.id)
            queue.settled(task)
        if queue.wants_page:
            queue.add_page(queue.read_page())
    assert len(seen) == len(tasks)


def test_it_is_not_empty_while_something_is_delayed_or_unread() -> None:
    """Empty means that nothing of it waits; what is handed out may come back."""
    queue, empty = _queue(_matrix(1, 1)), []
    task = _take_all(queue)[0]
    empty.append(queue.is_empty)
    queue.add_page([])
    empty.append(queue.is_empty)
    queue.again(task, tries=1, attempts=1, at=9.0)
    empty.append(queue.is_empty)
    queue.settled(_take_all(queue, now=9.0)[0])
    assert [*empty, queue.is_empty] == [False, True, False, True]


def test_what_is_asked_about_a_document_afterwards_is_known() -> None:
    """While its first prompt is asked, and its others one after another; the last has none behind it."""
    queue = _queue(_matrix(2, 3))
    first, other = _take_all(queue)
    assert queue.behind(first) == queue.behind(other) == {1, 2}
    queue.settled(first)
    [second] = _take_all(queue)
    assert queue.behind(second) == {2}
    queue.settled(second)
    [third] = _take_all(queue)
    assert queue.behind(third) == set()
