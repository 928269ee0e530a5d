"""Entering calls that belong to no batch in the ledger of what was spent: they are billed like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from docstage.domain.usage import Cost, Spending, Usage
from docstage.models.pricing import Pricing
from docstage.service.context import Services
from docstage.store.spending import spend


@dataclass(slots=True)
class LooseCall:
    """A call of no batch. Until it has ended, nobody knows what it costs.

    Attributes:
        pricing: the connection's.
        has_begun: it may have reached the model.
        most: the tokens that it takes at most.
        usage: its tokens, where the server told them.
        model: the model's name as served, or None.
        billed: it may have been billed: it was answered, or nobody knows what became of it.
        told_cost: nano-dollars that the provider says it bills, or None.
    """

    pricing: Pricing
    has_begun: bool = False
    most: Usage = field(default_factory=Usage)
    usage: Usage | None = None
    model: str | None = None
    billed: bool = True
    told_cost: int | None = None

    def begin(self, most: Usage) -> None:
        """It leaves, and takes this much at most."""
        self.has_begun, self.most = True, most

    def end(
        self,
        usage: Usage | None,
        model: str | None = None,
        *,
        billed: bool,
        told_cost: int | None = None,
    ) -> None:
        """It is over."""
        self.usage, self.model, self.billed, self.told_cost = usage, model, billed, told_cost

    @property
    def cost(self) -> Cost:
        """What it cost, as far as that is known."""
        return self.pricing.cost(self.usage, self.model, billed=self.billed, told=self.told_cost)

    def sums(self) -> Spending:
        """As the ledger takes it."""
        most = self.pricing.most(self.most.input_tokens, self.most.output_tokens)
        return Spending.of_call(self.usage, self.cost.nanos, most)


@asynccontextmanager
async def entered(services: Services, connection_id: int, pricing: Pricing) -> AsyncIterator[LooseCall]:
    """A call that is entered once it is over, also when whoever asked has gone meanwhile.

    Args:
        connection_id: of the connection, or `NOT_SAVED`.
        pricing: the connection's.
    """
    call = LooseCall(pricing)
    try:
        yield call
    finally:
        if call.has_begun:
            await asyncio.to_thread(_enter, services, connection_id, call)


def _enter(services: Services, connection_id: int, call: LooseCall) -> None:
    with services.database.write() as c:
        spend(c, [(connection_id, services.clock.now(), call.sums())])
