"""The queue: which task of a run and connection comes next.

Tasks come by document, then prompt. The first prompt of a document goes alone; the others follow once it was
answered, because only then has the provider the document in its cache. They go one after another and before
new documents, while the cache is warm: a server whose cache belongs to a slot (llama.cpp) serves one of them
from it at a time. Only when there is no other work left do they go side by side.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from itertools import count

from docstage.analysis.gaps import Hold
from docstage.store.tasks import QueuedTask

PAGE = 512
MOST_ASIDE = 4 * PAGE  # tasks of prompts that rest, beyond which others wait with them


class Turn(Enum):
    """Whether a task may be called now."""

    NOW = auto()
    WAITS = auto()  # and with it those behind it
    ASIDE = auto()  # its prompt rests, and others go on


def _now(_task: QueuedTask) -> Turn:
    return Turn.NOW


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
        self._aside: dict[int, deque[QueuedTask]] = {}  # by prompt, while it rests
        self._next: deque[QueuedTask] = self._fresh
        self._tie = count()
        self.held: dict[int, Hold] = {}  # prompts whose tasks wait in the database until somebody resumes
        self.lacks: set[int] = set()  # those of them that have such tasks

    @property
    def wants_page(self) -> bool:
        """Whether more tasks should be read."""
        return not self._exhausted and len(self._fresh) < PAGE // 4

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand out any more, now or later, but what is handed out comes back."""
        return self._exhausted and not (
            self._fresh
            or self._ready
            or self._delayed
            or self._waiting
            or self._following
            or any(self._aside.values())
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
        self._fresh.extend(self._wanted(page))

    def rewind(self) -> None:
        """Read from the beginning again, because the database still has QUEUED tasks."""
        self._after = 0
        self._exhausted = False

    def peek(self, now: float, turn: Callable[[QueuedTask], Turn] = _now) -> QueuedTask | None:
        """The next task to call, or None when none can be called now.

        Args:
            turn: says of a task whether it may be called; asked of those whose turn it is in the order.
        """
        self._take_in_due(now)
        if not self._ready and not self._fresh and self._exhausted and self._following:
            self._follow(next(iter(self._following)))
        for line in (self._ready, self._fresh):
            if self._leads(line, turn):
                self._next = line
                return line[0]
        return None

    def _leads(self, line: deque[QueuedTask], turn: Callable[[QueuedTask], Turn]) -> bool:
        """Whether the first of a line may be called, once those that rest are put aside."""
        while line:
            verdict = turn(line[0])
            if verdict is not Turn.ASIDE:
                return verdict is Turn.NOW
            aside = self._aside.setdefault(line[0].prompt_id, deque())
            if len(aside) >= MOST_ASIDE:
                return False
            task = line.popleft()
            aside.append(task)
            self._follow(task.document_id)
        return False

    def _take_in_due(self, now: float) -> None:
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heapq.heappop(self._delayed)[2])

    def reopen(self, prompt_id: int, now: float) -> None:
        """A prompt rests no more: first come tasks whose next try is due."""
        self._take_in_due(now)
        self._ready.extend(self._aside.pop(prompt_id, deque()))

    def hold(self, prompt_id: int, hold: Hold) -> None:
        """Hand out no more tasks of a prompt: they stay QUEUED in the database, until `begin_anew`."""
        self.held[prompt_id] = hold
        for line in (self._fresh, self._ready):
            kept = self._wanted(line)
            line.clear()
            line.extend(kept)
        aside = self._aside.pop(prompt_id, None)
        delayed = [entry for entry in self._delayed if entry[2].prompt_id != prompt_id]
        if aside or len(delayed) < len(self._delayed):
            self.lacks.add(prompt_id)
        self._delayed = delayed
        heapq.heapify(self._delayed)
        self._waiting = self._wanted_by_document(self._waiting)
        self._following = self._wanted_by_document(self._following)

    def begin_anew(self, now: float) -> None:
        """No prompt rests or is held; what was held is read again once all others are done."""
        for prompt_id in list(self._aside):
            self.reopen(prompt_id, now)
        self.held.clear()
        self.lacks.clear()

    def _wanted(self, tasks: Iterable[QueuedTask]) -> list[QueuedTask]:
        """Those of prompts that are not held; takes note of the others."""
        if not self.held:
            return list(tasks)
        kept, left = [], set()
        for task in tasks:
            if task.prompt_id in self.held:
                left.add(task.prompt_id)
            else:
                kept.append(task)
        self.lacks |= left
        return kept

    def _wanted_by_document(self, waiting: Mapping[int, deque[QueuedTask]]) -> dict[int, deque[QueuedTask]]:
        wanted = {document: deque(self._wanted(tasks)) for document, tasks in waiting.items()}
        return {document: tasks for document, tasks in wanted.items() if tasks}

    def take(self) -> QueuedTask:
        """Hand out the task that `peek` showed."""
        return self._ready.popleft() if self._next is self._ready else self._first_of_document()

    def _first_of_document(self) -> QueuedTask:
        first = self._fresh.popleft()
        others: deque[QueuedTask] = deque()
        while self._fresh and self._fresh[0].document_id == first.document_id:
            others.append(self._fresh.popleft())
        if others:
            self._waiting.setdefault(first.document_id, deque()).extend(others)
        return first

    def behind(self, task: QueuedTask) -> set[int]:
        """The prompts that are asked about the same document after a task that was handed out."""
        lines = (self._waiting, self._following)
        return {other.prompt_id for line in lines for other in line.get(task.document_id, ())}

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
        if task.prompt_id in self.held:
            self.lacks.add(task.prompt_id)
            return
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
