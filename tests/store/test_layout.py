"""The task matrix: its order, what cannot be asked, and going on where it stopped."""

from typing import Any

from sqlalchemy import Connection, select, update
from tests.support.stores import (
    assert_tallies_hold,
    begin,
    document_values,
    lay_out_all,
    make_batch,
    stage,
)

from docstage.domain.content import DocumentStatus
from docstage.domain.room import Room
from docstage.domain.stretches import Stretch
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.token_counts import TokenCount
from docstage.store import documents, layout, runs, tasks
from docstage.store.database import Database
from docstage.store.layout import Asked, Taker
from docstage.store.stretches import Cut, cut_tasks
from docstage.store.tables import document, task


def _cells(c: Connection, run_id: int) -> list[tuple[Any, ...]]:
    columns = (document.c.path, task.c.connection_id, task.c.prompt_id)
    statement = select(*columns).join(task, task.c.document_id == document.c.id)
    return [tuple(row) for row in c.execute(statement.where(task.c.run_id == run_id).order_by(task.c.id))]


def test_tasks_are_laid_out_by_document_then_connection_then_prompt(database: Database) -> None:
    """Ids follow the documents, and within one the order the batch gives its connections and prompts."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["b.txt", "a.txt"])
        lay_out_all(c, run_id, [9, 3], [8, 2])
        found = _cells(c, run_id)
    assert found == [
        (path, lane, prompt) for path in ("b.txt", "a.txt") for lane in (9, 3) for prompt in (8, 2)
    ]
    assert_tallies_hold(database)


def test_only_encoded_documents_have_tasks(database: Database) -> None:
    """Those that are pending, unreadable or skipped are passed over."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["a.txt"])
        others = [DocumentStatus.PENDING, DocumentStatus.UNREADABLE, DocumentStatus.SKIPPED]
        rows = [document_values(run_id, f"{status}.txt", status=status) for status in others]
        documents.insert_documents(c, rows)
        lay_out_all(c, run_id, [1], [1])
        assert _cells(c, run_id) == [("a.txt", 1, 1)]


def test_blind_connections_fail_pictures_before_any_call(database: Database) -> None:
    """Where the document is pictures and the connection takes only text, the task says so from the start."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["a.txt", "b.png"])
        c.execute(update(document).where(document.c.path == "b.png").values(images=2))
        up_to = layout.next_documents(c, run_id, 0, 10)
        assert up_to is not None
        connections = [Taker(1, sees=False), Taker(2, sees=True)]
        layout.lay_out(c, run_id, after=0, up_to=up_to, connections=connections, prompts=[Asked(5)])
        runs.count_tasks(c, run_id)
        rows = c.execute(select(task).order_by(task.c.id)).all()
    failed, queued = int(TaskStatus.FAILED), int(TaskStatus.QUEUED)
    assert [row.status for row in rows] == [queued, queued, failed, queued]
    assert (rows[2].failure_kind, rows[2].message) == (FailureKind.UNSUPPORTED_INPUT, layout.CANNOT_SEE)
    assert rows[3].failure_kind is None
    assert {(row.attempts, row.tries) for row in rows} == {(0, 0)}
    assert_tallies_hold(database)


def test_what_is_surely_too_long_fails_before_any_call(database: Database) -> None:
    """Beside the prompt and the answer it does not fit into the model's context: the task says so at once."""
    room = Room(context_tokens=1_000, max_output_tokens=300)
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["fits.txt", "long.txt", "uncounted.txt"])
        for path, least in (("fits.txt", 690), ("long.txt", 691), ("uncounted.txt", None)):
            c.execute(update(document).where(document.c.path == path).values(least_tokens=least))
        up_to = layout.next_documents(c, run_id, 0, 10)
        assert up_to is not None
        lanes = [Taker(1, sees=True, room=room), Taker(2, sees=True)]
        layout.lay_out(c, run_id, after=0, up_to=up_to, connections=lanes, prompts=[Asked(5, least=10)])
        runs.count_tasks(c, run_id)
        rows = c.execute(select(task).order_by(task.c.id)).all()
        assert tasks.uncalled_failures(c, run_id) == 1  # which no limit of failures counts
    failed, queued = int(TaskStatus.FAILED), int(TaskStatus.QUEUED)
    assert [row.status for row in rows] == [queued, queued, failed, queued, queued, queued]
    assert (rows[2].failure_kind, rows[2].message) == (FailureKind.CONTEXT_OVERFLOW, room.too_long)
    assert "1,000 tokens, of which 300 are kept for the answer" in room.too_long
    assert_tallies_hold(database)


