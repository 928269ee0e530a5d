"""What a provider, or a gateway, says that a call costs.

It wins over any price list: it knows the contract, the discounts and the model that really answered. Only
amounts in US dollars are believed that are numbers, not below zero, and not beyond what any call costs.

Sources: openrouter.ai/docs (usage accounting, bring your own key), docs.litellm.ai (response headers),
docs.x.ai (cost tracking), docs.perplexity.ai (chat completions), deepinfra.com/docs and ai.pydantic.dev
(gateway).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docstage.domain.usage import NANO

_MOST_DOLLARS = 1_000.0
_TICKS_OF_DOLLAR = 10_000_000_000
_HEADERS = ("x-litellm-response-cost", "logfire-ai-gateway-cost")


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount as it stands there.

    Attributes:
        told: anything may.
        unit: how many of it make a dollar.
        zero_counts: nothing is a price too. LiteLLM says nothing of models that it has no price of as well.
    """

    told: object
    unit: float = 1.0
    zero_counts: bool = True

    @property
    def nanos(self) -> int | None:
        """Nano-dollars, None where it cannot be believed."""
        dollars = _number(self.told)
        if dollars is None or not 0 <= dollars / self.unit <= _MOST_DOLLARS:
            return None
        return round(dollars / self.unit * NANO) if dollars or self.zero_counts else None


def told_cost(usage: object, headers: Mapping[str, str] | None = None) -> int | None:
    """Nano-dollars that a call costs as an answer says, None where it does not.

    Args:
        usage: the `usage` member of its body.
        headers: those of the response.
    """
    amounts = [*_in_usage(usage), *_in_headers(headers or {})]
    return next((nanos for one in amounts if (nanos := one.nanos) is not None), None)


def _in_usage(usage: object) -> Iterator[_Amount]:
    if not isinstance(usage, Mapping) or usage.get("currency", "USD") not in ("USD", None):
        return
    yield _Amount(usage.get("cost_in_usd_ticks"), _TICKS_OF_DOLLAR)
    cost = usage.get("cost")
    if isinstance(cost, Mapping):  # Perplexity
        if cost.get("currency", "USD") in ("USD", None):
            yield _Amount(cost.get("total_cost"))
    else:
        yield _with_own_key(usage)
    yield _Amount(usage.get("total_cost"))
    yield _Amount(usage.get("estimated_cost"), zero_counts=False)
    for gateway, member in (("logfire_ai_gateway", "cost"), ("pydantic_ai_gateway", "cost_estimate")):
        found = usage.get(gateway)
        yield _Amount(found.get(member) if isinstance(found, Mapping) else None)


def _with_own_key(usage: Mapping[str, object]) -> _Amount:
    """What OpenRouter charges; with an own key for the provider behind it, what that one charges too."""
    cost, details = _number(usage.get("cost")), usage.get("cost_details")
    if cost is None or not usage.get("is_byok"):
        return _Amount(cost)
    behind = _number(details.get("upstream_inference_cost")) if isinstance(details, Mapping) else None
    return _Amount(None if behind is None else cost + behind)


def _in_headers(headers: Mapping[str, str]) -> Iterator[_Amount]:
    for name in _HEADERS:
        yield _Amount(headers.get(name, "").removesuffix("USD").strip(), zero_counts=False)


def _number(told: object) -> float | None:
    """The number that stands there, also as text; None for anything else."""
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    try:
        number = float(told)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
