"""Entering calls that belong to no batch in the ledger of what was spent: they are billed like any other."""

from docstage.domain.usage import Price, Usage
from docstage.service.context import Services
from docstage.store.spending import spend


def enter_call(
    services: Services, connection_id: int, usage: Usage | None, price: Price | None, *, answered: bool
) -> None:
    """Enter a call that came back.

    Args:
        connection_id: of the connection, or `NOT_SAVED`.
        usage: its tokens, where the server told them.
        price: None when it is unknown.
        answered: a call that failed without an answer was not billed, as far as anybody can tell.
    """
    counted = usage or Usage()
    cost = price.cost(usage) if price and usage else None
    sums = {
        "calls": 1,
        "input_tokens": counted.input_tokens,
        "cached_tokens": counted.cached_tokens,
        "output_tokens": counted.output_tokens,
        "cost": cost or 0,
        "unpriced_calls": int((answered or usage is not None) and cost is None),
    }
    with services.database.write() as c:
        spend(c, [(connection_id, services.clock.now(), sums)])
