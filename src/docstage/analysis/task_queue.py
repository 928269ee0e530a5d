"""The queue: which task of a run and connection comes next.

Tasks come by document, then prompt. The first prompt of a document goes alone; the others follow once it was
answered, because only then has the provider the document in its cache. They go one after another and before
new documents, while the cache is warm: a server whose cache belongs to a slot (llama.cpp) serves one of them
from it at a time. Only when there is no other work left do they go side by side.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from docstage.store.tasks import QueuedTask

PAGE = 512


class TaskQueue:
    """Hands out the tasks of one run and connection, and takes them back to try them again."""

    def __init__(self, load: Callable[[int], Sequence[QueuedTask]]) -> None:
        """Make a queue.

        Args:
            load: given a task id, reads the QUEUED tasks behind it, at most `PAGE`. It may be called from any
                thread, one call at a time.
        """
        self._load = load
        self._after = 0
        self._exhausted = False
        self._fresh: deque[QueuedTask] = deque()
        self._ready: deque[QueuedTask] = deque()
        self._waiting: dict[int, deque[QueuedTask]] = {}  # by document, for its first answer
        self._following: dict[int, deque[QueuedTask]] = {}  # by document, for the answer before
        self._delayed: list[tuple[float, int, QueuedTask]] = []
        self._tie = count()

    @property
    def wants_page(self) -> bool:
        """Whether more tasks should be read."""
        return not self._exhausted and len(self._fresh) < PAGE // 4

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand out any more, now or later, but what is handed out comes back."""
        return self._exhausted and not (
            self._fresh or self._ready or self._delayed or self._waiting or self._following
        )

    def read_page(self) -> list[QueuedTask]:
        """Read the next page from the database, whole documents only; to be passed to `add_page`."""
        page = list(self._load(self._after))
        if len(page) == PAGE and page[0].document_id != page[-1].document_id:
            last = page[-1].document_id
            page = [task for task in page if task.document_id != last]
        return page

    def add_page(self, page: Sequence[QueuedTask]) -> None:
        """Take in a page that `read_page` read."""
        if not page:
            self._exhausted = True
            return
        self._after = page[-1].id
        self._fresh.extend(page)

    def rewind(self) -> None:
        """Read from the beginning again, because the database still has QUEUED tasks."""
        self._after = 0
        self._exhausted = False

    def peek(self, now: float) -> QueuedTask | None:
        """The next task to call, or None when none can be called now."""
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heapq.heappop(self._delayed)[2])
        if not self._ready and not self._fresh and self._exhausted and self._following:
            self._follow(next(iter(self._following)))
        if self._ready:
            return self._ready[0]
        return self._fresh[0] if self._fresh else None

    def take(self) -> QueuedTask:
        """Hand out the task that `peek` showed."""
        return self._ready.popleft() if self._ready else self._first_of_document()

    def _first_of_document(self) -> QueuedTask:
        first = self._fresh.popleft()
        others: deque[QueuedTask] = deque()
        while self._fresh and self._fresh[0].document_id == first.document_id:
            others.append(self._fresh.popleft())
        if others:
            self._waiting.setdefault(first.document_id, deque()).extend(others)
        return first

    @property
    def retries(self) -> int:
        """Tasks that wait for their next try, as of the last `peek`."""
        return len(self._delayed)

    def next_delay(self, now: float) -> float | None:
        """Seconds until a task that waits for its next try is due, None when there is none."""
        return max(0.0, self._delayed[0][0] - now) if self._delayed else None

    def settled(self, task: QueuedTask) -> None:
        """The task has come to an end, one way or the other."""
        self._release(task)

    def again(self, task: QueuedTask, *, tries: int, attempts: int, at: float) -> None:
        """Try the task again at a time."""
        self._release(task)
        later = replace(task, tries=tries, attempts=attempts)
        heapq.heappush(self._delayed, (at, next(self._tie), later))

    def _release(self, task: QueuedTask) -> None:
        # After a failure the cache may not be warm; the others go all the same rather than wait for an answer
        # that may never come.
        document_id = task.document_id
        if document_id in self._waiting:
            followers = self._following.setdefault(document_id, deque())  # some are there of an earlier page
            followers.extend(self._waiting.pop(document_id))
        self._follow(document_id)

    def _follow(self, document_id: int) -> None:
        """Let the next task of a document go."""
        if others := self._following.get(document_id):
            self._ready.append(others.popleft())
            if not others:
                del self._following[document_id]
