"""How a simulated provider behaves: everything that can be set."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from docstage.domain.errors import InvalidInput
from docstage.simulator.kinds import TOLD, Away, CostReport, Fault, Overflow, Schemas, Thoughts, Wait


@dataclass(frozen=True, slots=True)
class Latency:
    """How long an answer takes: a lognormal distribution, plus time for each token of the answer.

    Attributes:
        median: seconds that half of the calls stay under, before the first token.
        sigma: spread of the logarithm; 0 makes all calls alike.
        per_output_token: seconds for each token of the answer.
    """

    median: float = 0.15
    sigma: float = 0.35
    per_output_token: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A simulated provider.

    Attributes:
        seed: chooses answers, faults and latencies; the same seed repeats a run.
        latency: how long answers take.
        requests_per_minute: limit for each model, or None.
        tokens_per_minute: limit of input tokens for each model, or None.
        requests_per_day: limit for each model, or None; a day begins with its first call.
        concurrency: calls at once for each model, or None; more are answered with 429.
        slots: calls that are worked on at once, or None; more wait for their turn, as with local servers.
        error_rates: share of calls (0 to 1) that meet each fault; those not of `TOLD` together at most 1.
        endings: share of calls that end with each finish reason; `null` and `missing` stand for none.
        retry_after: seconds that a call of the fault `rate_limited` is told to wait.
        wait: how calls beyond a limit are told when to come back.
        outage_after: seconds from the first call to the first outage.
        outage_seconds: how long an outage lasts; 0 means that there is none.
        outage_every: seconds from one outage's start to the next one's, or None for a single one.
        away: what calls meet during an outage.
        loading_seconds: from the first call on, during which the model is still being loaded.
        time_scale: how many times as fast the simulator's clock runs: for limits, outages and waits, not for
            the time that an answer takes.
        api_key: the key that calls must bring, or None when any will do.
        context_tokens: how long a request may be.
        output_in_context: whether the output limit of a request counts towards that, as with vLLM.
        tells_context: whether the list of models says so.
        overflow: what becomes of a longer request.
        largest_output: output limit beyond which a request is refused, or None.
        token_ratio: tokens counted for each token of the plain count of four characters.
        thoughts: how the model tells its thoughts.
        thought_tokens: how much it usually thinks, in tokens.
        refuses: members of requests that are answered with 400, such as `temperature`.
        schemas: which schemas are taken.
        input_price: USD for a million tokens of input.
        output_price: USD for a million tokens of output.
        cached_price: USD for a million tokens of input from the cache; None means a tenth of the input's.
        cache_write_price: USD for a million tokens written to the cache; None means that of the input.
        cost: where the answer says what it cost.
        spending_limit: USD a day after which calls are refused, or None.
        spending_status: the status of that refusal: 400, 402, 403 or 429.
        cache: whether repeated prefixes are reported as cached input.
        cache_writes: whether tokens that are written to the cache are reported.
        cache_minimum: tokens from which on a prefix is cached.
        cache_step: tokens by which a cached prefix grows.
        serves: the model that answers say they are from, or None for the one asked.
        models: the names it serves.
        light: answers do not quote the document, which makes them cheap; for load tests.
        log: how many of the last calls `/requests` shows; 0 turns it off.

    The two cache figures default to those of OpenAI's guide to prompt caching: from 1,024 tokens on, in
    steps of 128.
    """

    seed: int = 0
    latency: Latency = Latency()
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    requests_per_day: int | None = None
    concurrency: int | None = None
    slots: int | None = None
    error_rates: Mapping[Fault, float] = field(default_factory=dict)
    endings: Mapping[str, float] = field(default_factory=dict)
    retry_after: float = 1.0
    wait: Wait = Wait.SECONDS
    outage_after: float = 0.0
    outage_seconds: float = 0.0
    outage_every: float | None = None
    away: Away = Away.UNAVAILABLE
    loading_seconds: float = 0.0
    time_scale: float = 1.0
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int = 128_000
    output_in_context: bool = False
    tells_context: bool = True
    overflow: Overflow = Overflow.REFUSE
    largest_output: int | None = None
    token_ratio: float = 1.0
    thoughts: Thoughts = Thoughts.NONE
    thought_tokens: int = 300
    refuses: tuple[str, ...] = ()
    schemas: Schemas = Schemas.ANY
    input_price: float = 0.25
    output_price: float = 2.0
    cached_price: float | None = None
    cache_write_price: float | None = None
    cost: CostReport = CostReport.NONE
    spending_limit: float | None = None
    spending_status: int = 402
    cache: bool = True
    cache_writes: bool = False
    cache_minimum: int = 1_024
    cache_step: int = 128
    serves: str | None = None
    models: tuple[str, ...] = ("simulated-small", "simulated-large")
    light: bool = False
    log: int = 0

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            InvalidInput: naming each value in `errors`.
        """
        checks = {
            "seed": abs(self.seed) < 2**64,
            "error_rates": _are_shares(self),
            "limits": _are_positive(
                self.requests_per_minute,
                self.tokens_per_minute,
                self.requests_per_day,
                self.concurrency,
                self.slots,
                self.largest_output,
            ),
            "latency": _are_not_negative(
                self.latency.median, self.latency.sigma, self.latency.per_output_token
            ),
            "times": _are_times(self),
            "tokens": _are_positive(
                self.context_tokens, self.cache_minimum, self.cache_step, self.thought_tokens
            )
            and 0 < self.token_ratio <= 100,
            "money": _are_not_negative(
                self.input_price,
                self.output_price,
                self.cached_price,
                self.cache_write_price,
                self.spending_limit,
            )
            and self.spending_status in {400, 402, 403, 429},
            "models": bool(self.models),
            "log": self.log >= 0,
        }
        wrong = [name for name, is_right in checks.items() if not is_right]
        if wrong:
            raise InvalidInput(
                f"The simulator cannot work with these values of: {', '.join(wrong)}.",
                errors=[{"field": name, "message": "out of range"} for name in wrong],
            )


def _are_shares(profile: Profile) -> bool:
    """Whether every share can be one, and those of which a call meets one at most are no more than all."""
    rates = profile.error_rates
    alone = sum(rate for fault, rate in rates.items() if fault not in TOLD)
    ended = sum(profile.endings.values())
    every = (*rates.values(), *profile.endings.values())
    return all(0 <= rate <= 1 + 1e-9 for rate in every) and max(alone, ended) <= 1 + 1e-9


def _are_times(profile: Profile) -> bool:
    lasting = profile.outage_seconds
    every = profile.outage_every
    return (
        _are_not_negative(profile.retry_after, profile.outage_after, lasting, profile.loading_seconds)
        and (every is None or every > lasting)
        and 0 < profile.time_scale <= 1_000_000
    )


def _are_positive(*numbers: int | None) -> bool:
    return all(number is None or number >= 1 for number in numbers)


def _are_not_negative(*numbers: float | None) -> bool:
    return all(number is None or 0 <= number < float("inf") for number in numbers)
