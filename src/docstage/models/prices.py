"""What models cost, from the price list that genai-prices ships; the network is never asked."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from docstage.domain.usage import Price
from docstage.models.addresses import is_private_address
from docstage.models.catalogue import get_provider


def price_of(
    provider: str, model: str, override: Mapping[str, float] | None = None, base_url: str | None = None
) -> Price | None:
    """The price of a model, or None when it is unknown, which is never taken for zero.

    List prices are base prices at the moment of the first look-up: where a price rises with the length of the
    input, or differs by time of day or service tier, the invoice can differ. They hold only at the provider's
    own address, whatever a server elsewhere calls its models.

    Args:
        provider: a name of the catalogue.
        model: the provider's name for the model.
        override: the connection's own prices, USD per million tokens: `input`, `output`, `cached`. What is
            missing is taken from the list.
        base_url: the connection's address; None means the provider's own.

    Raises:
        InvalidInput: the provider is not known.
    """
    listed = _listed_price(provider, model, base_url)
    if not override:
        return listed
    input_price = override.get("input", listed.input_mtok if listed else None)
    output_price = override.get("output", listed.output_mtok if listed else None)
    if input_price is None or output_price is None:
        return None
    cached = override.get("cached")
    if cached is None and listed is not None and "input" not in override:
        cached = listed.cached_mtok
    own = Price(input_price, output_price, cached, source="connection")
    return replace(own, source="free") if own.is_free else own


@cache
def _listed_price(provider: str, model: str, base_url: str | None) -> Price | None:
    known = get_provider(provider)
    if provider == "simulated":
        return Price(0.0, 0.0, source="simulator")
    if known.local:
        address = base_url or known.default_base_url or ""
        return Price(0.0, 0.0, source="local") if is_private_address(address) else None
    return _genai_price(known.price_provider, model, base_url) if known.price_provider else None


def _genai_price(price_provider: str, model: str, base_url: str | None) -> Price | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        provider, info = get_snapshot().find_provider_model(model, None, price_provider, None)
    except LookupError:
        return None
    if base_url is not None and not re.match(provider.api_pattern, base_url):
        return None
    prices = info.get_prices(datetime.now(UTC))
    input_price, output_price = _base(prices.input_mtok), _base(prices.output_mtok)
    if input_price is None or output_price is None:
        return None
    return Price(input_price, output_price, _base(prices.cache_read_mtok), source="genai-prices")


def _base(price: Any) -> float | None:
    """A price in USD per million tokens; of a price with tiers, that of the first."""
    if price is None:
        return None
    return float(price if isinstance(price, Decimal) else price.base)
