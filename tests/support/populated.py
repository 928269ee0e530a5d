"""A database with batches in every status, as the engine and users leave them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.support.apps import Bench, Outcome

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.service.batches import batches as service
from docstage.service.batches.actions import act
from docstage.service.batches.inputs import BatchInput
from docstage.service.session import Session
from docstage.staging.staging_writes import content_key
from docstage.store import batches, contents, documents, layout, recording, runs, tasks
from docstage.store.batches import Change
from docstage.store.contents import NewContent, NewImage
from docstage.store.documents import Verdict
from docstage.store.layout import Asked, Taker
from docstage.store.recording import CallBegun, CallEnded
from docstage.stored_text import compress

_PICTURE = b"\x89PNG\r\n\x1a\n and what follows"
_HASHES = {"letter.txt": "a" * 64, "scan.png": "b" * 64, "other.txt": "c" * 64}
_GOOD = Outcome(text="An answer.", cost=9)
_BAD = Outcome(failure=FailureKind.REFUSAL, message="No.")


def populate(bench: Bench) -> dict[BatchStatus, int]:
    """Batches in every status; COMPLETED is one that was restaged before, with a closed run of answers."""
    made = {status: _saved(bench, status) for status in BatchStatus}
    for status in set(BatchStatus) - {BatchStatus.SAVED}:
        act(Session(bench.services), made[status], Action.STAGE)
    act(Session(bench.services), made[BatchStatus.FAILED_STAGING], Action.CANCEL)
    behind = [one for one in BatchStatus if one not in _BEFORE]
    for status in behind:
        _stage(bench, made[status])
    for status in set(behind) - {BatchStatus.STAGED}:
        act(Session(bench.services), made[status], Action.RUN)
    _call(bench, made[BatchStatus.COMPLETED], [_GOOD, _GOOD, _GOOD])
    _finish(bench, made[BatchStatus.COMPLETED])
    act(Session(bench.services), made[BatchStatus.COMPLETED], Action.RESTAGE)
    _stage(bench, made[BatchStatus.COMPLETED])
    act(Session(bench.services), made[BatchStatus.COMPLETED], Action.RUN)
    _call(bench, made[BatchStatus.COMPLETED], [_GOOD, _BAD, _GOOD])
    _finish(bench, made[BatchStatus.COMPLETED])
    for status in (BatchStatus.ANALYZING, BatchStatus.PAUSED, BatchStatus.FAILED):
        _call(bench, made[status], [_GOOD, None])
    act(Session(bench.services), made[BatchStatus.PAUSED], Action.PAUSE)
    act(Session(bench.services), made[BatchStatus.FAILED], Action.CANCEL)  # with a call in flight
    return made


_BEFORE = (BatchStatus.SAVED, BatchStatus.STAGING, BatchStatus.FAILED_STAGING)


def _saved(bench: Bench, status: BatchStatus) -> int:
    return service.save(
        Session(bench.services), BatchInput.model_validate(bench.batch_input(f"In {status}"))
    ).id


def _stage(bench: Bench, batch_id: int) -> None:
    """Three documents with a content, one without, and the matrix."""
    _store_contents(bench)
    with bench.database.write() as c:
        batch = batches.get_batch(c, batch_id)
        run_id = batch.run_id
        assert run_id is not None
        rows = [_document(bench, run_id, path) for path in _HASHES]
        empty = dict.fromkeys(("sha256", "content_key")) | {"characters": 0, "tokens": 0, "images": 0}
        skipped = {"path": "empty.txt", "status": DocumentStatus.SKIPPED, "reason": DocumentReason.EMPTY}
        documents.insert_documents(c, [{"reason": None} | row for row in rows])
        documents.insert_documents(c, [rows[0] | empty | skipped])
        runs.mark_scanned(c, run_id)
        up_to = layout.next_documents(c, run_id, 0, 100)
        assert up_to is not None
        members = bench.make_members()
        lanes = [Taker(one, sees=True) for one in members["connection_ids"]]
        asked = [Asked(one) for one in members["prompt_ids"]]
        layout.lay_out(c, run_id, after=0, up_to=up_to, connections=lanes, prompts=asked)
        runs.count_tasks(c, run_id)
        runs.mark_staged(c, run_id, bench.clock.now())
        _change(bench, c, batch_id, BatchStatus.STAGED, "staged")


def _store_contents(bench: Bench) -> None:
    rows, images = [], []
    for path, sha256 in _HASHES.items():
        seen = path.endswith(".png")
        text = "" if seen else f"The text of {path}."
        key = content_key(sha256, path)
        verdict = Verdict(DocumentStatus.ENCODED, None, None, None, None, **_sizes(path))
        rows.append(NewContent(key, verdict, compress(text), 1.0))
        if seen:
            images.append(NewImage(key, 0, "image/png", _PICTURE))
    with bench.database.write() as c:
        contents.insert_contents(c, rows, images)


def _sizes(path: str) -> dict[str, int]:
    seen = path.endswith(".png")
    return {"images": int(seen), "characters": 0 if seen else len(f"The text of {path}."), "tokens": 10}


def _document(bench: Bench, run_id: int, path: str) -> dict[str, Any]:
    sha256 = _HASHES[path]
    return {
        "run_id": run_id,
        "folder_id": bench.make_members()["folder_ids"][0],
        "path": path,
        "size": 20,
        "mtime_ns": 1,
        "status": DocumentStatus.ENCODED,
        "sha256": sha256,
        "content_key": content_key(sha256, path),
        **_sizes(path),
    }


def _call(bench: Bench, batch_id: int, outcomes: Sequence[Outcome | None]) -> None:
    """A call for each of the first tasks; None leaves it in flight. The first has failed once before."""
    run_id = bench.run_id(batch_id)
    (lane,) = bench.make_members()["connection_ids"]
    with bench.database.read() as c:
        queued = tasks.next_queued(c, run_id, lane, 0, len(outcomes))
    calls = [CallBegun(one.id, run_id, lane, one.prompt_id, 1, bench.clock.now()) for one in queued]
    busy = CallEnded(
        calls[0],
        TaskStatus.QUEUED,
        AttemptOutcome.FAILED,
        1,
        bench.clock.now(),
        3.0,
        failure_kind=FailureKind.OVERLOADED,
        message="Busy.",
        cost=0,
    )
    with bench.database.write() as c:
        recording.record_begun(c, calls[:1], {run_id})
        recording.record_ended(c, [busy])
        calls[0] = replace(calls[0], attempt=2)
        recording.record_begun(c, calls, {run_id})
        done = zip(calls, outcomes, strict=True)
        recording.record_ended(c, [outcome.ended(call) for call, outcome in done if outcome])


def _finish(bench: Bench, batch_id: int) -> None:
    with bench.database.write() as c:
        _change(bench, c, batch_id, BatchStatus.COMPLETED, "completed")


def _change(bench: Bench, c: Any, batch_id: int, to: BatchStatus, action: str) -> None:
    change = Change(to, action, "engine", None, bench.clock.now())
    batches.change_status(c, batches.get_batch(c, batch_id), change)
