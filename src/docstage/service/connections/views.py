"""Connections as they are shown, and what the engine does with them."""

from typing import Any, Literal

from pydantic import Field

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Price
from docstage.service.views import Editable, Timestamp, View


class LimitsView(View):
    """How hard a connection may be pressed."""

    concurrency: int
    requests_per_minute: int | None
    tokens_per_minute: int | None


class PriceView(View):
    """USD per million tokens, and where the figures come from."""

    input: float
    output: float
    cached: float | None
    cache_write: float | None = None
    source: str = Field(
        description="`connection` (its own), `free` (it was said to be), `genai-prices`, `local` (a server "
        "on this machine or network) or `simulator`."
    )


class OwnPricesView(View):
    """USD per million tokens, as the connection itself says; what is null goes by the rules of `price`."""

    input: float
    output: float
    cached: float | None = None
    cache_write: float | None = None


def view_price(price: Price | None) -> PriceView | None:
    """The price as it is shown."""
    if price is None:
        return None
    return PriceView(
        input=price.input_mtok,
        output=price.output_mtok,
        cached=price.cached_mtok,
        cache_write=price.cache_write_mtok,
        source=price.source,
    )


class LaneView(View):
    """What the engine is doing with a connection at the moment."""

    in_flight: int
    concurrency: int = Field(
        description="Calls at once that are let out now; falls when the provider is busy."
    )
    held_kind: FailureKind | None = Field(None, description="Why no call is made at all.")
    held_reason: str | None = None
    throttled_seconds: float = Field(
        0.0, description="No call leaves for so long from now; it goes on by itself then."
    )
    throttled_kind: FailureKind | None = Field(None, description="Why: asked to wait, or out of reach.")
    throttled_reason: str | None = Field(None, description="What the provider said last.")
    trouble_kind: FailureKind | None = Field(
        None, description="What is wrong with it since the last call that succeeded."
    )
    retries: int = Field(0, description="Tasks that wait for their next try.")
    retry_seconds: float = Field(0.0, description="The first of them is due in so long.")
    stalled_since: Timestamp | None = Field(None, description="Since when it is held or waits.")
    quota: Literal["requests", "tokens"] | None = Field(
        None, description="Which of the connection's own limits a minute keeps calls back now."
    )
    quota_seconds: float = Field(
        0.0, description="The next call leaves in so long, as far as that limit goes."
    )


class ConnectionView(Editable):
    """How to reach one model. The key itself is never shown."""

    id: int
    name: str
    provider: str
    model: str
    base_url: str | None
    api_key: str | None = Field(description="Where the key is: `stored`, `env:NAME` or `file:PATH`.")
    limits: LimitsView
    temperature: float | None
    max_output_tokens: int
    reasoning: Literal["off", "low", "medium", "high"] | int | None = Field(
        description="How much the model thinks: a level or a number of tokens; null: as the provider has it."
    )
    notes: list[str] = Field(description="What reasoning comes to with this provider and model.")
    context_tokens: int | None = Field(description="What the connection itself says that the model takes.")
    known_context_tokens: int | None = Field(
        description="What the model takes in all, prompt and answer, as its server said, or the price list."
    )
    context_known_at: Timestamp | None
    timeout: float
    images: bool
    images_override: bool | None = Field(description="What the connection itself says of pictures.")
    price: PriceView | None = Field(description="Null when it is unknown.")
    prices: OwnPricesView | None = Field(description="Null: it has none of its own.")
    header_names: list[str]
    extra: dict[str, Any]
    lane: LaneView | None = Field(None, description="Null when the engine does nothing with it.")
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp
