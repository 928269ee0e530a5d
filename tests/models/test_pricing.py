"""What calls cost: at most before they leave, and in the end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from docstage.domain.usage import Cost, Price, Usage
from docstage.models.prices import price_of
from docstage.models.pricing import Pricing, is_alias
from docstage.models.protocol import ConnectionConfig

AZURE = "https://mine.openai.azure.com/openai/v1"


def _pricing(provider: str, model: str, own: dict[str, float] | None = None, **settings: Any) -> Pricing:
    config = ConnectionConfig(provider, model, max_output_tokens=1_000, **settings)
    return Pricing(config, own, lambda: 1_796_000_000.0)


def test_writes_to_a_cache_are_dearer() -> None:
    """Anthropic bills them at 1.25 times the price of input, those for an hour at twice it."""
    price = price_of("anthropic", "claude-sonnet-4-5")
    assert price is not None
    written, for_hour = (
        Usage(100_000, 0, 0, 100_000),
        Usage(100_000, 0, 0, 100_000, hour_write_tokens=100_000),
    )
    assert (price.cost(Usage(100_000, 0, 0)), price.cost(written)) == (300_000_000, 375_000_000)
    assert price.cost(for_hour) == 600_000_000
    assert price.cost(Usage(100_000, 50_000, 10, 50_000)) == 187_500_000 + 15_000_000 + 150_000


def test_a_folder_that_is_written_to_a_cache_costs_what_anthropic_bills() -> None:
    """A thousand documents of 500 tokens, each written: $1.88, where they had been entered as $1.50."""
    pricing = _pricing("anthropic", "claude-sonnet-4-5")
    costs = [pricing.cost(Usage(500, 0, 0, 500)).nanos or 0 for _ in range(1_000)]
    assert sum(costs) == 1_875_000_000
    on_amazon = _pricing("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0").price
    assert on_amazon is not None
    assert (on_amazon.cache_write_mtok or 0) >= 1.25 * on_amazon.input_mtok


def test_own_prices_of_claude_know_of_writes() -> None:
    """Prices of input and output tell those of writes, as Anthropic has them, unless these are entered."""
    own = price_of("anthropic", "claude-opus-5", {"input": 4.0, "output": 20.0})
    assert own == Price(4.0, 20.0, None, "connection", 5.0, 8.0)
    said = price_of("anthropic", "claude-opus-5", {"input": 4.0, "output": 20.0, "cache_write": 4.5})
    assert said == Price(4.0, 20.0, None, "connection", 4.5, 8.0)
    other = price_of("openai-compatible", "m", {"input": 4.0, "output": 20.0, "cache_write": 6.0})
    assert other == Price(4.0, 20.0, None, "connection", 6.0)


@pytest.mark.parametrize(("asked", "dollars"), [(200_000, 0.6), (200_001, 1.200006)])
def test_prices_rise_with_the_length_of_the_input(asked: int, dollars: float) -> None:
    """Beyond a step, all of the input costs more, and the output too."""
    price = price_of("anthropic", "claude-sonnet-4-5")
    assert price is not None
    assert price.cost(Usage(asked, 0, 0)) == round(dollars * 1e9)
    assert price.cost(Usage(asked, 0, 1_000)) - price.cost(Usage(asked, 0, 0)) == (
        22_500_000 if asked > 200_000 else 15_000_000
    )


@pytest.mark.parametrize(
    ("provider", "model", "tier", "output"),
    [
        ("openai", "gpt-5", "flex", 5.0),
        ("openai", "gpt-5", "priority", 20.0),
        ("openai", "gpt-5", "auto", 10.0),
        ("openai", "gpt-5", "default", 10.0),
        ("openai", "gpt-5", "scale", None),  # nothing is listed of it
        ("openai", "gpt-4o", "flex", None),
        ("groq", "llama-3.3-70b-versatile", "flex", 0.79),
        ("groq", "llama-3.3-70b-versatile", "performance", None),
        ("anthropic", "claude-sonnet-4-5", "standard_only", 15.0),
    ],
)
def test_service_tiers_have_prices_of_their_own(
    provider: str, model: str, tier: str, output: float | None
) -> None:
    """As listed; where nothing is listed, the price is unknown, unless the connection has its own."""
    price = _pricing(provider, model, extra={"service_tier": tier}).price
    assert (price.output_mtok if price else None) == output
    own = _pricing(provider, model, {"input": 1.0, "output": 2.0}, extra={"service_tier": tier}).price
    assert own is not None
    assert own.output_mtok == 2.0


def test_a_cheaper_tier_is_reserved_as_the_standard_one() -> None:
    """The provider may serve it as any other call."""
    flex = _pricing("openai", "gpt-5", extra={"service_tier": "flex"}, reasoning="off")
    standard = _pricing("openai", "gpt-5", reasoning="off")
    assert flex.most(1_000, 1_000) == standard.most(1_000, 1_000) == 11_250_000
    assert flex.cost(Usage(1_000, 0, 1_000)) == Cost(5_625_000, "genai-prices")


@pytest.mark.parametrize(
    "usage",
    [
        Usage(150_000, 0, 1_000),
        Usage(150_000, 0, 1_000, 150_000),
        Usage(150_000, 150_000, 1_000),
        Usage(250_000, 0, 1_000, 250_000),
        Usage(1, 0, 1_000, 1),
    ],
)
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-4-5"),
        ("google", "gemini-2.5-pro"),
        ("openai", "gpt-5.6-luna"),
        ("deepseek", "deepseek-chat"),
    ],
)
def test_no_call_costs_more_than_the_most(provider: str, model: str, usage: Usage) -> None:
    """Whichever of the input was cached or written, and whichever step of the price it reached."""
    pricing = _pricing(provider, model)
    most, cost = pricing.most(usage.input_tokens), pricing.cost(usage).nanos
    assert most is not None
    assert cost is not None
    assert 0 < cost <= most
    assert most <= (pricing.most(usage.input_tokens + 1) or 0)


def test_a_deployment_is_priced_as_the_model_that_answers() -> None:
    """Azure's are called as their owner likes: nothing is known before the first answer."""
    pricing = _pricing("azure", "prod", base_url=AZURE)
    assert (pricing.price, pricing.most(10)) == (None, None)
    assert pricing.cost(Usage(1_000, 0, 100), "gpt-4o-2024-08-06") == Cost(3_500_000, "genai-prices")
    assert pricing.cost(Usage(1_000, 0, 100), "no-such-model") == Cost()
    own = _pricing("azure", "prod", {"input": 1.0, "output": 1.0}, base_url=AZURE)
    assert own.cost(Usage(1_000, 0, 100), "gpt-4o-2024-08-06") == Cost(1_100_000, "connection")


