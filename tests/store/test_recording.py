"""Calls that begin and end: fencing, late answers, what a crash left open, and counters that never drift."""

import json
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from tests.support.stores import (
    NOW,
    Staged,
    analyze,
    answered,
    assert_tallies_hold,
    calls_for,
    failed,
    make_batch,
    move,
    record_begun,
    record_ended,
    table,
)

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.rows import TaskRow
from docstage.domain.snapshot import RunSnapshot
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Usage
from docstage.domain.written import MOST_CHARACTERS, Repair
from docstage.store import batches, recording, runs, tasks
from docstage.store.database import Database
from docstage.store.paging import PageRequest
from docstage.store.purging import forget_documents
from docstage.store.recording import CallBegun
from docstage.store.tables import document
from docstage.store.tasks import TaskFilter


def _row(database: Database, staged: Staged, task_id: int) -> TaskRow:
    with database.read() as c:
        return tasks.get_task(c, task_id, [runs.get_run(c, staged.run_id)])


def _attempts(database: Database, task_id: int) -> list[tuple[int, str]]:
    with database.read() as c:
        return [(row.number, row.outcome) for row in tasks.attempts_of(c, task_id)]


def _total(database: Database, staged: Staged) -> runs.Tally:
    with database.read() as c:
        return runs.totals(c, [staged.run_id])[staged.run_id]


def _cancel(database: Database, staged: Staged) -> None:
    with database.write() as c:
        move(c, batches.get_batch(c, staged.batch.id), BatchStatus.FAILED)
        runs.cancel_tasks(c, staged.run_id)


def _retry(database: Database, staged: Staged) -> None:
    with database.write() as c:
        move(c, batches.get_batch(c, staged.batch.id), BatchStatus.ANALYZING)
        runs.requeue_tasks(c, staged.run_id)


def _begin_one(database: Database, staged: Staged) -> CallBegun:
    call = calls_for(database, staged)[0]
    assert record_begun(database, [call]) == {call.task_id}
    return call


def test_answers_are_recorded(database: Database) -> None:
    """A begun call is RUNNING with an attempt in flight; its answer completes it and counts what it cost."""
    staged = analyze(database)
    calls = calls_for(database, staged)
    assert record_begun(database, calls) == {call.task_id for call in calls}
    assert _total(database, staged).running == len(calls) == 12
    assert _attempts(database, calls[0].task_id) == [(1, "in_flight")]
    assert record_ended(database, [answered(call) for call in calls]) == {call.task_id for call in calls}
    row = _row(database, staged, calls[0].task_id)
    assert (row.status, row.text, row.cost, row.cached_tokens) == ("COMPLETED", "Yes.", 7e-9, 60)
    assert (row.model, row.finish_reason, row.latency_ms) == ("small-1", "stop", 250.0)
    total = _total(database, staged)
    assert (total.completed, total.calls, total.cost, total.usage) == (
        12,
        12,
        84,
        Usage(1200, 720, 60, 240, 24),
    )
    assert_tallies_hold(database)


@pytest.mark.parametrize(
    "value",
    [{"a": [1, None, "ü\"'\n😀"], "b": {}}, [1, 2.5, "x"], "text", 0, False, -0.1, 2**53, None],
    ids=repr,
)
def test_structured_values_read_back_equal(database: Database, value: Any) -> None:
    """Whatever JSON a schema allows comes back as it was: objects, lists, scalars and null."""
    staged = analyze(database, 1, lanes=1, questions=1)
    call = _begin_one(database, staged)
    record_ended(database, [answered(call, value=json.dumps(value, ensure_ascii=False))])
    assert _row(database, staged, call.task_id).value == value


def test_answers_without_usage_or_price_stay_unknown(database: Database) -> None:
    """Unknown tokens and costs are null, and the call is counted as unpriced, never as free."""
    staged = analyze(database, 1)
    call = _begin_one(database, staged)
    record_ended(database, [answered(call, usage=None, cost=None)])
    row = _row(database, staged, call.task_id)
    assert (row.cost, row.input_tokens) == (None, None)
    assert _total(database, staged).unpriced_calls == 1
    assert_tallies_hold(database)


def test_large_sums_of_money_are_exact(database: Database) -> None:
    """Costs beyond 2**53 nano-dollars are added without rounding."""
    staged = analyze(database, 1, lanes=1, questions=2)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    record_ended(database, [answered(call, cost=2**60 + 1) for call in calls])
    assert _total(database, staged).cost == 2**61 + 2
    assert_tallies_hold(database)


