"""Tokens and money. Money is kept in whole nano-dollars (1e-9 USD), so that sums are exact."""

from dataclasses import dataclass

NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them.

    Attributes:
        input_tokens: all input tokens, those that were read from a cache or written to it included.
        cached_tokens: those of the input that the provider read from its cache.
        output_tokens: generated tokens, reasoning included.
        cache_write_tokens: those of the input that the provider wrote to its cache and bills as such.
        reasoning_tokens: those of the output that were spent on reasoning, as far as the provider says.
        hour_write_tokens: those of `cache_write_tokens` that are kept for an hour, which costs more. They are
            told apart only where their price is.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    hour_write_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.hour_write_tokens + other.hour_write_tokens,
        )

    def __neg__(self) -> "Usage":
        return Usage(*(-getattr(self, name) for name in (*TOKENS, "hour_write_tokens")))


TOKENS = ("input_tokens", "cached_tokens", "output_tokens", "cache_write_tokens", "reasoning_tokens")
"""What the members of `Usage` are called wherever they stand by themselves: columns, answers of the API."""


def tokens_of(usage: Usage | None) -> dict[str, int | None]:
    """The tokens by their names, each None where nobody told them."""
    return {name: getattr(usage, name, None) for name in TOKENS}


@dataclass(frozen=True, slots=True)
class Spending:
    """What calls came to.

    Attributes:
        calls: that came back or were given up.
        cost: nano-dollars, of the calls whose cost is known.
        unpriced_calls: those whose cost, or whole outcome, is unknown.
        possible_cost: nano-dollars that these cost at most, as far as their price is known.
    """

    calls: int = 0
    usage: Usage = Usage()
    cost: int = 0
    unpriced_calls: int = 0
    possible_cost: int = 0

    @classmethod
    def of_call(cls, usage: Usage | None, cost: int | None, most: int | None) -> "Spending":
        """What one call came to.

        Args:
            usage: its tokens, where the server told them.
            cost: nano-dollars, None when nobody knows.
            most: nano-dollars that it has cost at most, if that is known; it counts when the cost is not.
        """
        unknown = cost is None
        return cls(1, usage or Usage(), cost or 0, int(unknown), (most or 0) if unknown else 0)

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(
            self.calls + other.calls,
            self.usage + other.usage,
            self.cost + other.cost,
            self.unpriced_calls + other.unpriced_calls,
            self.possible_cost + other.possible_cost,
        )

    def __neg__(self) -> "Spending":
        return Spending(-self.calls, -self.usage, -self.cost, -self.unpriced_calls, -self.possible_cost)


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in USD per million tokens.

    Attributes:
        input_mtok: uncached input.
        output_mtok: output, reasoning included.
        cached_mtok: cached input; None means that it costs as much as uncached input.
        source: where the figure comes from: `connection` (its own), `free` (it was said to be),
            `genai-prices`, `local` or `simulator`.
        cache_write_mtok: input that is written to a cache; None means that it costs as uncached input does.
        hour_write_mtok: input that is written to a cache for an hour; None means: as any that is written.
        longer: other prices, all that count once the input has more tokens than the number beside them,
            the smallest number first.
    """

    input_mtok: float
    output_mtok: float
    cached_mtok: float | None = None
    source: str = "connection"
    cache_write_mtok: float | None = None
    hour_write_mtok: float | None = None
    longer: tuple[tuple[int, "Price"], ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether no call costs anything, whatever becomes of it."""
        dear = (
            self.input_mtok,
            self.output_mtok,
            self.cached_mtok,
            self.cache_write_mtok,
            self.hour_write_mtok,
        )
        return not any(dear) and all(price.is_free for _, price in self.longer)

    def cost(self, usage: Usage) -> int:
        """Cost of a call in nano-dollars, rounded to the nearest."""
        return self._at(usage.input_tokens)._cost(usage)

    def cost_of_calls(self, input_tokens: int, output_tokens: int, calls: int) -> int:
        """Cost of calls that are about as long as each other, in nano-dollars."""
        return self._at(input_tokens // max(1, calls))._cost(Usage(input_tokens, 0, output_tokens))

    def most(self, input_tokens: int, output_tokens: int, of_longest: int | None = None) -> int:
        """What a call, or several, with so many tokens at most costs at most, in nano-dollars.

        All of the input may be new to a cache, and every price that counts for a shorter input may count.

        Args:
            input_tokens: of all the calls.
            output_tokens: likewise.
            of_longest: input tokens of the longest of them; None: it is one.
        """
        longest = input_tokens if of_longest is None else of_longest
        reached = [self, *(price for above, price in self.longer if longest > above)]
        return max(round(1_000 * one._most(input_tokens, output_tokens)) for one in reached)

    def _at(self, input_tokens: int) -> "Price":
        return next((price for above, price in reversed(self.longer) if input_tokens > above), self)

    def _cost(self, usage: Usage) -> int:
        cached = self.input_mtok if self.cached_mtok is None else self.cached_mtok
        written = self.input_mtok if self.cache_write_mtok is None else self.cache_write_mtok
        hour = written if self.hour_write_mtok is None else self.hour_write_mtok
        fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        # USD per 1e6 tokens times 1e9 nano-dollars per USD: a factor of 1,000 a token.
        return round(
            1_000
            * (
                fresh * self.input_mtok
                + usage.cached_tokens * cached
                + (usage.cache_write_tokens - usage.hour_write_tokens) * written
                + usage.hour_write_tokens * hour
                + usage.output_tokens * self.output_mtok
            )
        )

    def _most(self, input_tokens: int, output_tokens: int) -> float:
        dearest = max(self.input_mtok, self.cached_mtok or 0.0, self.cache_write_mtok or 0.0)
        return input_tokens * dearest + output_tokens * self.output_mtok


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost.

    Attributes:
        nanos: nano-dollars, 0 for a call that was not billed; None when unknown, never taken for zero.
        source: how it is known: `provider` (told with the answer), or the `Price.source`; None: it is
            unknown, or nothing was billed.
    """

    nanos: int | None = None
    source: str | None = None


def cost_of(
    price: Price | None, usage: Usage | None, *, billed: bool = True, told: int | None = None
) -> Cost:
    """What a call cost, as far as that is known.

    Args:
        price: None when it is unknown.
        usage: its tokens, None where nobody told them.
        billed: it may have been billed: it was answered, or nobody knows what became of it.
        told: nano-dollars that the provider itself says; what it bills wins over any price list.
    """
    if not billed:
        return Cost(0)
    if told is not None:
        return Cost(told, "provider")
    if price is not None and price.is_free:
        return Cost(0, price.source)
    return Cost(price.cost(usage), price.source) if price and usage else Cost()


def dollars(nanos: int | None) -> float | None:
    """Nano-dollars as USD, None staying None (unknown)."""
    return None if nanos is None else nanos / NANO


def spent_in_words(cost: int, possible: int) -> str:
    """What is spent, and what may be besides: "$0.0309 spent, up to $0.0103 more possibly"."""
    more = f", up to ${possible / NANO:,.4f} more possibly" if possible else ""
    return f"${cost / NANO:,.4f} spent{more}"


def about_possible(possible: int) -> str:
    """What is to be known of money that is possibly spent, where there is any."""
    if not possible:
        return ""
    return (
        " What is possibly spent is the most that calls can have cost which were given up, not answered in "
        "time or answered without their tokens; the provider's own bill tells what they cost."
    )
