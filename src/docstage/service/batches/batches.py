"""Batches: a named choice of folders, connections and prompts."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from docstage.domain.errors import Conflict, InvalidInput
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import NANO
from docstage.service.batches.presentation import view_batch, view_batches
from docstage.service.batches.views import BatchView, EstimateView
from docstage.service.context import Services
from docstage.service.edits import check_unchanged, given
from docstage.service.idempotency import earlier_batch
from docstage.service.purging.erasing import erase_now
from docstage.service.session import Session
from docstage.service.views import PageView
from docstage.store import batches, library, runs
from docstage.store.batches import LostRace
from docstage.store.paging import PageRequest
from docstage.store.records import Batch
from docstage.store.request_keys import remember_request
from docstage.store.tables import batch

if TYPE_CHECKING:  # commands that read need none of them, nor what functions import here
    from docstage.service.batches.inputs import BatchChange, BatchInput

# A run has a counter for each connection and prompt; more cells than this are a mistake.
MOST_CELLS = 10_000
_MEMBERS = {"folder_ids": "folder", "connection_ids": "connection", "prompt_ids": "prompt"}
_CLEARABLE = frozenset({"description", "budget", "failure_limit"})
_BUSY = frozenset({BatchStatus.STAGING, BatchStatus.ANALYZING})


def save(session: Session, wanted: "BatchInput", *, stage: bool = False) -> BatchView:
    """Store a SAVED batch, and stage it if asked to, both or neither.

    Raises:
        InvalidInput: it names something that does not exist, or far too many combinations.
        KeyReused: another request was marked with the same key.
        NotFound: an equal one was carried out before, and its batch was deleted since.
    """
    with session.services.database.write() as c:
        return view_batch(session.services, c, _saved(session, c, wanted, stage=stage))


def act(
    session: Session,
    batch_id: int,
    action: Action,
    *,
    reason: str | None = None,
    failure_kinds: Iterable[FailureKind] = (),
) -> BatchView:
    """Carry out an action; see `actions.act`."""
    from docstage.service.batches import actions

    changed = actions.act(session, batch_id, action, reason=reason, failure_kinds=failure_kinds)
    with session.services.database.read() as c:
        return view_batch(session.services, c, changed)


def get_batch(services: Services, batch_id: int) -> BatchView:
    """The batch. Raises NotFound."""
    with services.database.read() as c:
        return view_batch(services, c, batches.get_batch(c, batch_id))


def list_batches(
    services: Services,
    request: PageRequest,
    *,
    search: str | None = None,
    statuses: Iterable[BatchStatus] = (),
    using: Mapping[str, Collection[int]] | None = None,
) -> PageView[BatchView]:
    """Batches of these statuses (none given: all) whose name or description contains `search`.

    Args:
        using: ids of a `folder`, `connection` or `prompt`, of each of which it uses one.
    """
    with services.database.read() as c:
        page = batches.list_batches(c, request, search=search, statuses=statuses, using=using)
        return PageView(items=view_batches(services, c, page.items), next=page.next)


def change_batch(session: Session, batch_id: int, change: "BatchChange") -> BatchView:
    """Change what a batch is called, allowed to cost, or made of.

    Raises:
        NotFound: there is no such batch.
        InvalidInput: a member does not exist, or null is given where none can be.
        Conflict: what is analysed can change only while the batch is SAVED; or it is being analysed, and
            the budget could not be kept, because a price is unknown.
        Changed: it has none of the expected tags.
    """
    services, asked = session.services, given(change, _CLEARABLE)
    members = {_MEMBERS[name]: value for name, value in asked.items() if name in _MEMBERS}
    values = {name: value for name, value in asked.items() if name not in _MEMBERS}
    if values.get("budget") is not None:
        values["budget"] = _nanos(values["budget"])
    with services.database.write() as c:
        # Locked, so that its status holds until the members are in.
        library.lock_row(c, batch, batch_id)
        before = batches.get_batch(c, batch_id)
        check_unchanged(view_batch(services, c, before), session.expected)
        batches.update_batch(c, batch_id, values | {"updated_at": services.clock.now()})
        current = batches.get_batch(c, batch_id)
        if members:
            _check_saved(current)
            library.set_members(c, batch_id, members)
            _check_size(library.members_of(c, batch_id))
        if current.budget != before.budget and _is_analysed(c, current):
            _check_budget(c, current)
        batches.log_edit(c, current, asked, session.actor)
        return view_batch(services, c, current)


def delete_batch(session: Session, batch_id: int) -> None:
    """Delete a batch with all its runs and results, and contents that only it had; the audit log remains.

    Raises:
        NotFound: there is no such batch.
        Changed: it has none of the expected tags.
        Conflict: it is being staged or analysed.
    """
    services = session.services
    while True:
        try:
            with services.database.write() as c:
                library.lock_row(c, batch, batch_id)
                current = batches.get_batch(c, batch_id)
                check_unchanged(view_batch(services, c, current), session.expected)
                if current.status in _BUSY:
                    raise Conflict(
                        f"The batch is {current.status}. Cancel it first, then delete it.",
                        current_status=current.status,
                    )
                batches.delete_batch(c, current, services.clock.now(), session.actor)
        except LostRace:
            continue  # its status changed meanwhile and decides now
        erase_now(services)
        return


def estimate_batch(services: Services, batch_id: int) -> EstimateView:
    """What the current run will take. Raises NotFound; Conflict when nothing is staged."""
    from docstage.service.batches.estimate import estimate

    with services.database.read() as c:
        return estimate(c, batches.get_batch(c, batch_id))


def _saved(session: Session, c: Connection, wanted: "BatchInput", *, stage: bool) -> Batch:
    now = session.services.clock.now()
    earlier = earlier_batch(c, session.key, now)
    if earlier is not None:
        return batches.get_batch(c, earlier)
    saved = _insert(session, c, wanted, now)
    if session.key:
        remember_request(c, session.key, saved.id, now)
    if not stage:
        return saved
    from docstage.service.batches import actions

    return actions.act_within(session, c, saved.id, Action.STAGE)


def _insert(session: Session, c: Connection, wanted: "BatchInput", at: float) -> Batch:
    members = {kind: getattr(wanted, name) for name, kind in _MEMBERS.items()}
    _check_size(members)
    values: dict[str, Any] = wanted.model_dump(exclude=set(_MEMBERS))
    values["budget"] = None if wanted.budget is None else _nanos(wanted.budget)
    saved = batches.insert_batch(c, values, session.actor, at)
    library.set_members(c, saved.id, members)
    return saved


def _nanos(dollars: float) -> int:
    return round(dollars * NANO)


def _is_analysed(c: Connection, current: Batch) -> bool:
    """Whether its run calls models, now or by itself once it is staged."""
    if current.status is BatchStatus.STAGING and current.run_id is not None:
        return runs.get_run(c, current.run_id).analyze_when_staged
    return current.status is BatchStatus.ANALYZING


def _check_budget(c: Connection, current: Batch) -> None:
    from docstage.service.batches.budget import check_budget

    check_budget(c, current)


def _check_saved(current: Batch) -> None:
    if current.status is not BatchStatus.SAVED:
        raise Conflict(
            f"What is analysed can change only while the batch is SAVED; it is {current.status}. "
            "Reset it first.",
            current_status=current.status,
        )


def _check_size(members: dict[str, list[int]]) -> None:
    cells = len(members["connection"]) * len(members["prompt"])
    if cells > MOST_CELLS:
        raise InvalidInput(
            f"{cells:,} combinations of connections and prompts are too many: at most {MOST_CELLS:,}."
        )
