"""Which calls ask the provider to cache their document, where that is asked for and billed.

Anthropic bills what it writes to its cache at 1.25 times the price of input, and what it reads from it at a
tenth (docs.anthropic.com, prompt caching; Amazon bills these models alike). So a document that is asked once
is not written, and one that is asked again is marked each time: without the mark it is not read either.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from docstage.analysis.active_run import ActiveRun
from docstage.store.tasks import QueuedTask

# What the provider keeps, counted from the last time that it was used.
KEPT_SECONDS = 300.0
# Shorter beginnings are not cached by any of its models, by some not up to four times as many.
LEAST_TOKENS = 1_024
_MOST_MARKS = 4_096

# A document, and the standing instructions before it: a cached beginning is the same to the last letter.
_Beginning = tuple[str, str | None]


@dataclass(slots=True)
class CacheMarks:
    """The beginnings that a lane's calls had cached lately."""

    _used_at: dict[_Beginning, float] = field(default_factory=dict)

    def mark(self, work: ActiveRun, task: QueuedTask, behind: Iterable[int], now: float) -> bool:
        """Whether a call that leaves now asks for its document to be cached, or read from there.

        Args:
            behind: the prompts that the run will ask about the same document afterwards.
            now: seconds, by the monotonic clock.
        """
        if task.tokens < LEAST_TOKENS:
            return False
        system = work.questions[task.prompt_id].system
        beginning = (task.content_key, system)
        is_kept = now - self._used_at.get(beginning, float("-inf")) < KEPT_SECONDS
        follows = any(work.questions[prompt_id].system == system for prompt_id in behind)
        if is_kept or follows:
            self._note(beginning, now)
        return is_kept or follows

    def _note(self, beginning: _Beginning, now: float) -> None:
        if len(self._used_at) >= _MOST_MARKS:
            kept = {one: at for one, at in self._used_at.items() if now - at < KEPT_SECONDS}
            self._used_at = kept if len(kept) < _MOST_MARKS else {}
        self._used_at[beginning] = now