@pytest.mark.parametrize("status", [BatchStatus.PAUSED, BatchStatus.FAILED, BatchStatus.COMPLETED])
def test_nothing_begins_unless_the_batch_is_analyzing(database: Database, status: BatchStatus) -> None:
    """After a pause no call is let through, though its task is queued."""
    staged = analyze(database)
    calls = calls_for(database, staged)
    with database.write() as c:
        move(c, staged.batch, status)
    assert record_begun(database, calls) == set()
    assert _total(database, staged).queued == len(calls)
    assert _attempts(database, calls[0].task_id) == []
    assert_tallies_hold(database)


def test_nothing_begins_for_an_older_run(database: Database) -> None:
    """A run that is no longer its batch's current one is not open, even while the batch is ANALYZING."""
    staged = analyze(database)
    calls = calls_for(database, staged)
    with database.write() as c:
        run_id = runs.begin_run(c, staged.batch.id, 2, RunSnapshot(), analyze=False, at=NOW)
        batches.set_run(c, staged.batch, run_id)
        assert recording.lock_runs(c, {staged.run_id, run_id}) == {run_id}
    assert record_begun(database, calls) == set()


def test_a_task_begins_once(database: Database) -> None:
    """A second beginning of the same attempt, or one with a wrong number, is refused."""
    staged = analyze(database)
    first, second, *_others = calls_for(database, staged)
    assert record_begun(database, [first, replace(second, attempt=2)]) == {first.task_id}
    assert record_begun(database, [first, replace(first, attempt=2)]) == set()
    assert _attempts(database, second.task_id) == []
    assert record_begun(database, []) == set()
    assert_tallies_hold(database)


def test_calls_in_flight_count_after_a_pause(database: Database) -> None:
    """What had left before the pause may finish, and is a result."""
    staged = analyze(database)
    call = _begin_one(database, staged)
    with database.write() as c:
        move(c, staged.batch, BatchStatus.PAUSED)
    assert record_ended(database, [answered(call)]) == {call.task_id}
    assert _total(database, staged).completed == 1
    assert_tallies_hold(database)


def test_late_answer_of_a_cancelled_task_is_discarded(database: Database) -> None:
    """It leaves no result and the task stays CANCELLED, but what it cost is counted."""
    staged = analyze(database)
    call = _begin_one(database, staged)
    _cancel(database, staged)
    assert record_ended(database, [answered(call)]) == set()
    row = _row(database, staged, call.task_id)
    assert (row.status, row.text) == ("CANCELLED", None)
    assert _attempts(database, call.task_id) == [(1, "discarded")]
    total = _total(database, staged)
    assert (total.cancelled, total.completed, total.cost, total.calls) == (12, 0, 7, 1)
    assert_tallies_hold(database)


def test_late_answer_of_the_first_attempt_does_not_end_the_second(database: Database) -> None:
    """After cancel and retry, the first attempt's answer is discarded, before and after the second begins."""
    staged = analyze(database)
    first = _begin_one(database, staged)
    _cancel(database, staged)
    _retry(database, staged)
    assert record_ended(database, [answered(first, "Too late.")]) == set()
    second = _begin_one(database, staged)
    assert (second.task_id, second.attempt) == (first.task_id, 2)
    assert record_ended(database, [answered(first, "Later still.")]) == set()
    assert _attempts(database, first.task_id) == [(1, "discarded"), (2, "in_flight")]
    assert record_ended(database, [answered(second, "In time.")]) == {second.task_id}
    assert _row(database, staged, first.task_id).text == "In time."


def test_a_group_may_mix_what_counts_with_what_is_late(database: Database) -> None:
    """In one group each call is judged by itself."""
    staged = analyze(database)
    one, two, three, *_others = calls_for(database, staged)
    record_begun(database, [one, two, three])
    ended = [answered(one), failed(two), answered(replace(three, attempt=9))]
    assert record_ended(database, ended) == {one.task_id, two.task_id}
    total = _total(database, staged)
    assert (total.completed, total.failed, total.running, total.queued) == (1, 1, 1, 9)
    assert _row(database, staged, two.task_id).failure_kind == FailureKind.OVERLOADED


def test_a_failed_try_is_queued_again(database: Database) -> None:
    """QUEUED after a failure, the task keeps its tries and begins its next attempt with the next number."""
    staged = analyze(database, 1, lanes=1, questions=1)
    call = _begin_one(database, staged)
    record_ended(database, [failed(call, TaskStatus.QUEUED)])
    with database.read() as c:
        (queued,) = tasks.next_queued(c, staged.run_id, staged.connections[0], 0, 10)
    assert (queued.attempts, queued.tries) == (1, 1)
    again = _begin_one(database, staged)
    record_ended(database, [answered(again, tries=2)])
    assert _row(database, staged, call.task_id).failure_kind is None
    assert _attempts(database, call.task_id) == [(1, "failed"), (2, "completed")]
    assert_tallies_hold(database)


