"""What models cost, from the price list that genai-prices ships; the network is never asked."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from docstage.domain.usage import Price
from docstage.models.addresses import is_private_address
from docstage.models.catalogue import get_provider

SLOT_SECONDS = 900
"""How long a look-up holds: prices change with the day, and some with the hour."""
# Words of providers for the service that the price list is about.
_STANDARD = frozenset({"auto", "default", "standard", "standard_only", "on_demand"})
# Service tiers that cost as much as the standard one: console.groq.com/docs/flex-processing.
_AS_STANDARD = frozenset({("groq", "flex")})
# A write to a cache of five minutes, and of an hour, as multiples of the price of input: docs.anthropic.com
# (prompt caching); Amazon and Google bill these models alike.
_WRITES_OF_CLAUDE = (1.25, 2.0)
# What chat calls are billed for besides tokens.
_BY_CALL = ("requests_kcount", "input_text_messages_kcount", "input_mchars")
_KINDS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")


def price_of(
    provider: str,
    model: str,
    override: Mapping[str, float] | None = None,
    base_url: str | None = None,
    *,
    tier: str | None = None,
    at: float | None = None,
) -> Price | None:
    """The price of a model, or None when it is unknown, which is never taken for zero.

    List prices hold only at the provider's own address, whatever a server elsewhere calls its models, and
    only for the service tier that is listed. Those that rise with the length of the input have all steps.

    Args:
        provider: a name of the catalogue.
        model: the provider's name for the model.
        override: the connection's own prices, USD per million tokens: `input`, `output`, `cached`,
            `cache_write`. What is missing is taken from the list.
        base_url: the connection's address; None means the provider's own.
        tier: the service tier that is asked for, in the provider's word.
        at: seconds since the epoch; None: now.

    Raises:
        InvalidInput: the provider is not known.
    """
    slot = int((time.time() if at is None else at) // SLOT_SECONDS)
    listed = _listed_price(provider, model, base_url, _tier(provider, tier), slot)
    if not override:
        return listed
    return _own(override, listed, model)


def _own(override: Mapping[str, float], listed: Price | None, model: str) -> Price | None:
    """The connection's own prices, completed from the list where it says nothing of input."""
    input_price = override.get("input", listed.input_mtok if listed else None)
    output_price = override.get("output", listed.output_mtok if listed else None)
    if input_price is None or output_price is None:
        return None
    base = listed if listed is not None and "input" not in override else None
    cached = override.get("cached", base.cached_mtok if base else None)
    written = override.get("cache_write", base.cache_write_mtok if base else None)
    hour = base.hour_write_mtok if base and "cache_write" not in override else None
    if base is None and "claude" in model.lower():
        factor, of_hour = _WRITES_OF_CLAUDE
        written = input_price * factor if written is None else written
        hour = max(written, input_price * of_hour)
    own = Price(input_price, output_price, cached, "connection", written, hour)
    return replace(own, source="free") if own.is_free else own


def _tier(provider: str, tier: str | None) -> str | None:
    """The service tier, None for one that is billed as the standard one."""
    name = (tier or "default").casefold()
    return None if name in _STANDARD or (provider, name) in _AS_STANDARD else name


@lru_cache(maxsize=4_096)
def _listed_price(
    provider: str, model: str, base_url: str | None, tier: str | None, slot: int
) -> Price | None:
    known = get_provider(provider)
    if provider == "simulated":
        return Price(0.0, 0.0, source="simulator")
    if known.local:
        address = base_url or known.default_base_url or ""
        return Price(0.0, 0.0, source="local") if is_private_address(address) else None
    if known.price_provider is None:
        return None
    return _genai_price(known.price_provider, model, base_url, tier, slot)


def _genai_price(
    price_provider: str, model: str, base_url: str | None, tier: str | None, slot: int
) -> Price | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        provider, info = get_snapshot().find_provider_model(model, None, price_provider, None)
    except LookupError:
        return None
    if base_url is not None and not re.match(provider.api_pattern, base_url):
        return None
    at = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC)
    if tier is None:
        return _listed(info.get_prices(at))
    asked = {"service_tier": tier}
    variants = [one for one in info.price_variants or () if one.when == asked]
    is_listed = any(one.constraint is None or one.constraint.active(at) for one in variants)
    return _listed(info.get_prices(at, asked)) if is_listed else None


def _listed(prices: Any) -> Price | None:
    """A price of the list, None where it has no price of tokens, or bills something besides."""
    if any(getattr(prices, name) for name in _BY_CALL):
        return None
    kinds = [getattr(prices, name) for name in _KINDS]
    if kinds[0] is None or kinds[1] is None:
        return None
    steps = sorted({tier.start for kind in kinds for tier in getattr(kind, "tiers", ())})
    longer = tuple((step, _price([_beyond(kind, step) for kind in kinds])) for step in steps)
    return replace(_price([_base(kind) for kind in kinds]), longer=longer)


def _price(kinds: list[float | None]) -> Price:
    asked, answered, cached, written, hour = kinds
    return Price(asked or 0.0, answered or 0.0, cached, "genai-prices", written, hour)


def _base(price: Any) -> float | None:
    """A price in USD per million tokens; of a price with steps, that of the first."""
    if price is None:
        return None
    return float(price if isinstance(price, Decimal) else price.base)


def _beyond(price: Any, step: int) -> float | None:
    """The price once the input has more tokens than a step."""
    passed = [tier.price for tier in getattr(price, "tiers", ()) if tier.start <= step]
    return float(passed[-1]) if passed else _base(price)
