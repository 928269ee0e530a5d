"""Batches: a named choice of folders, connections and prompts."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from docstage.domain.errors import Conflict, InvalidInput
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import NANO
from docstage.service import actions
from docstage.service.batch_views import view_batch, view_batches
from docstage.service.changes import given
from docstage.service.context import Services
from docstage.service.estimate import estimate
from docstage.service.inputs import BatchChange, BatchInput
from docstage.service.views import BatchView, EstimateView, PageView
from docstage.store import batches, catalog
from docstage.store.batches import LostRace
from docstage.store.paging import PageRequest
from docstage.store.records import Batch

# A run has a counter for each connection and prompt; more cells than this are a mistake.
MOST_CELLS = 10_000
_MEMBERS = {"folder_ids": "folder", "connection_ids": "connection", "prompt_ids": "prompt"}
_CLEARABLE = frozenset({"description", "budget", "failure_limit"})
_BUSY = frozenset({BatchStatus.STAGING, BatchStatus.ANALYZING})


def save(services: Services, wanted: BatchInput) -> BatchView:
    """Store a SAVED batch.

    Raises:
        InvalidInput: it names something that does not exist, or far too many combinations.
    """
    with services.database.write() as c:
        return view_batch(services, c, _insert(services, c, wanted))


def save_and_stage(services: Services, wanted: BatchInput, actor: str = "user") -> BatchView:
    """Store a batch and stage it, both or neither. Raises InvalidInput, as `save`."""
    with services.database.write() as c:
        saved = _insert(services, c, wanted)
        return view_batch(services, c, actions.act_within(services, c, saved.id, Action.STAGE, actor=actor))


def act(
    services: Services,
    batch_id: int,
    action: Action,
    *,
    reason: str | None = None,
    failure_kinds: Iterable[FailureKind] = (),
    actor: str = "user",
) -> BatchView:
    """Carry out an action; see `actions.act`."""
    changed = actions.act(services, batch_id, action, reason=reason, failure_kinds=failure_kinds, actor=actor)
    with services.database.read() as c:
        return view_batch(services, c, changed)


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
) -> PageView[BatchView]:
    """Batches of these statuses (none given: all) whose name or description contains `search`."""
    with services.database.read() as c:
        page = batches.list_batches(c, request, search=search, statuses=statuses)
        return PageView(items=view_batches(services, c, page.items), next=page.next)


def change_batch(services: Services, batch_id: int, change: BatchChange, actor: str = "user") -> BatchView:
    """Change what a batch is called, allowed to cost, or made of.

    Raises:
        NotFound: there is no such batch.
        InvalidInput: a member does not exist, or null is given where none can be.
        Conflict: what is analysed can change only while the batch is SAVED.
    """
    asked = given(change, _CLEARABLE)
    members = {_MEMBERS[name]: value for name, value in asked.items() if name in _MEMBERS}
    values = {name: value for name, value in asked.items() if name not in _MEMBERS}
    if values.get("budget") is not None:
        values["budget"] = _nanos(values["budget"])
    with services.database.write() as c:
        # The write comes first: it locks the batch, so that its status holds until the members are in.
        batches.update_batch(c, batch_id, values | {"updated_at": services.clock.now()})
        current = batches.get_batch(c, batch_id)
        if members:
            _check_saved(current)
            catalog.set_members(c, batch_id, members)
            _check_size(catalog.members_of(c, batch_id))
        batches.log_edit(c, current, asked, actor)
        return view_batch(services, c, current)


def delete_batch(services: Services, batch_id: int, actor: str = "user") -> None:
    """Delete a batch with all its runs and results; the audit log remains.

    Raises:
        NotFound: there is no such batch.
        Conflict: it is being staged or analysed.
    """
    while True:
        try:
            with services.database.write() as c:
                current = batches.get_batch(c, batch_id)
                if current.status in _BUSY:
                    raise Conflict(
                        f"The batch is {current.status}. Cancel it first, then delete it.",
                        current_status=current.status,
                    )
                batches.delete_batch(c, current, services.clock.now(), actor)
                return
        except LostRace:
            continue  # its status changed meanwhile and decides now


def estimate_batch(services: Services, batch_id: int) -> EstimateView:
    """What the current run will take. Raises NotFound; Conflict when nothing is staged."""
    with services.database.read() as c:
        return estimate(c, batches.get_batch(c, batch_id))


def _insert(services: Services, c: Connection, wanted: BatchInput) -> Batch:
    members = {kind: getattr(wanted, name) for name, kind in _MEMBERS.items()}
    _check_size(members)
    values: dict[str, Any] = wanted.model_dump(exclude=set(_MEMBERS))
    values["budget"] = None if wanted.budget is None else _nanos(wanted.budget)
    saved = batches.insert_batch(c, values, services.clock.now())
    catalog.set_members(c, saved.id, members)
    return saved


def _nanos(dollars: float) -> int:
    return round(dollars * NANO)


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
