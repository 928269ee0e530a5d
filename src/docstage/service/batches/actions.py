"""What a user does with a batch: the lifecycle table, carried out.

Every action is one transaction: the compare-and-set of the status with its event, and the effect that the
table names. Who loses a race decides anew on what is there then, and is usually told 409.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from docstage.domain.lifecycle import Action, BatchStatus, Effect, Transition, decide
from docstage.domain.tasks import FailureKind
from docstage.service.batches.budget import check_budget, check_extras, check_room
from docstage.service.batches.retrying import requeue, why_nothing
from docstage.service.batches.snapshot import freeze
from docstage.service.context import Services
from docstage.service.idempotency import earlier_batch
from docstage.service.session import Session
from docstage.store import batches, runs
from docstage.store.batches import Change, LostRace
from docstage.store.records import Batch
from docstage.store.request_keys import remember_request


def act(
    session: Session,
    batch_id: int,
    action: Action,
    *,
    reason: str | None = None,
    failure_kinds: Iterable[FailureKind] = (),
) -> Batch:
    """Carry out an action and return the batch as it is then.

    Args:
        reason: why; kept in the audit log.
        failure_kinds: for `retry`, which failures; none means all, and what was cancelled.

    Raises:
        NotFound: there is no such batch.
        ActionNotAllowed: its status does not allow the action; nothing has changed.
        Conflict: it is allowed but cannot be carried out, such as `run` with a budget and unknown prices, or
            `resume` when the budget is reached, or `retry` of kinds of failures that no task has.
        KeyReused: another request was marked with the same key.
    """
    services, kinds = session.services, list(failure_kinds)
    while True:
        try:
            with services.database.write() as c:
                earlier = earlier_batch(c, session.key, services.clock.now())
                if earlier is not None:
                    return batches.get_batch(c, earlier)
                changed = _act(services, c, batch_id, action, _Asked(reason, session.actor, kinds))
                if session.key:
                    remember_request(c, session.key, batch_id, services.clock.now())
                return changed
        except LostRace:
            continue  # on PostgreSQL another writer was first; its status decides now


def act_within(session: Session, c: Connection, batch_id: int, action: Action) -> Batch:
    """Carry out an action as a part of a transaction. Raises what `act` does, and LostRace."""
    return _act(session.services, c, batch_id, action, _Asked(None, session.actor, []))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asked, why, and for which failures."""

    reason: str | None
    actor: str
    kinds: list[FailureKind]


def _act(services: Services, c: Connection, batch_id: int, action: Action, asked: _Asked) -> Batch:
    before = batches.get_batch(c, batch_id)
    transition = decide(before.status, action)
    if transition.target is BatchStatus.ANALYZING:
        check_extras(c, before.run_id)
        check_budget(c, before)
    if action is Action.RESUME:
        check_room(c, before)
    reason = _reason(transition, asked.reason)
    if transition.effect is Effect.REQUEUE and reason is None and not asked.kinds:
        reason = why_nothing(c, before)
    change = Change(transition.target, action, asked.actor, reason, services.clock.now())
    if transition.effect in {Effect.NEW_RUN, Effect.NEW_RUN_THEN_ANALYZE}:
        return _begin(c, before, change, analyze=transition.effect is Effect.NEW_RUN_THEN_ANALYZE)
    if transition.effect is Effect.CLOSE_RUN:
        changed = batches.change_status(c, before, change, run_id=None)
        _close(c, before, change.at)
        return changed
    changed = batches.change_status(c, before, change)
    if before.run_id is not None and transition.effect is Effect.CANCEL_TASKS:
        runs.cancel_tasks(c, before.run_id)
    if transition.effect is Effect.REQUEUE:
        requeue(c, before, asked.kinds)
    return changed


def _begin(c: Connection, before: Batch, change: Change, *, analyze: bool) -> Batch:
    # The status comes first: it locks the batch, and only then are its tasks touched.
    number = before.runs + 1
    staging = batches.change_status(c, before, change, run_id=before.run_id, runs=number)
    _close(c, before, change.at)
    run_id = runs.begin_run(c, before.id, number, freeze(c, staging), analyze=analyze, at=change.at)
    batches.set_run(c, staging, run_id)
    if analyze:  # with the connections as they are now, not as the last run had them
        check_extras(c, run_id)
        check_budget(c, replace(staging, run_id=run_id))
    return replace(staging, run_id=run_id)


def _close(c: Connection, before: Batch, at: float) -> None:
    if before.run_id is not None:
        runs.close_run(c, before.run_id, at)


def _reason(transition: Transition, given: str | None) -> str | None:
    if transition.reason and given:
        return f"{transition.reason}: {given}"
    return given or transition.reason
