"""What a call costs with a simulated provider, by its profile's invented prices."""

from collections.abc import Mapping
from types import MappingProxyType

from docstage.simulator.profile import Profile
from docstage.simulator.replies import Counts

# How much a service tier changes the price: half for those that wait, twice for those that go first, as
# OpenAI prices its flex, batch and priority processing.
_TIERS: Mapping[str, float] = MappingProxyType({"flex": 0.5, "batch": 0.5, "priority": 2.0})
_MILLION = 1_000_000


def cost_of(profile: Profile, counts: Counts, tier: str | None) -> float:
    """USD for a call in a service tier."""
    cached = profile.input_price / 10 if profile.cached_price is None else profile.cached_price
    written = profile.input_price if profile.cache_write_price is None else profile.cache_write_price
    to_cache = counts.written or 0
    total = (
        (counts.input - counts.cached - to_cache) * profile.input_price
        + counts.cached * cached
        + to_cache * written
        + counts.output * profile.output_price
    )
    return total * _TIERS.get(tier or "", 1.0) / _MILLION