def test_what_a_model_wrote_is_kept_with_a_call_that_failed(database: Database) -> None:
    """Its text and thoughts, bounded; of an answer only the thoughts, since the task has its text."""
    staged = analyze(database, 1, lanes=1, questions=2)
    one, two = calls_for(database, staged)
    record_begun(database, [one, replace(two, repairs=3)])
    long = "x" * (MOST_CHARACTERS + 1)
    kind = FailureKind.CUT_OFF
    record_ended(
        database, [failed(one, failure_kind=kind, text=long, thoughts="hm"), answered(two, thoughts=long)]
    )
    with database.read() as c:
        [cut], [whole] = tasks.attempts_of(c, one.task_id), tasks.attempts_of(c, two.task_id)
    assert cut.text == f"{long[:-1]}\n… [shortened: the first 65,536 of 65,537 characters]"
    assert (cut.thoughts, cut.repairs) == ("hm", None)
    assert (whole.text, whole.repairs) == (None, 3)
    assert (whole.thoughts or "").startswith("xxx")
    row = _row(database, staged, one.task_id)
    assert (row.text, row.failure_kind) == (None, FailureKind.CUT_OFF)


def test_a_broken_answer_waits_to_be_mended(database: Database) -> None:
    """Until it is, however often calls for that come to nothing; a retry by a person begins anew."""
    staged = analyze(database, 1, lanes=1, questions=1)

    def queued() -> Repair | None:
        with database.read() as c:
            return tasks.next_queued(c, staged.run_id, staged.connections[0], 0, 10)[0].repair

    assert queued() is None
    bad = {"failure_kind": FailureKind.BAD_ANSWER, "message": "At total: wrong", "text": "{}"}
    call = _begin_one(database, staged)
    record_ended(database, [failed(call, TaskStatus.QUEUED, **bad)])
    assert queued() == Repair(1, "{}", "At total: wrong")
    for number in (2, 3):
        again = replace(call, attempt=number, repairs=1)
        record_begun(database, [again])
        record_ended(database, [failed(again, TaskStatus.QUEUED if number == 2 else TaskStatus.FAILED)])
        if number == 2:
            assert queued() == Repair(1, "{}", "At total: wrong")
    with database.write() as c:
        move(c, batches.get_batch(c, staged.batch.id), BatchStatus.FAILED)
    _retry(database, staged)
    assert queued() is None


def test_nothing_is_kept_of_what_comes_too_late(database: Database) -> None:
    """The document may have been deleted everywhere meanwhile."""
    staged = analyze(database, 1, lanes=1, questions=2)
    one, two = calls_for(database, staged)
    record_begun(database, [one, two])
    _cancel(database, staged)
    record_ended(database, [failed(one, text="late", thoughts="late"), answered(two, thoughts="late")])
    with database.read() as c:
        calls = [*tasks.attempts_of(c, one.task_id), *tasks.attempts_of(c, two.task_id)]
    assert [(call.outcome, call.text, call.thoughts) for call in calls] == [
        ("failed", None, None),
        ("discarded", None, None),
    ]


def test_what_was_written_goes_with_a_purged_document(database: Database) -> None:
    """Its failed calls say nothing any more."""
    staged = analyze(database, 1, lanes=1, questions=1)
    call = _begin_one(database, staged)
    record_ended(database, [failed(call, text="a beginning", thoughts="hm")])
    with database.write() as c:
        number = c.execute(select(document.c.id)).scalar_one()
        forget_documents(c, staged.run_id, [number], NOW)
        [left] = tasks.attempts_of(c, call.task_id)
    assert (left.text, left.thoughts, left.message) == (None, None, None)


def test_billed_failures_cost(database: Database) -> None:
    """A refusal that was billed is counted with its tokens; one whose price is unknown as unpriced."""
    staged = analyze(database)
    one, two, three, *_others = calls_for(database, staged)
    record_begun(database, [one, two, three])
    usage = Usage(10, 0, 1)
    record_ended(
        database, [failed(one, usage=usage, cost=5), failed(two, usage=usage, cost=None), failed(three)]
    )
    total = _total(database, staged)
    assert (total.cost, total.unpriced_calls, total.calls, total.usage.input_tokens) == (5, 1, 3, 20)
    assert_tallies_hold(database)


def test_recover_settles_what_a_crash_left_open(database: Database) -> None:
    """Calls in flight become UNKNOWN, their tasks are queued again, and a second recovery finds nothing."""
    staged = analyze(database)
    calls = calls_for(database, staged)[:5]
    record_begun(database, calls)
    record_ended(database, [answered(calls[0])])
    with database.write() as c:
        assert recording.recover(c, NOW + 9) == 4
    with database.write() as c:
        assert recording.recover(c, NOW + 10) == 0
    total = _total(database, staged)
    assert (total.queued, total.running, total.completed) == (11, 0, 1)
    assert _attempts(database, calls[1].task_id) == [(1, "unknown")]
    assert_tallies_hold(database)


