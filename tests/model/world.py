"""The product and the model side by side: what users do is done to both, and then they are compared."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.model.life import (
    ACTIONS,
    HOLDS,
    OPEN,
    Attempt,
    Batch,
    Blocked,
    End,
    Event,
    Fee,
    Illegal,
    Key,
    Refused,
    Reply,
    Run,
)
from tests.model.orders import Question, asked
from tests.model.rig import USED, Call, Rig
from tests.model.seen import Observer, Seen, SeenCall
from tests.support.waiting import PATIENCE

from docstage.domain.errors import ActionNotAllowed, Conflict
from docstage.domain.lifecycle import Action
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.service.batches import batches as service
from docstage.service.batches.inputs import BatchChange, BatchInput
from docstage.service.batches.views import BatchView
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput, Limits, Prices
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput
from docstage.service.session import Session
from docstage.service.system.deep_checks import deep_checks
from docstage.store.paging import PageRequest

CONNECTIONS = ("priced", "unpriced")
CONCURRENCY = 2
_READ, _WRITTEN = 10.0, 100.0  # dollars per million tokens
_OUTPUT_LIMIT = 100
# Names, documents and prompts are all of one length, so that no call may cost more than another: a token for
# each byte of document and prompt, 6 for a character of the name, and what servers add of their own.
_DOCUMENT, _QUESTION = "Document {} as of {:04}.", "Question {:03}"
_ADDED = 2_048


def _fee() -> Fee:
    name = "a.txt"
    sent = len(_DOCUMENT.format(name, 1)) + 6 * len(name) + len(_QUESTION.format(1)) + _ADDED
    return Fee(most=_nanos(sent, _OUTPUT_LIMIT), answer=_nanos(USED.input_tokens, USED.output_tokens))


def _nanos(read: int, written: int) -> int:
    """Nano-dollars of so many tokens."""
    return round(1_000 * (read * _READ + written * _WRITTEN))


FEES = {"priced": _fee()}


@dataclass(slots=True)
class Tally:
    """What was done in a sequence of steps."""

    steps: int = 0
    calls: int = 0
    crashes: int = 0
    refusals: int = 0
    batches: int = 0
    runs: int = 0

    def add(self, other: "Tally") -> None:
        """Add another's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class World:
    """A rig with its model.

    Attributes:
        batches: the model, by the batch's id.
        told: what was done, for whoever has to understand a failure.
    """

    def __init__(self, url: str, home: Path) -> None:
        self.rig = Rig(url, home)
        self.batches: dict[int, Batch] = {}
        self.told: list[str] = []
        self.tally = Tally()
        self._gone: set[int] = set()
        self._answers = 0
        self._prompts = 0
        self._versions = 0
        self._held: set[str] = set()
        self._folder_changed = False
        self._staged_from: dict[int, set[str]] = {}
        self._questions: dict[int, str] = {}
        services = self.rig.services
        self.write("a.txt")
        self.write("b.txt")
        self._folder = folders.create_folder(services, FolderInput(path=str(self.rig.documents))).id
        self._connections = {
            name: connections.create_connection(
                services,
                ConnectionInput(
                    name=name,
                    provider="openai-compatible",
                    model=name,
                    base_url="http://127.0.0.1:9/v1",
                    limits=Limits(concurrency=CONCURRENCY),
                    timeout=3_600,
                    max_output_tokens=_OUTPUT_LIMIT,
                    prices=Prices(input=_READ, output=_WRITTEN) if name in FEES else None,
                ),
            ).id
            for name in CONNECTIONS
        }
        names = {number: name for name, number in self._connections.items()}
        self._observer = Observer(services.database, names, self._questions)
        self.rig.start()

    # What users do

    def save(
        self, lanes: Sequence[str], questions: int, budget: float | None, limit: float | None, *, stage: bool
    ) -> None:
        """Save a batch with prompts of its own, and stage it perhaps."""
        texts = [self._new_prompt() for _ in range(questions)]
        wanted = BatchInput(
            name=f"batch {len(self.batches) + len(self._gone)}",
            folder_ids=[self._folder],
            connection_ids=[self._connections[name] for name in lanes],
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
            self._woken(model)
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
        log, begun = seen.events[len(model.events) :], self._begun(model, seen)
        question = Question(actions, answers, lambda tried, one: self._move(tried, one, seen))
        before = self._held, copy(self.tally)
        for found in question.explanations(model, log, begun):
            self._held, self.tally = set(before[0]), copy(before[1])
            self._woken(found)
            tried = found.copy()
            self._hold(tried, seen)
            try:
                self._absorb(tried, seen)
                self._compare_rows(number, tried, seen)
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
            asked["connection_ids"] = [self._connections[name] for name in asked.pop("connections")]
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
        (self.rig.documents / name).write_text(_DOCUMENT.format(name, self._versions))
        self._folder_changes()

    def remove(self, name: str) -> None:
        """Remove a document."""
        (self.rig.documents / name).unlink(missing_ok=True)
        self._folder_changes()

    def answer(self, index: int, failure: str | None) -> None:
        """The model server answers one of the calls that wait."""
        waiting = self._answerable()
        if waiting:
            call, owner, key, number = waiting[index % len(waiting)]
            self._answer(call, owner, key, number, failure)

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
            self._held.clear()
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
            self.absorb()
            if not any(
                owner.tasks[key].attempts[number - 1].outcome == OPEN for _, owner, key, number in soon
            ):
                self._give_up_everything()
                engine.pass_time(0.5)
            time.sleep(0.001)
            assert time.monotonic() < deadline, "the engine does not stop"
        died = engine.database.dead
        if died:
            self._lose_everything()
        engine.release()
        self.rig.engine = None
        assert engine.error is None, repr(engine.error)
        self.absorb()

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
            seen = self.absorb()
            if seen != before:  # what the engine did last it may have to take up yet
                before = seen
                continue
            owed = self._owed()
            if owed is None:
                if self._compare(seen):
                    return
                continue
            rested += 1
            if rested > 3:  # it may wait for its next try
                assert seconds < 1_000, f"the engine owes {owed}; {self._state()}"
                self.rig.jump(seconds)
                seconds *= 2
        if self.rig.engine is not None:
            self._killed()
        assert self._compare(self.absorb()), "something goes on without an engine"

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
            assert time.monotonic() < deadline, f"the engine does not rest; {self._state()}"
            time.sleep(0.002)

    def _owed(self) -> str | None:
        """What the engine must do by itself, sooner or later."""
        for number, model in self.batches.items():
            for one in model.runs:
                for key, call in one.open_calls():
                    given = one.tasks[key].attempts[call - 1]
                    if given.given or given.given_up or given.lost:
                        return f"the end of call {call} of {key} of batch {number}"
            if model.status == "STAGING" and not self.rig.holds_staging:
                return f"the staging of batch {number}"
            if model.status == "ANALYZING":
                owed = self._owed_to(model)
                if owed:
                    return f"{owed} of batch {number}"
        return None

    def _owed_to(self, model: Batch) -> str | None:
        current = model.run
        assert current is not None
        if model.is_finished or model.failed_too_often:
            return "the end"
        if self._is_stuck(model) and not any(
            self._is_busy(name) for name in current.connections if name not in self._held
        ):
            return "a pause"
        for connection in current.connections:
            if not current.waiting(connection) or connection in self._held or not model.fits(connection):
                continue
            if not self._is_busy(connection):
                return f"a call on {connection}"
        return None

    def _is_busy(self, connection: str) -> bool:
        """Whether calls are in flight: one may be all that it lets out; nothing else is looked at then."""
        return any(self._calls_of(other, connection) for other in self.batches.values())

    @staticmethod
    def _calls_of(model: Batch, connection: str) -> int:
        return sum(len(one.open_calls(connection)) for one in model.runs)

    def _is_stuck(self, model: Batch) -> bool:
        """Whether all that is left of its run waits for somebody to mend something."""
        current = model.run
        assert current is not None
        left = {key[1] for key, one in current.tasks.items() if one.is_open}
        return not current.open_calls() and all(name in self._held or not model.fits(name) for name in left)

    # Observing

    def absorb(self) -> dict[int, Seen]:
        """Tell the model what the engine has done meanwhile; returns what was seen."""
        seen = self._observer.look(self.batches)
        for number, model in self.batches.items():
            self._hold(model, seen[number])
        for number, model in self.batches.items():
            self._absorb(model, seen[number])
        return seen

    def _hold(self, model: Batch, seen: Seen) -> None:
        """See which connections were found not to work; that pauses other batches too."""
        for owner, key, call, end in self._ended(model, seen):
            given = owner.tasks[key].attempts[call - 1].given
            if end.outcome == "failed" and given and given.failure in HOLDS:
                self._held.add(key[1])

    def _absorb(self, model: Batch, seen: Seen) -> None:
        news = seen.events[len(model.events) :]
        begun = self._begun(model, seen)
        ended = self._ended(model, seen)
        if not news and not begun and not ended:
            return
        for one in list(news):  # staging comes before calls
            if one.after in {"STAGED", "ANALYZING", "FAILED_STAGING"}:
                self._move(model, one, seen)
                news.remove(one)
        self._end_all(model, seen)
        for key, call in self._begun(model, seen):
            model.call_began(key, call)
            self.tally.calls += 1
        self._end_all(model, seen)
        for one in news:
            self._move(model, one, seen)
        self._end_all(model, seen, given_up=True)

    def _end_all(self, model: Batch, seen: Seen, *, given_up: bool = False) -> None:
        """Tell of ends; of calls that the engine gives up when it ends a run, behind that end."""
        for owner, key, call, end in self._ended(model, seen):
            if given_up or end.outcome != "dropped" or owner.tasks[key].attempts[call - 1].given_up:
                model.call_ended(owner, key, call, end)

    def _move(self, model: Batch, seen_event: Event, seen: Seen) -> None:
        if seen_event.actor != "engine" or seen_event.after is None:
            raise Illegal(f"an event that nobody caused: {seen_event}")
        documents: set[str] = set()
        if model.status == "STAGING":
            assert model.run is not None
            self.tally.runs += 1
            documents = seen.documents.get(model.run.number, set())
            there = {path.name for path in self.rig.documents.iterdir()}
            if not self._folder_changed and documents != there:
                raise Illegal(f"{documents} were staged of {there}")
        stuck = model.status == "ANALYZING" and self._is_stuck(model)
        model.engine_moved(seen_event.after, documents, is_stuck=stuck)

    @staticmethod
    def _begun(model: Batch, seen: Seen) -> list[tuple[Key, int]]:
        current = model.run
        if current is None:
            return []
        return [
            (key, call)
            for (number, key), calls in seen.attempts.items()
            if number == current.number
            for call in range(
                len(current.tasks[key].attempts) + 1 if key in current.tasks else 1, len(calls) + 1
            )
        ]

    @staticmethod
    def _ended(model: Batch, seen: Seen) -> list[tuple[Run, Key, int, End]]:
        found = []
        for owner in model.runs:
            for key, call in owner.open_calls():
                row = seen.attempts[owner.number, key][call - 1]
                if row.outcome != OPEN:
                    end = End(row.outcome, row.cost, seen.tasks[owner.number, key].tries)
                    found.append((owner, key, call, end))
        return found

    # Comparing

    def _compare(self, seen: Mapping[int, Seen]) -> bool:
        """Whether every batch is what the model says, as users see it and as it is stored.

        Returns False when the engine has gone on meanwhile, and there is no telling.
        """
        try:
            views = service.list_batches(self.rig.services, PageRequest()).items
            assert {view.id for view in views} == set(self.batches), "batches are gone, or there again"
            for view in views:
                self._compare_view(view, self.batches[view.id])
            for number, model in self.batches.items():
                self._compare_rows(number, model, seen[number])
            self._compare_calls()
        except AssertionError:
            if self._observer.look(self.batches) != seen:
                return False
            raise
        if not any(model.status == "STAGING" for model in self.batches.values()):
            self._folder_changed = False
        return True

    @staticmethod
    def _compare_view(view: BatchView, model: Batch) -> None:
        current = model.run
        got = (view.status, {str(one) for one in view.allowed_actions}, view.run, view.runs)
        wanted = (model.status, model.allowed, current.number if current else None, len(model.runs))
        assert got == wanted, f"batch {view.id} is {got}, the model says {wanted}"
        for status in TaskStatus:
            counted = getattr(view.counts, status.name.lower())
            expected = current.count(status.name) if current else 0
            assert counted == expected, (
                f"{counted} {status.name} in batch {view.id}, the model says {expected}"
            )
        assert view.failed_tasks == (current.count("FAILED") if current else 0)

    def _compare_rows(self, number: int, model: Batch, seen: Seen) -> None:
        log = seen.events
        assert log == model.events, f"the log of batch {number}: {log}, the model says {model.events}"
        expected = {(one.number, key): owner for one in model.runs for key, owner in one.tasks.items()}
        laid_out = {key for key in seen.tasks if key in expected}
        assert laid_out == set(expected), f"tasks of batch {number} are gone"
        for key, owner in expected.items():
            row = seen.tasks[key]
            got = (TaskStatus(row.status).name, row.attempts, row.text)
            wanted = (owner.status, len(owner.attempts), owner.text)
            assert got == wanted, f"task {key} of batch {number} is {got}, the model says {wanted}"
            calls = [SeenCall(one.outcome, one.cost, one.possible) for one in owner.attempts]
            assert seen.attempts[key] == calls, f"calls of {key} are {seen.attempts[key]}, not {calls}"
            if owner.status == "FAILED":
                assert row.failure_kind == owner.kind

    def _compare_calls(self) -> None:
        """Every call that waits at the server is one that is recorded, and the other way round."""
        self._compare_free_calls()
        if self.rig.engine is None:
            return
        waiting = sorted((call.document, call.connection, call.prompt) for call in self.rig.desk.open())
        recorded = sorted(
            key for model in self.batches.values() for one in model.runs for key, _ in one.open_calls()
        )
        assert waiting == recorded, f"{waiting} wait at the server, {recorded} are recorded as in flight"

    def _compare_free_calls(self) -> None:
        """A call that was given up costs nothing only if it never came to the server."""
        came = Counter((call.document, call.connection, call.prompt) for call in self.rig.desk.calls)
        made: Counter[Key] = Counter()
        for key, one in self._attempts():
            made[key] += not (one.outcome == "dropped" and one.cost == 0)
        for key, number in came.items():
            assert number <= made[key] or key not in made, f"{number} calls of {key} came, {made[key]} count"

    def _attempts(self) -> list[tuple[Key, Attempt]]:
        return [
            (key, one)
            for model in self.batches.values()
            for owner in model.runs
            for key, task in owner.tasks.items()
            for one in task.attempts
        ]

    def check_deep(self) -> None:
        """Look at every invariant of the database."""
        ill = [check for check in deep_checks(self.rig.services) if not check.ok]
        assert not ill, ill

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
            raise AssertionError(f"what is under way does not end: {self._state()}")
        for number, model in list(self.batches.items()):
            if model.status == "PAUSED":
                self.act(number, "cancel")
        self.settle()
        self.check_deep()

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

    def _woken(self, model: Batch) -> None:
        """What is analysed anew tries its connections anew."""
        if model.status == "ANALYZING" and model.run is not None:
            self._held -= set(model.run.connections)

    def _new_prompt(self) -> tuple[int, str]:
        self._prompts += 1
        text = _QUESTION.format(self._prompts)
        made = prompts.create_prompt(self.rig.services, PromptInput(name=text, text=text))
        self._questions[made.id] = text
        return made.id, text

    def _answerable(self) -> list[tuple[Call, Run, Key, int]]:
        """Calls that wait at the server and may be answered, with what they are in the model."""
        found = []
        for call in self.rig.desk.open():
            key = (call.document, call.connection, call.prompt)
            for model in self.batches.values():
                for owner in model.runs:
                    for open_key, number in owner.open_calls():
                        if open_key == key and owner.tasks[key].attempts[number - 1].given is None:
                            found.append((call, owner, key, number))
        return found

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
        self.absorb()
        self._lose_everything()

    def _each_open(self, change: Callable[[Any], None]) -> None:
        for model in self.batches.values():
            for owner in model.runs:
                for key, number in owner.open_calls():
                    change(owner.tasks[key].attempts[number - 1])

    def _lose_everything(self) -> None:
        self._each_open(lambda one: setattr(one, "lost", True))

    def _give_up_everything(self) -> None:
        self._each_open(lambda one: setattr(one, "given_up", True))

    def _folder_changes(self) -> None:
        if any(model.status == "STAGING" for model in self.batches.values()):
            self._folder_changed = True

    def _note(self, what: str) -> None:
        self.told.append(what)
        self.tally.steps += 1

    def _state(self) -> str:
        return "; ".join(f"{number}: {model.status}" for number, model in self.batches.items())
