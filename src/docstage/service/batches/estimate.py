"""What a run will take, told before it costs anything."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from docstage.asking.config import connection_pricing
from docstage.domain.errors import Conflict
from docstage.domain.snapshot import FrozenConnection, FrozenPrompt
from docstage.domain.usage import NANO, Price
from docstage.models.extras import contradictions
from docstage.models.libraries import missing_library
from docstage.models.reasoning import output_limit, plan_reasoning
from docstage.service.batches.input_estimate import context_warnings, input_estimate
from docstage.service.batches.schema_notes import impossible_schemas, schema_notes
from docstage.service.batches.views import (
    ConnectionEstimate,
    EstimateView,
    PartlyReadCount,
    PromptCount,
    ReasonCount,
)
from docstage.service.connections.views import view_price
from docstage.store import documents, library, runs
from docstage.store.documents import UsableSums
from docstage.store.records import Batch

# Answers are as long as models make them. A free-text answer about a document usually stays below this;
# `max_cost` shows the other end.
EXPECTED_OUTPUT_TOKENS = 300


def estimate(c: Connection, batch: Batch) -> EstimateView:
    """The estimate of a batch's current run.

    Raises:
        Conflict: nothing has been staged yet.
    """
    if batch.run_id is None:
        raise Conflict(f"Nothing is staged: the batch is {batch.status}. Stage it first.")
    snapshot = runs.get_run(c, batch.run_id).snapshot
    sums = documents.usable_sums(c, batch.run_id)
    connections = [
        _for_connection(c, batch.run_id, frozen, snapshot.prompts, sums) for frozen in snapshot.connections
    ]
    known = [one for one in connections if one.cost is not None]
    budget = None if batch.budget is None else batch.budget / NANO
    unusable = [ReasonCount.model_validate(one) for one in documents.unusable_reasons(c, batch.run_id)]
    unpriced = [one.connection for one in connections if one.price is None]
    cost = _sum((one.cost for one in known), unpriced)
    return EstimateView(
        documents=sums.documents,
        unusable=unusable,
        partly_read=[PartlyReadCount.model_validate(one) for one in documents.partly_read(c, batch.run_id)],
        tasks=sum(one.tasks for one in connections),
        input_tokens=sum(one.input_tokens for one in connections),
        cost=cost,
        max_cost=_sum((one.max_cost for one in known), unpriced),
        unpriced_connections=unpriced,
        budget=budget,
        connections=connections,
        warnings=[
            *_missing(snapshot.connections),
            *impossible_schemas(snapshot),
            *_contradicted(c, snapshot.connections),
            *_warnings(connections, cost, budget),
        ],
        notes=[*schema_notes(c, snapshot), *_reasoning_notes(snapshot.connections)],
    )


def _missing(frozen: Iterable[FrozenConnection]) -> list[str]:
    """Why connections cannot be called here, once for each provider."""
    return [text for name in sorted({one.provider for one in frozen}) if (text := missing_library(name))]


def _reasoning_notes(connections: Iterable[FrozenConnection]) -> list[str]:
    """What reasoning comes to with the models that are asked."""
    return [f"{one.name}: {note}" for one in connections for note in plan_reasoning(one).notes]


def _contradicted(c: Connection, frozen: Iterable[FrozenConnection]) -> list[str]:
    """What connections of earlier versions say that docstage sets itself: with it the batch does not run."""
    found = [(one.name, contradictions(library.get_connection(c, one.id).extra)) for one in frozen]
    return [f"{name}: {' '.join(map(str, those))}" for name, those in found if those]


def live_price(c: Connection, frozen: FrozenConnection) -> Price | None:
    """The price of a frozen connection, with the override that the connection has now."""
    record = library.get_connection(c, frozen.id)
    return connection_pricing(c, record, frozen).price


def unpriced_connections(c: Connection, run_id: int) -> list[str]:
    """Names of the run's connections whose price is unknown."""
    snapshot = runs.get_run(c, run_id).snapshot
    return [frozen.name for frozen in snapshot.connections if live_price(c, frozen) is None]


def _for_connection(
    c: Connection, run_id: int, frozen: FrozenConnection, prompts: Collection[FrozenPrompt], sums: UsableSums
) -> ConnectionEstimate:
    inputs = input_estimate(c, run_id, frozen, prompts, sums)
    most = output_limit(frozen)
    longest = inputs.tasks * most
    expected = inputs.tasks * min(EXPECTED_OUTPUT_TOKENS, most)
    price = live_price(c, frozen)
    return ConnectionEstimate(
        connection_id=frozen.id,
        connection=frozen.name,
        tasks=inputs.tasks,
        unsupported_tasks=inputs.unsupported,
        unseen_tasks=inputs.unseen,
        oversized_tasks=inputs.oversized,
        partial_tasks=sum(inputs.partial.values()),
        partial_by_prompt=[
            PromptCount(prompt_id=one.id, prompt=one.name, tasks=inputs.partial[one.id])
            for one in prompts
            if one.id in inputs.partial
        ],
        doubtful_tasks=inputs.doubtful,
        context_tokens=inputs.context_tokens,
        input_tokens=inputs.expected,
        max_input_tokens=inputs.most,
        calibration_calls=inputs.calibration_calls,
        output_tokens=expected,
        max_output_tokens=longest,
        price=view_price(price),
        cost=None if price is None else price.cost_of_calls(inputs.expected, expected, inputs.tasks) / NANO,
        max_cost=None if price is None else price.most(inputs.most, longest, inputs.most_of_call) / NANO,
    )


def _sum(costs: Iterable[float | None], unpriced: Collection[str]) -> float | None:
    """What is known to be spent; None where that is nothing, but a price is unknown."""
    known = sum(cost or 0 for cost in costs)
    return None if unpriced and not known else known


def _tasks(number: int) -> str:
    return f"{number:,} task{'' if number == 1 else 's'}"


def _warnings(connections: list[ConnectionEstimate], cost: float | None, budget: float | None) -> list[str]:
    warnings = [
        f"{one.connection} takes no pictures: {_tasks(one.unsupported_tasks)} cannot be sent."
        for one in connections
        if one.unsupported_tasks
    ]
    warnings += [
        f"{one.connection} takes no pictures: {_tasks(one.unseen_tasks)} will be asked without those of the "
        "document."
        for one in connections
        if one.unseen_tasks
    ]
    warnings += [words for one in connections for words in context_warnings(one)]
    warnings += [
        f"The price of {one.connection} is unknown: enter it, or say that it is free."
        for one in connections
        if one.price is None
    ]
    if cost is not None and budget is not None and cost > budget:
        warnings.append(
            f"The expected cost of ${cost:,.2f} is above the budget of ${budget:,.2f}: the batch will pause."
        )
    return warnings
