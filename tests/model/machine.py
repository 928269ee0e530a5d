"""The rules by which Hypothesis puts sequences of steps together."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.model.calls import MOST_TRIES
from tests.model.fees import CONNECTIONS
from tests.model.life import EVERY_ACTION
from tests.model.places import Place
from tests.model.tally import Tally
from tests.model.world import World

MOST_BATCHES = 3
_INDEX = st.integers(0, 5)
_ACTIONS = st.sampled_from(EVERY_ACTION)
_FAILURES = st.sampled_from(sorted(MOST_TRIES))
# None for any call; for one at a time, and few; for some; for all.
_BUDGETS = st.sampled_from([None, None, 0.001, 0.04, 0.1, 5.0])
_LIMITS = st.sampled_from([None, None, 0.0, 0.5])
_LANES = st.sampled_from([CONNECTIONS[:1], CONNECTIONS[:1], CONNECTIONS, CONNECTIONS[1:]])
_CHANGES = st.one_of(
    st.fixed_dictionaries({"budget": _BUDGETS}),
    st.fixed_dictionaries({"failure_limit": _LIMITS}),
    st.fixed_dictionaries({"connections": _LANES}),
)
_USUAL: dict[str, tuple[str, ...]] = {
    "SAVED": ("stage",),
    "STAGED": ("run",),
    "PAUSED": ("resume",),
    "COMPLETED": ("rerun", "retry", "restage"),
    "FAILED": ("retry", "rerun", "restage"),
    "FAILED_STAGING": ("stage", "restage"),
}
_NAMES = st.sampled_from(["a.txt", "b.txt", "c.txt"])


class BatchMachine(RuleBasedStateMachine):
    """Sequences of steps, each of which begins with an empty database.

    Attributes:
        place: makes the database, given a folder.
        total: what was done is added to it.
        sequences: what was done in each sequence, the last one at the end.
        differences: the sequences that showed one, counted from 1, each with what was found. Hypothesis tries
            a sequence again that has failed; how threads take turns it cannot repeat, so that its own word
            may be that nothing is there.
    """

    place: ClassVar[Place]
    total: ClassVar[Tally]
    sequences: ClassVar[list[Sequence[str]]]
    differences: ClassVar[list[tuple[int, BaseException]]]

    def __init__(self) -> None:
        super().__init__()
        self._home = Path(tempfile.mkdtemp(prefix="docstage-model-"))
        self.world = World(type(self).place(self._home), self._home)
        self._is_well = True
        self.sequences.append(self.world.told)

    # The steps

    @initialize(lanes=_LANES, questions=st.integers(1, 2))
    def begin(self, lanes: Sequence[str], questions: int) -> None:
        self._do(lambda: self.world.save(lanes, questions, None, None, stage=True))
        self._do(lambda: self.world.act(min(self.world.batches), "run"))

    @precondition(lambda self: len(self.world.batches) < MOST_BATCHES)
    @rule(lanes=_LANES, questions=st.integers(1, 2), budget=_BUDGETS, limit=_LIMITS, stage=st.booleans())
    def save(
        self, lanes: Sequence[str], questions: int, budget: float | None, limit: float | None, stage: bool
    ) -> None:
        self._do(lambda: self.world.save(lanes, questions, budget, limit, stage=stage))

    @rule(index=_INDEX, action=_ACTIONS)
    def any_action(self, index: int, action: str) -> None:
        self._do_to(index, lambda number: self.world.act(number, action))

    @rule(index=_INDEX, choice=_INDEX, actor=st.sampled_from(["user", "Ann", "Bert"]))
    def allowed_action(self, index: int, choice: int, actor: str) -> None:
        def carry_out(number: int) -> None:
            allowed = sorted(self.world.batches[number].allowed)
            self.world.act(number, allowed[choice % len(allowed)], actor=actor)

        self._do_to(index, carry_out)

    @rule(index=_INDEX, choice=_INDEX)
    def go_on(self, index: int, choice: int) -> None:
        """What users do most: the next step towards results."""

        def carry_out(number: int) -> None:
            status = self.world.batches[number].status
            if status == "STAGING":
                self.world.hold_staging(holds=False)
            elif status == "ANALYZING":
                self.world.answer_all(None if choice else "overloaded")
            else:
                steps = _USUAL[status]
                self.world.act(number, steps[choice % len(steps)])

        self._do(self.world.start)
        self._do_to(index, carry_out)

    @rule(index=_INDEX, kinds=st.lists(_FAILURES, max_size=3, unique=True))
    def retry(self, index: int, kinds: list[str]) -> None:
        self._do_to(index, lambda number: self.world.act(number, "retry", kinds))

    @rule(index=_INDEX, first=_ACTIONS, choice=_INDEX)
    def at_once(self, index: int, first: str, choice: int) -> None:
        def carry_out(number: int) -> None:
            allowed = sorted(self.world.batches[number].allowed)
            self.world.together(number, first, allowed[choice % len(allowed)])

        self._do_to(index, carry_out)

    @rule(index=_INDEX, failure=_FAILURES)
    def answer_badly(self, index: int, failure: str) -> None:
        self._do(lambda: self.world.answer(index, failure))

    @rule(index=_INDEX, choice=_INDEX)
    def go_on_again(self, index: int, choice: int) -> None:
        self.go_on(index, choice)

    @rule(index=_INDEX)
    def answer_well(self, index: int) -> None:
        self._do(lambda: self.world.answer(index, None))

    @rule(failure=st.sampled_from([None, None, None, "overloaded", "bad_request", "auth"]))
    def answer_all(self, failure: str | None) -> None:
        self._do(lambda: self.world.answer_all(failure))

    @rule(index=_INDEX, action=st.sampled_from(["cancel", "pause", "reset"]))
    def late_answer(self, index: int, action: str) -> None:
        self._do_to(index, lambda number: self.world.late_answer(number, action))

    @rule(index=_INDEX, change=_CHANGES)
    def edit(self, index: int, change: dict[str, Any]) -> None:
        self._do_to(index, lambda number: self.world.edit(number, **change))

    @rule(index=_INDEX)
    def delete(self, index: int) -> None:
        self._do_to(index, self.world.delete)

    @rule(name=_NAMES, removes=st.booleans())
    def change_documents(self, name: str, removes: bool) -> None:
        self._do(lambda: self.world.remove(name) if removes else self.world.write(name))

    @rule(index=_INDEX, holds=st.sampled_from([True, False]))
    def hold_staging(self, index: int, holds: bool) -> None:
        """Staging stands still while a batch is staged, or goes on."""
        self.world.hold_staging(holds=holds)
        self._do_to(index, lambda number: self.world.stage(number) if holds else None)

    @rule(kind=st.sampled_from(["kill", "stop", "stop in time", "commit"]), commits=st.integers(1, 6))
    def end_engine(self, kind: str, commits: int) -> None:
        def carry_out() -> None:
            if kind == "kill":
                self.world.kill()
            elif kind == "commit":
                self.world.kill_at(commits // 2 + 1, after=commits % 2 == 0)
            else:
                self.world.stop(answering=kind == "stop in time")

        self._do(carry_out)

    @precondition(lambda self: self.world.rig.engine is None)
    @rule()
    def start(self) -> None:
        self._do(self.world.start)

    @precondition(lambda self: self.world.rig.engine is None)
    @rule()
    def start_soon(self) -> None:
        self._do(self.world.start)

    @rule(hours=st.sampled_from([-1, 1]))
    def set_clock(self, hours: int) -> None:
        self._do(lambda: self.world.set_clock(3_600.0 * hours))

    # Around them

    def _do(self, step: Callable[[], Any]) -> None:
        try:
            step()
            self.world.settle()
        except BaseException as error:
            self._differs(error)
            raise

    def _do_to(self, index: int, step: Callable[[int], Any]) -> None:
        numbers = sorted(self.world.batches)
        if numbers:
            self._do(lambda: step(numbers[index % len(numbers)]))

    def _differs(self, error: BaseException) -> None:
        self._is_well = False
        error.add_note("\n".join(self.world.told))
        self.differences.append((len(self.sequences), error))

    def teardown(self) -> None:
        try:
            if self._is_well:
                self.world.finish()
        except BaseException as error:
            self._differs(error)
            raise
        finally:
            self.world.close()
            self.total.add(self.world.tally)
            shutil.rmtree(self._home, ignore_errors=True)


def machine_over(place: Place, total: Tally, sequences: list[Sequence[str]]) -> type[BatchMachine]:
    """The machine over databases of a kind; see its attributes."""

    class Machine(BatchMachine):
        pass

    Machine.place, Machine.total, Machine.sequences = staticmethod(place), total, sequences
    Machine.differences = []
    return Machine