def test_another_model_than_was_asked_is_priced_as_served() -> None:
    """Unknown stays unknown; a dated version of the one that was asked is that one."""
    pricing = _pricing("openai", "gpt-4o-mini")
    usage = Usage(1_000, 0, 100)
    assert pricing.cost(usage, "gpt-4o") == Cost(3_500_000, "genai-prices")
    assert pricing.cost(usage, "gpt-4o-mini-2031-01-01").nanos == pricing.cost(usage).nanos
    assert pricing.cost(usage, "somebody-elses-model") == Cost()
    assert is_alias("openai/gpt-4o", "gpt-4o-2024-08-06")
    assert is_alias("mistral-small-latest", "mistral-small-2506")
    assert not is_alias("gpt-4o", "llama-3")


def test_what_cost_more_than_it_could_is_learnt() -> None:
    """Later calls are reserved for as much more: a budget is passed by no more than is in flight."""
    pricing = _pricing("openai", "gpt-4o-mini")
    before = pricing.most(1_000) or 0
    pricing.learn(Cost(before * 3, "provider"), before)
    assert pricing.most(1_000) == before * 3
    pricing.learn(Cost(before, "provider"), before * 3)
    pricing.learn(Cost(), before)
    assert pricing.most(1_000) == before * 3


def test_what_was_taken_to_be_free_and_is_not_is_learnt() -> None:
    """A server of one's own that tells a cost all the same holds later calls to the budget."""
    pricing = _pricing("ollama", "m")
    assert pricing.most(1_000) == 0
    pricing.learn(Cost(5_000, "provider"), 0)
    assert pricing.most(1_000) == 5_000


def test_what_is_told_wins_and_nothing_billed_is_zero() -> None:
    """The provider's own word is better than any list, also where no price is known."""
    pricing = _pricing("openrouter", "no/such-model")
    assert pricing.cost(Usage(10, 0, 1), told=42) == Cost(42, "provider")
    assert pricing.cost(None, told=42) == Cost(42, "provider")
    assert pricing.cost(Usage(10, 0, 1), billed=False) == Cost(0)
    assert pricing.cost(Usage(10, 0, 1)) == Cost()


def test_prices_by_the_call_are_unknown() -> None:
    """What bills each request besides its tokens has no price of tokens alone."""
    assert price_of("openai", "tts-1") is None


def test_prices_of_the_hour_are_those_of_the_hour() -> None:
    """A price that falls in the night is looked up anew, and the dearer one is reserved before it rises."""
    config = ConnectionConfig("deepseek", "deepseek-chat", max_output_tokens=1_000)
    day, night = (datetime(2025, 11, 30, hour, tzinfo=UTC).timestamp() for hour in (12, 20))
    clock = [night]
    pricing = Pricing(config, None, lambda: clock[0])
    at_night = pricing.cost(Usage(1_000_000, 0, 0)).nanos
    clock[0] = day
    by_day = pricing.cost(Usage(1_000_000, 0, 0)).nanos
    assert (at_night, by_day) == (135_000_000, 270_000_000)
