"""In which order it can have happened: two users at once, and an engine that goes on meanwhile.

The log tells in which order statuses changed. It does not tell where a refusal belongs, nor whether a call
began before or after a change; so all that is possible is tried.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.model.calls import Key
from tests.model.life import Batch, Blocked, Event, Illegal, Refused

Begun = tuple[Key, int]


def asked(model: Batch, action: str, kinds: Sequence[str], actor: str) -> str:
    """Carry out an action in the model; returns `done`, `refused` or `blocked`."""
    try:
        model.act(action, kinds, actor)
    except Refused:
        return "refused"
    except Blocked:
        return "blocked"
    return "done"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained.

    Attributes:
        actions: by user.
        answers: what the product said to each of them.
        moves: carries out what the engine did; raises Illegal where it must not.
    """

    actions: Mapping[str, str]
    answers: Mapping[str, str]
    moves: Callable[[Batch, Event], None]

    def explanations(self, model: Batch, log: Sequence[Event], begun: Sequence[Begun]) -> Iterator[Batch]:
        """The batch behind the last user's action, for each order that explains answers and log.

        Args:
            model: the batch before.
            log: what was logged since, the engine's lines without their action.
            begun: calls that were recorded since.
        """
        return self._explain(model, frozenset(self.actions), log, begun)

    def _explain(
        self, model: Batch, waiting: frozenset[str], log: Sequence[Event], begun: Sequence[Begun]
    ) -> Iterator[Batch]:
        if not waiting:
            if all(one.actor == "engine" for one in log):
                yield model
            return
        for user in sorted(waiting):
            for before, later in _splits(model, begun):
                tried = before.copy()
                if not self._agrees(tried, user):
                    continue
                logged = tried.events[len(model.events) :]
                if list(log[: len(logged)]) == logged:
                    yield from self._explain(tried, waiting - {user}, log[len(logged) :], later)
        if log and log[0].actor == "engine":
            tried = model.copy()
            try:
                self.moves(tried, log[0])
            except Illegal:
                return
            yield from self._explain(tried, waiting, log[1:], begun)

    def _agrees(self, model: Batch, user: str) -> bool:
        """Carry out a user's action in the model; returns whether it answers as the product did."""
        return asked(model, self.actions[user], (), user) == self.answers[user]


def _splits(model: Batch, begun: Sequence[Begun]) -> Iterator[tuple[Batch, Sequence[Begun]]]:
    """The batch with some of the calls begun, and those that begin later; most at first.

    A call that is taken to have begun too early is given up too often, which forbids nothing.
    """
    if model.status == "ANALYZING":
        for number in range(len(begun), 0, -1):
            for some in combinations(begun, number):
                tried = model.copy()
                try:
                    for key, call in some:
                        tried.call_began(key, call)
                except Illegal:
                    continue
                yield tried, [one for one in begun if one not in some]
    yield model, begun