def test_recover_leaves_cancelled_tasks(database: Database) -> None:
    """A task that was cancelled while its call was in flight is not queued again."""
    staged = analyze(database)
    call = _begin_one(database, staged)
    _cancel(database, staged)
    with database.write() as c:
        assert recording.recover(c, NOW) == 1
    assert _row(database, staged, call.task_id).status == "CANCELLED"
    assert_tallies_hold(database)


def test_answers_of_a_deleted_batch_are_no_error(database: Database) -> None:
    """Calls of a batch that was deleted meanwhile neither begin nor end."""
    staged = analyze(database)
    one, two, *_others = calls_for(database, staged)
    record_begun(database, [one])
    with database.write() as c:
        batches.delete_batch(c, staged.batch, NOW, "user")
    assert record_begun(database, [two]) == set()
    assert record_ended(database, [answered(one)]) == set()


def test_recording_and_cancelling_at_once_do_not_deadlock(database: Database) -> None:
    """While batches are cancelled and retried, calls of both begin and end, and the counters stay right."""
    both = [analyze(database, 10, "One"), analyze(database, 10, "Two")]
    over, errors = Event(), list[BaseException]()

    def cancel_and_retry(staged: Staged) -> None:
        try:
            for _ in range(15):
                _cancel(database, staged)
                _retry(database, staged)
        except BaseException as error:
            errors.append(error)
        finally:
            over.set()

    changers = [Thread(target=cancel_and_retry, args=[staged]) for staged in both]
    for changer in changers:
        changer.start()
    for _ in range(200):
        if over.is_set():
            break
        calls = [call for staged in reversed(both) for call in calls_for(database, staged, 5)]
        begun = record_begun(database, calls)
        record_ended(
            database, [failed(call, TaskStatus.QUEUED) for call in reversed(calls) if call.task_id in begun]
        )
    for changer in changers:
        changer.join()
    assert errors == []
    assert_tallies_hold(database)


def test_filters_find_what_was_recorded(database: Database) -> None:
    """The table of results is filtered by status, kind, lane, prompt, document and words."""
    staged = analyze(database)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    first, *rest = calls
    record_ended(database, [answered(first, "100%_sure, ÄÖ"), *(failed(call) for call in rest)])

    def found(**wanted: Any) -> int:
        with database.read() as c:
            return len(table(c, staged.run_id, PageRequest(), TaskFilter(**wanted)).items)

    document_id = _row(database, staged, first.task_id).document_id
    assert found(statuses=[TaskStatus.COMPLETED]) == 1
    assert found(statuses=[TaskStatus.COMPLETED, TaskStatus.FAILED]) == 12
    assert found(failure_kinds=["overloaded"]) == 11
    assert found(failure_kinds=["timeout"]) == 0
    assert found(connection_ids=staged.connections[:1]) == 6
    assert found(prompt_ids=staged.prompts[:1]) == 6
    assert found(document_id=document_id) == 4
    assert (
        found(document_id=document_id, prompt_ids=staged.prompts[:1], connection_ids=staged.connections) == 2
    )
    assert found(search="100%_SURE") == 1
    assert found(search="100__sure") == 0
    assert found(search="busy") == 11
    assert found(search="000001.TXT") == 4


def test_failures_are_counted_by_kind(database: Database) -> None:
    """The most frequent kind comes first, each with an example; retries in waiting are not failures."""
    staged = analyze(database)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    slow = [failed(call, failure_kind=FailureKind.TIMEOUT, message="Slow.") for call in calls[:2]]
    waiting = [failed(call, TaskStatus.QUEUED) for call in calls[2:4]]
    record_ended(database, [*slow, *waiting, *(failed(call) for call in calls[4:])])
    with database.read() as c:
        assert tasks.failures_by_kind(c, staged.run_id) == [
            ("overloaded", 8, "Busy."),
            ("timeout", 2, "Slow."),
        ]


def test_a_dropped_call_is_recorded_as_such(database: Database) -> None:
    """A call that docstage itself gave up keeps its outcome, also when its task was cancelled."""
    staged = analyze(database)
    call = _begin_one(database, staged)
    _cancel(database, staged)
    dropped = failed(call, TaskStatus.QUEUED, outcome=AttemptOutcome.DROPPED, failure_kind=None)
    assert record_ended(database, [dropped]) == set()
    assert _attempts(database, call.task_id) == [(1, "dropped")]
    assert_tallies_hold(database)


def test_lock_runs_knows_nothing_of_batches_that_are_not_running(database: Database) -> None:
    """Only runs of ANALYZING batches are open; unknown ids are none."""
    staged = analyze(database)
    with database.write() as c:
        make_batch(c, "Another")
        assert recording.lock_runs(c, {staged.run_id, 999}) == {staged.run_id}
        assert recording.lock_runs(c, set()) == set()
