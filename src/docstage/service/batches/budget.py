"""Whether a run that is about to be analysed can keep its budget, and has any of it left."""

from collections.abc import Iterable

from sqlalchemy import Connection

from docstage.asking.config import connection_pricing
from docstage.asking.question import at_most_tokens, question_of, repair_tokens
from docstage.domain.errors import Conflict
from docstage.domain.snapshot import FrozenConnection, FrozenPrompt, UnreadableSnapshot
from docstage.domain.usage import NANO, about_possible, spent_in_words
from docstage.models.catalogue import sees_images
from docstage.models.extras import check_extra
from docstage.service.batches.estimate import unpriced_connections
from docstage.store import library, runs, tasks
from docstage.store.records import Batch


class BudgetReached(Conflict):
    """The budget leaves no room for any call that is left, so that nothing would happen."""

    kind = "budget-reached"
    title = "The budget is reached"


def check_budget(c: Connection, batch: Batch) -> None:
    """See that a run which is analysed, now or by itself once it is staged, can keep its budget.

    Raises:
        Conflict: there is a budget, and a connection whose price is unknown.
    """
    if batch.budget is None or batch.run_id is None:
        return
    unknown = unpriced_connections(c, batch.run_id)
    if unknown:
        raise Conflict(
            f"The batch has a budget, but the price of {', '.join(unknown)} is unknown, so it could not be "
            "kept. Enter prices for these connections or take the budget away.",
            unpriced_connections=unknown,
        )


def check_extras(c: Connection, run_id: int | None) -> None:
    """See that no connection of a run says what docstage sets, which connections of earlier versions may.

    Raises:
        InvalidInput: one does; each member is named, with what to do.
    """
    try:
        frozen = runs.get_run(c, run_id).snapshot.connections if run_id is not None else ()
    except UnreadableSnapshot:
        return  # the engine tells it
    for one in frozen:
        check_extra(library.get_connection(c, one.id).extra, one.name)


def check_room(c: Connection, batch: Batch) -> None:
    """See that a paused run which goes on has room for its next calls: else it would only pause again.

    Calls in flight may still make room, so that nothing is refused while there are any.

    Raises:
        BudgetReached: no connection could make its next call.
    """
    if batch.budget is None or batch.run_id is None:
        return
    tally = runs.totals(c, [batch.run_id]).get(batch.run_id, runs.Tally())
    snapshot = runs.get_run(c, batch.run_id).snapshot
    costs = [_next_cost(c, batch.run_id, frozen, snapshot.prompts) for frozen in snapshot.connections]
    needed = min((cost for cost in costs if cost is not None), default=None)
    spent = tally.cost + tally.possible_cost
    if needed is None or tally.running or spent + needed <= batch.budget:
        return
    raise BudgetReached(
        f"The budget of ${batch.budget / NANO:,.4f} is reached: "
        f"{spent_in_words(tally.cost, tally.possible_cost)}, and the next call can cost up to "
        f"${needed / NANO:,.4f}. Raise the budget or take it away, and resume."
        f"{about_possible(tally.possible_cost)}",
        budget=batch.budget / NANO,
        spent=spent / NANO,
        next_call_max_cost=needed / NANO,
    )


def _next_cost(
    c: Connection, run_id: int, frozen: FrozenConnection, prompts: Iterable[FrozenPrompt]
) -> int | None:
    """What the next call to a connection costs at most, in nano-dollars; None: there is none, or no price."""
    queued = tasks.next_queued(c, run_id, frozen.id, 0, 1, sees=sees_images(frozen))
    if not queued:
        return None
    asked = next(question_of(prompt) for prompt in prompts if prompt.id == queued[0].prompt_id)
    most = at_most_tokens(asked, queued[0].most_tokens, queued[0].images, queued[0].path)
    most += repair_tokens(queued[0].repair).most
    return connection_pricing(c, library.get_connection(c, frozen.id), frozen).most(most)