def test_layout_goes_on_where_it_stopped(database: Database) -> None:
    """After some groups of documents the rest can be laid out, with nothing missing or repeated."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), [f"{n}.txt" for n in range(7)])
        first = layout.next_documents(c, run_id, layout.laid_out_to(c, run_id), 3)
        assert first is not None
        lanes, asked = [Taker(1, sees=True)], [Asked(1), Asked(2)]
        layout.lay_out(c, run_id, after=0, up_to=first, connections=lanes, prompts=asked)
    with database.write() as c:
        assert layout.laid_out_to(c, run_id) == first
        lay_out_all(c, run_id, [1], [1, 2])
        assert layout.next_documents(c, run_id, layout.laid_out_to(c, run_id), 3) is None
        assert _cells(c, run_id) == [(f"{n}.txt", 1, prompt) for n in range(7) for prompt in (1, 2)]
    assert_tallies_hold(database)


def test_a_wide_matrix_is_laid_out(database: Database) -> None:
    """A thousand prompts, the most a batch can have, are no more than SQLite takes."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["a.txt"])
        lay_out_all(c, run_id, [1], range(1, 1_001))
        assert runs.totals(c, [run_id])[run_id].queued == 1_000


def test_counting_again_keeps_the_sums(database: Database) -> None:
    """Counting writes the statuses anew, whatever they were, and leaves calls and costs alone."""
    with database.write() as c:
        staged = stage(c)
        c.execute(update(task).where(task.c.run_id == staged.run_id).values(status=int(TaskStatus.FAILED)))
        runs.count_tasks(c, staged.run_id)
        total = runs.totals(c, [staged.run_id])[staged.run_id]
        assert (total.failed, total.queued, total.tasks, total.done) == (12, 0, 12, 12)
    assert_tallies_hold(database)


def test_lanes_take_their_tasks_in_order(database: Database) -> None:
    """A lane sees its own QUEUED tasks behind an id, with the documents' paths and contents."""
    with database.read() as c:
        assert tasks.next_queued(c, 1, 1, 0, 10) == []
    with database.write() as c:
        staged = stage(c)
        lane = staged.connections[1]
        first = tasks.next_queued(c, staged.run_id, lane, 0, 4)
        rest = tasks.next_queued(c, staged.run_id, lane, first[-1].id, 4)
    assert [task.path for task in first + rest] == [f"{n:06}.txt" for n in (0, 0, 1, 1, 2, 2)]
    assert [task.prompt_id for task in first] == [*staged.prompts, *staged.prompts]
    assert (first[0].content_key, first[0].tokens) == ("key of 000000.txt", 10)


def test_what_is_sent_in_part_waits_for_its_call(database: Database) -> None:
    """However long it is; but not where the connection cannot see it, nor for others of the same document."""
    room = Room(context_tokens=1_000, max_output_tokens=300)
    part = Stretch(40, 0, "page 1 of 2", TokenCount(600, 400, 900))
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), ["long.txt", "scan.pdf"])
        c.execute(update(document).values(least_tokens=5_000))
        c.execute(update(document).where(document.c.path == "scan.pdf").values(images=2))
        first, scan = c.execute(select(document.c.id).order_by(document.c.id)).scalars()
        cuts = [Cut(number, 1, 5, part) for number in (first, scan)]
        lanes = [Taker(1, sees=False, room=room), Taker(2, sees=True, room=room)]
        layout.lay_out(c, run_id, after=0, up_to=scan, connections=lanes, prompts=[Asked(5)], cuts=cuts)
        runs.count_tasks(c, run_id)
        rows = c.execute(select(task).order_by(task.c.id)).all()
        [sent] = tasks.next_queued(c, run_id, 1, 0, 10)
        assert cut_tasks(c, run_id) == {(1, 5): 1}
    failed, queued = int(TaskStatus.FAILED), int(TaskStatus.QUEUED)
    assert [row.status for row in rows] == [queued, failed, failed, failed]
    assert (rows[0].failure_kind, rows[0].message) == (None, None)
    assert rows[2].failure_kind == FailureKind.UNSUPPORTED_INPUT
    assert (sent.id, sent.stretch) == (rows[0].id, part)
    assert (sent.tokens, sent.least_tokens, sent.most_tokens) == (600, 400, 900)
    assert_tallies_hold(database)
