"""What is said of the installation: checks, engine, spending."""

from datetime import date
from typing import Any

from pydantic import Field

from docstage.service.views import Timestamp, View


class Check(View):
    """One thing that was checked, and what to do if it is not well.

    Attributes:
        broken: how many rows of the database break it; only the deep check looks.
        where: the first of them, each as names and ids or numbers, such as `batch`, `run` and `task`.
    """

    name: str
    ok: bool
    message: str
    milliseconds: float
    broken: int = 0
    where: list[dict[str, Any]] = Field(default_factory=list)


class EngineView(View):
    """Whether the engine runs."""

    running: bool
    pid: int | None = None
    version: str | None = None
    seen_at: Timestamp | None = None
    trouble: str | None = Field(default=None, description="Why it cannot record all at the moment.")


class SumsView(View):
    """What calls that came back took."""

    calls: int
    input_tokens: int = Field(description="Cached ones included.")
    cached_tokens: int
    output_tokens: int
    cache_write_tokens: int = Field(0, description="Of the input, written to providers' caches.")
    reasoning_tokens: int = Field(0, description="Of the output, spent on reasoning.")
    cost: float | None = Field(
        description="USD of the calls whose cost is known; null when none of those billed is."
    )
    unpriced_calls: int = Field(
        description="Calls whose cost is unknown, also those of unknown outcome; with any, `cost` is a least."
    )
    possible_cost: float = Field(description="USD that these cost at most, as far as their price is known.")


class ConnectionSpending(SumsView):
    """What was spent with one connection."""

    connection: str = Field(description="Its name at the time of the calls.")
    connection_id: int = Field(description="The connection may have been renamed or deleted since.")


class DaySpending(SumsView):
    """What was spent on one day."""

    day: date
    connections: list[ConnectionSpending] = Field(description="The most expensive first.")


class SpendingView(View):
    """What was spent within a period."""

    first: date
    last: date
    time_zone: str = Field(description="In which the days begin.")
    total: SumsView
    connections: list[ConnectionSpending] = Field(description="The most expensive first.")
    days: list[DaySpending] = Field(description="Every day of the period, in order.")
