"""Retry: which tasks it queues again, and what is said where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from docstage.domain.errors import Conflict
from docstage.domain.lifecycle import Action, allowed_actions
from docstage.domain.tasks import FailureKind, failures_in_words
from docstage.store import runs, tasks
from docstage.store.records import Batch


class NothingToRetry(Conflict):
    """No task failed in the ways that were named, so that another choice was meant."""

    kind = "nothing-to-retry"
    title = "There is nothing to retry"


def requeue(c: Connection, batch: Batch, kinds: Sequence[FailureKind]) -> None:
    """Queue the tasks of the batch's run again that failed or were cancelled.

    Args:
        batch: as it was before the action.
        kinds: only those that failed so; none means all, and what was cancelled.

    Raises:
        NothingToRetry: kinds are named, and there is no such task.
    """
    queued = 0 if batch.run_id is None else runs.requeue_tasks(c, batch.run_id, kinds)
    if kinds and not queued:
        raise _refused(batch, kinds, _undone(c, batch))


def why_nothing(c: Connection, batch: Batch) -> str | None:
    """Why a retry of all that failed would queue no task: for the audit log. None where it would."""
    if batch.run_id is not None and runs.has_undone_tasks(c, batch.run_id):
        return None
    return f"nothing to retry. {_in_words((), _undone(c, batch))}"


@dataclass(frozen=True, slots=True)
class _Undone:
    """Tasks that have no answer.

    Attributes:
        failed: by kind of failure, those that can be called again.
    """

    failed: dict[str, int]
    cancelled: int
    unsendable: int


def _undone(c: Connection, batch: Batch) -> _Undone:
    run_ids = [] if batch.run_id is None else [batch.run_id]
    failed = {kind: number for run in run_ids for kind, number, _ in tasks.failures_by_kind(c, run)}
    unsendable = failed.pop(FailureKind.UNSUPPORTED_INPUT, 0)
    return _Undone(failed, sum(tally.cancelled for tally in runs.totals(c, run_ids).values()), unsendable)


def _refused(batch: Batch, kinds: Sequence[FailureKind], undone: _Undone) -> NothingToRetry:
    others = [action for action in allowed_actions(batch.status) if action is not Action.RETRY]
    return NothingToRetry(
        _in_words(kinds, undone),
        action=str(Action.RETRY),
        current_status=str(batch.status),
        allowed_actions=[str(action) for action in others],
        failed_tasks=sum(undone.failed.values()),
        cancelled_tasks=undone.cancelled,
        unsendable_tasks=undone.unsendable,
    )


def _in_words(kinds: Sequence[FailureKind], undone: _Undone) -> str:
    failed, cancelled, unsendable = undone.failed, undone.cancelled, undone.unsendable
    sentences = []
    if kinds and (failed or cancelled):
        wanted = " or ".join(kind.replace("_", " ") for kind in kinds)
        there = [failures_in_words(failed)] if failed else []
        there += [f"{cancelled:,} cancelled"] if cancelled else []
        sentences.append(f"No task to be called again failed as {wanted}. There are: {', '.join(there)}.")
    elif failed or cancelled:
        sentences.append("The documents of all tasks that failed or were cancelled were deleted everywhere.")
    else:
        sentences.append("No task failed after a call, and none was cancelled.")
    if unsendable:
        sentences.append(
            f"{unsendable:,} cannot be sent, since their connections do not take such documents, which no "
            "retry changes: choose others, then restage."
        )
    if not (kinds and (failed or cancelled)):
        sentences.append("Restage reads the documents anew, rerun calls the models for every task again.")
    return " ".join(sentences)
