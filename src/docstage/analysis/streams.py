"""The stream of one prompt's calls over one connection: it begins small, and stops early where all end alike.

A few calls leave at first, and the more the more are answered. Where calls end alike and none is answered
between, no more are in flight than it takes to be sure; then the prompt is *held*, and its tasks wait.
Kinds of failure say how many that takes (`POLICIES`).
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, field

from docstage.analysis.gaps import Failed, Gaps, Hold
from docstage.domain.tasks import POLICIES, FailureKind

FIRST_CALLS = 4
OPENS_BY = 7  # for each call that is answered: a round of answers lets out eight times as many
# So many different tasks failing one after another, none succeeding, are not the tasks' own fault.
SUSPECT_TASKS = 3
# A busy server fails calls of all prompts: one that answers so many others meanwhile is not busy.
ANSWERS_BESIDE = 3
# A prompt that often fails is held by chance no more often than this, as far as its calls so far tell.
_BY_CHANCE = 1e-6
_MOST_ALIKE = 100
# Where a further try may mend an answer, some tasks must have been given up before a prompt is held; and such
# tries have their time before more tasks are asked.
GIVEN_UP = 2
DOUBT_SECONDS = 1.0
_WIDEST = 1_000_000
_LIKENESS = 200  # characters of a message that are compared
# Names, numbers and quoted words differ from call to call.
_VARIABLE = re.compile(r'"[^"]*"|`[^`]*`|(?<!\w)\'[^\']*\'|\S*\d\S*')


@dataclass(slots=True, eq=False)
class Stream(Gaps):
    """How one prompt fares over one connection, in one run.

    Attributes:
        at_once: calls that may be in flight now.
        failing: tasks whose calls failed for what time heals, since the last answer.
    """

    at_once: int = FIRST_CALLS
    failing: set[int] = field(default_factory=set)
    _window: int = FIRST_CALLS
    _alike: Counter[tuple[FailureKind, str]] = field(default_factory=Counter)
    _kinds: Counter[FailureKind] = field(default_factory=Counter)
    _given_up: int = 0
    _failing_since: float = 0.0
    _beside: int = 0
    _answers: int = 0
    _failures: int = 0  # before those that are counted in `_kinds`

    def succeeded(self) -> None:
        """A call was answered."""
        self._answers += 1
        if self._kinds:
            self._forget()
        self._open()

    def answered_beside(self, begun_at: float) -> None:
        """A call of another prompt was answered, which had left at that time."""
        self._beside += begun_at > self._failing_since

    def failed(self, failed: Failed, now: float) -> None:
        """A call failed."""
        need = POLICIES[failed.kind].alike
        if need is None:
            if not self._kinds:
                self._open()
            return
        need = self._sure(need)
        if not self._kinds:
            self._failing_since = now
        if failed.heals:
            self.failing.add(failed.task_id)
        likeness = failed.kind, likeness_of(failed.message)
        self._alike[likeness] += 1
        self._kinds[failed.kind] += 1
        self._given_up += failed.is_last
        # The same kind in other words takes twice as many to be sure.
        found = max(self._alike[likeness], self._kinds[failed.kind] // 2)
        self.at_once = self._room(need - found)
        if found >= need:
            self._judge(failed, now)

    def _judge(self, failed: Failed, now: float) -> None:
        """So many have ended alike: hold the prompt, unless something may show yet that it works."""
        if not failed.heals and self._given_up < GIVEN_UP:
            self.closed_until = now + DOUBT_SECONDS
        elif self._is_its_own(failed):
            self.hold = self.hold or Hold(failed.kind, failed.message, now, self._kinds[failed.kind])

    def _open(self) -> None:
        if self._window < _WIDEST:
            self._window += OPENS_BY
            self.at_once = self._window

    def _sure(self, need: int) -> int:
        """How many in a row it takes, for a prompt that fails as often as this one has so far."""
        if not self._answers or not self._failures:
            return need
        share = self._failures / (self._failures + self._answers)
        return min(_MOST_ALIKE, max(need, math.ceil(math.log(_BY_CHANCE) / math.log(share))))

    def _is_its_own(self, failed: Failed) -> bool:
        if not failed.heals:
            return True
        return self._beside >= ANSWERS_BESIDE and len(self.failing) >= SUSPECT_TASKS

    def _room(self, left: int) -> int:
        if len(self.failing) >= SUSPECT_TASKS:
            return 1
        return max(1, min(self._window, left))

    def _forget(self) -> None:
        self._failures += self._kinds.total()
        self.failing.clear()
        self._alike.clear()
        self._kinds.clear()
        self._beside = self._given_up = 0
        self.closed_until = min(self.closed_until, self._failing_since)
        self.recovered()
        self.at_once = self._window


def likeness_of(message: str) -> str:
    """What is the same in messages that say the same: without names, numbers and quoted words."""
    return " ".join(_VARIABLE.sub("#", message).lower().split())[:_LIKENESS]
