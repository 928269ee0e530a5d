"""The product and the model side by side: what users do is done to both, and then they are compared."""

import threading
import time
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from tests.model.absorbing import Absorber
from tests.model.calls import OPEN, Key, Reply, Run
from tests.model.comparing import Comparison
from tests.model.desk import Call
from tests.model.fees import FEES, document
from tests.model.library import Library
from tests.model.life import ACTIONS, Batch, Blocked, Illegal, Refused
from tests.model.lives import Lives
from tests.model.orders import Question, asked
from tests.model.rig import Rig
from tests.model.seen import Seen
from tests.model.tally import Tally
from tests.support.waiting import PATIENCE

from docstage.domain.errors import ActionNotAllowed, Conflict
from docstage.domain.lifecycle import Action
from docstage.domain.tasks import FailureKind
from docstage.service.batches import batches as service
from docstage.service.batches.inputs import BatchChange, BatchInput
from docstage.service.session import Session


class World:
    """A rig with its model.

    Attributes:
        lives: the model.
        told: what was done, for whoever has to understand a failure.
    """

    def __init__(self, url: str, home: Path) -> None:
        self.rig = Rig(url, home)
        self.lives = Lives()
        self.told: list[str] = []
        self._gone: set[int] = set()
        self._answers = 0
        self._versions = 0
        self._library = Library(self.rig.services, self.rig.documents)
        self._observer = self._library.observer()
        self._absorber = Absorber(self.lives, self._observer, self.rig.documents, Tally())
        self._comparison = Comparison(self.lives, self._observer, self.rig)
        self.write("a.txt")
        self.write("b.txt")
        self.rig.start()

    @property
    def batches(self) -> dict[int, Batch]:
        """The model of each batch, by its id."""
        return self.lives.batches

    @property
    def tally(self) -> Tally:
        """What was done."""
        return self._absorber.tally

    # What users do

    def save(
        self, lanes: Sequence[str], questions: int, budget: float | None, limit: float | None, *, stage: bool
    ) -> None:
        """Save a batch with prompts of its own, and stage it perhaps."""
        texts = [self._library.new_prompt() for _ in range(questions)]
        wanted = BatchInput(
            name=f"batch {len(self.batches) + len(self._gone)}",
            folder_ids=[self._library.folder],
            connection_ids=self._library.connections(lanes),
            prompt_ids=[number for number, _ in texts],
            budget=budget,
            failure_limit=limit,
        )
        saved = service.save(Session(self.rig.services), wanted, stage=stage)
        self._note(f"save {saved.id}: {lanes}, {questions} prompts, {budget=}, {limit=}, {stage=}")
        made = Batch(tuple(lanes), tuple(text for _, text in texts), budget, limit, FEES)
        if stage:
            made.act("stage")
        self.batches[saved.id] = made
        self.tally.batches += 1

    def act(self, number: int, action: str, kinds: Sequence[str] = (), actor: str = "user") -> str:
        """Carry out an action, in the product and in the model; both must agree on whether it is allowed."""
        model = self.batches[number]
        self._note(f"{actor}: {action} {number} {' '.join(kinds)}".rstrip())
        before = self._observer.raw(number)
        answer = self._ask(number, action, kinds, actor)
        expected = asked(model, action, kinds, actor)
        if expected == "done":
            self.lives.woken(model)
        assert answer == expected, f"{action} of {number} was {answer}, the model says {expected}"
        if answer != "done":
            self.tally.refusals += 1
            assert self._observer.raw(number) == before, f"the refused {action} has changed batch {number}"
        return answer

    def stage(self, number: int) -> None:
        """Begin to stage it, by whatever action does."""
        for action in ("stage", "restage"):
            if action in self.batches[number].allowed:
                self.act(number, action)

    def together(self, number: int, first: str, second: str) -> None:
        """Two users act at once: there must be an order in which the model allows what was allowed."""
        self._note(f"at once: {first} and {second} {number}")
        answers: dict[int, str] = {}
        barrier = threading.Barrier(2)

        def carry_out(who: int, action: str) -> None:
            barrier.wait()
            answers[who] = self._ask(number, action, (), f"user {who}")

        threads = [
            threading.Thread(target=carry_out, args=(who, action))
            for who, action in enumerate((first, second))
        ]
        held, self.rig.holds_staging = self.rig.holds_staging, True  # the engine's step is no user's
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rest()
        self.rig.holds_staging = held
        actions = {f"user {who}": action for who, action in enumerate((first, second))}
        self._explain(number, actions, {f"user {who}": answer for who, answer in answers.items()})

    def _explain(self, number: int, actions: Mapping[str, str], answers: Mapping[str, str]) -> None:
        """Find an order in which the model allows what was seen, and take it for what happened."""
        model, seen = self.batches[number], self._observer.look([number])[number]
        log, begun = seen.events[len(model.events) :], self._absorber.begun(model, seen)
        question = Question(actions, answers, lambda tried, one: self._absorber.move(tried, one, seen))
        before = self.lives.held, copy(self.tally)
        for found in question.explanations(model, log, begun):
            self.lives.held, self._absorber.tally = set(before[0]), copy(before[1])
            self.lives.woken(found)
            tried = found.copy()
            self._absorber.hold(tried, seen)
            try:
                self._absorber.absorb_one(tried, seen)
                self._comparison.rows(number, tried, seen)
            except AssertionError:
                continue
            self.batches[number] = tried
            return
        raise AssertionError(f"no order explains {answers} to {actions}: {log}, {begun} began")

    def edit(self, number: int, **changes: Any) -> None:
        """Change a batch's limits or members."""
        self._note(f"edit {number} {changes}")
        model, before = self.batches[number], self._observer.raw(number)
        asked = dict(changes)
        if "connections" in asked:
            asked["connection_ids"] = self._library.connections(asked.pop("connections"))
        try:
            service.change_batch(Session(self.rig.services), number, BatchChange(**asked))
            answer = True
        except Conflict:
            answer = False
        try:
            model.edit(**changes)
            expected = True
        except (Refused, Blocked):
            expected = False
        assert answer == expected, f"the edit was {answer}, the model says {expected}"
        if not answer:
            assert self._observer.raw(number) == before

    def delete(self, number: int) -> None:
        """Delete a batch, if that is allowed."""
        self._note(f"delete {number}")
        before = self._observer.raw(number)
        try:
            service.delete_batch(Session(self.rig.services), number)
            answer = True
        except Conflict:
            answer = False
        assert answer == self.batches[number].may_be_deleted
        if answer:
            del self.batches[number]
            self._gone.add(number)
        else:
            assert self._observer.raw(number) == before

    # What happens around them

    def write(self, name: str) -> None:
        """Write a document, or write it anew."""
        self._versions += 1
        (self.rig.documents / name).write_text(document(name, self._versions))
        self._absorber.folder_changes()

    def remove(self, name: str) -> None:
        """Remove a document."""
        (self.rig.documents / name).unlink(missing_ok=True)
        self._absorber.folder_changes()

    def answer(self, index: int, failure: str | None) -> None:
        """The model server answers one of the calls that wait."""
        waiting = self._answerable()
        if waiting:
            self._answer(*waiting[index % len(waiting)], failure)

    def answer_all(self, failure: str | None = None) -> None:
        """It answers all of them."""
        for call, owner, key, number in self._answerable():
            self._answer(call, owner, key, number, failure)

    def late_answer(self, number: int, action: str) -> None:
        """An answer comes at the moment at which its batch is cancelled, reset or restaged."""
        calls = [one for one in self._answerable() if one[1] is self.batches[number].run]
        if self.act(number, action) == "done":
            for call, owner, key, attempt_number in calls:
                self._answer(call, owner, key, attempt_number, None)

    def start(self) -> None:
        """Start an engine where none is; one that holds its lock takes some time to end."""
        if self.rig.engine is None:
            self._note("start")
            self.lives.held.clear()
            self.rig.start()

    def kill(self) -> None:
        """Kill the engine."""
        if self.rig.engine is not None:
            self._note("kill")
            self._killed()

    def kill_at(self, commits: int, *, after: bool) -> None:
        """Let the engine die at one of its next commits, when it comes to that."""
        if self.rig.engine is not None:
            self._note(f"kill at commit {commits}, {after=}")
            self.rig.engine.database.die_at(commits, after=after)

    def stop(self, *, answering: bool) -> None:
        """Stop the engine as SIGTERM does; the server may answer what is in flight in time."""
        engine = self.rig.engine
        if engine is None:
            return
        self._note(f"stop, {answering=}")
        waiting = self._answerable()
        for _, owner, key, number in waiting:
            owner.tasks[key].attempts[number - 1].given_up = not answering
        engine.stop()
        soon = waiting if answering else []
        if answering:
            for call, owner, key, number in waiting:
                self._answer(call, owner, key, number, None)
        deadline = time.monotonic() + PATIENCE
        while not engine.has_ended:
            if engine.database.dead:
                self._killed()
                return
            self._absorber.absorb()
            if not any(
                owner.tasks[key].attempts[number - 1].outcome == OPEN for _, owner, key, number in soon
            ):
                self.lives.give_up_everything()
                engine.pass_time(0.5)
            time.sleep(0.001)
            assert time.monotonic() < deadline, "the engine does not stop"
        if engine.database.dead:
            self.lives.lose_everything()
        engine.release()
        self.rig.engine = None
        assert engine.error is None, repr(engine.error)
        self._absorber.absorb()

    def hold_staging(self, *, holds: bool) -> None:
        """Let staging wait, or go on."""
        self._note(f"hold staging: {holds}")
        self.rig.holds_staging = holds

    def set_clock(self, seconds: float) -> None:
        """Set the wall clock forwards or back."""
        self._note(f"wall clock {seconds:+}")
        self.rig.clock.wall += seconds

    # Waiting

    def settle(self) -> None:
        """Wait until the engine has done all that it can do without an answer, and compare."""
        deadline = time.monotonic() + PATIENCE
        rested, seconds = 0, 1.0
        before: dict[int, Seen] | None = None
        while self.rest(deadline):
            seen = self._absorber.absorb()
            if seen != before:  # what the engine did last it may have to take up yet
                before = seen
                continue
            owed = self.lives.owed(holds_staging=self.rig.holds_staging)
            if owed is None:
                if self._comparison.all(seen):
                    self._absorber.folder_settles()
                    return
                continue
            rested += 1
            if rested > 3:  # it may wait for its next try
                assert seconds < 1_000, f"the engine owes {owed}; {self.lives}"
                self.rig.jump(seconds)
                seconds *= 2
        if self.rig.engine is not None:
            self._killed()
        assert self._comparison.all(self._absorber.absorb()), "something goes on without an engine"
        self._absorber.folder_settles()

    def rest(self, deadline: float | None = None) -> bool:
        """Wait until nothing is under way in the engine; returns False when there is none that lives."""
        deadline = deadline or time.monotonic() + PATIENCE
        quiet_at: int | None = None
        while True:
            engine = self.rig.engine
            if engine is None or engine.database.dead:
                return False
            assert not engine.has_ended, f"the engine has ended: {engine.error!r}"
            looks = engine.quiet_after()
            if looks is not None and quiet_at is not None and looks >= quiet_at + 2:
                return True
            if looks is None or quiet_at is None:
                quiet_at = looks
            assert time.monotonic() < deadline, f"the engine does not rest; {self.lives}"
            time.sleep(0.002)

    def check_deep(self) -> None:
        """Look at every invariant of the database."""
        self._comparison.check_deep()

    def finish(self) -> None:
        """Let all that is under way come to its end, with an engine that works, and look at everything."""
        self.hold_staging(holds=False)
        self.start()
        self.settle()
        for _ in range(200):
            if self.rig.engine is None:  # it was told to die
                self.start()
            if not self._answerable() and not any(
                model.status in {"STAGING", "ANALYZING"} for model in self.batches.values()
            ):
                break
            self.answer_all()
            self.settle()
        else:
            raise AssertionError(f"what is under way does not end: {self.lives}")
        for number, model in list(self.batches.items()):
            if model.status == "PAUSED":
                self.act(number, "cancel")
        self.settle()
        self._comparison.check_deep()

    def close(self) -> None:
        """End everything."""
        self.rig.close()

    # Parts

    def _ask(self, number: int, action: str, kinds: Sequence[str], actor: str) -> str:
        chosen = [FailureKind(kind) for kind in kinds]
        try:
            service.act(Session(self.rig.services, actor=actor), number, Action(action), failure_kinds=chosen)
        except ActionNotAllowed as error:
            if set(error.extra["allowed_actions"]) != set(ACTIONS[error.extra["current_status"]]):
                raise Illegal(f"the refusal tells of other actions: {error.extra}") from error
            return "refused"
        except Conflict:
            return "blocked"
        return "done"

    def _answerable(self) -> list[tuple[Call, Run, Key, int]]:
        """Calls that wait at the server and may be answered, with what they are in the model."""
        return [
            (call, owner, key, number)
            for call in self.rig.desk.open()
            for owner, key, number in self.lives.open_calls()
            if key == (call.document, call.connection, call.prompt)
            and owner.tasks[key].attempts[number - 1].given is None
        ]

    def _answer(self, call: Call, owner: Run, key: Key, number: int, failure: str | None) -> None:
        self._note(f"answer {key} {number} of run {owner.number}: {failure or 'well'}")
        self._answers += 1
        reply = Reply(failure=failure) if failure else Reply(f"answer {self._answers}")
        owner.tasks[key].attempts[number - 1].given = reply
        call.answer(reply)

    def _killed(self) -> None:
        self.tally.crashes += 1
        self.told.append("(the engine is dead)")
        self.rig.kill()
        self._absorber.absorb()
        self.lives.lose_everything()

    def _note(self, what: str) -> None:
        self.told.append(what)
        self.tally.steps += 1
