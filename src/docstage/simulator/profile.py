"""How a simulated provider behaves: everything that can be set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from docstage.domain.errors import InvalidInput


class Fault(StrEnum):
    """A way in which a call can go wrong on purpose."""

    RATE_LIMITED = "rate_limited"  # 429 that says when to come back
    RATE_LIMITED_NO_HEADER = "rate_limited_no_header"  # 429 that does not
    SERVER_ERROR = "server_error"  # 500
    BAD_GATEWAY_HTML = "bad_gateway_html"  # 502 with a web page, as proxies send it
    UNAVAILABLE = "unavailable"  # 503
    TIMEOUT = "timeout"  # never answers
    CUT = "cut"  # the connection closes in the middle of the body
    BROKEN_JSON = "broken_json"  # 200, but the body ends early
    HTML_200 = "html_200"  # 200 with a web page
    EMPTY = "empty"  # an answer without text
    WRONG_SCHEMA = "wrong_schema"  # an answer that does not fulfil the schema, where one is asked for
    REFUSAL = "refusal"  # the answer is that it will not answer
    AUTH = "auth"  # 401
    QUOTA = "quota"  # 429 that no waiting mends: the credit is used up
    CONTEXT_OVERFLOW = "context_overflow"  # 400, whatever the length
    SLOW = "slow"  # answers much later than usual


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
        concurrency: calls at once for each model, or None; more are answered with 429.
        error_rates: share of calls (0 to 1) that meet each fault; together at most 1.
        api_key: the key that calls must bring, or None when any will do.
        context_tokens: longer requests are answered as a context overflow.
        cache: whether repeated prefixes are reported as cached input.
        cache_minimum: tokens from which on a prefix is cached.
        cache_step: tokens by which a cached prefix grows.
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
    concurrency: int | None = None
    error_rates: Mapping[Fault, float] = field(default_factory=dict)
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int = 128_000
    cache: bool = True
    cache_minimum: int = 1_024
    cache_step: int = 128
    models: tuple[str, ...] = ("simulated-small", "simulated-large")
    light: bool = False
    log: int = 0

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises:
            InvalidInput: naming each value in `errors`.
        """
        rates = self.error_rates.values()
        limits = (self.requests_per_minute, self.tokens_per_minute, self.concurrency)
        times = (self.latency.median, self.latency.sigma, self.latency.per_output_token)
        sizes = (self.context_tokens, self.cache_minimum, self.cache_step)
        problems = {
            "error_rates": any(rate < 0 for rate in rates) or sum(rates) > 1 + 1e-9,
            "limits": any(limit is not None and limit < 1 for limit in limits),
            "latency": any(seconds < 0 for seconds in times),
            "tokens": any(size < 1 for size in sizes),
            "models": not self.models,
        }
        errors = [
            {"field": name, "message": "out of range"} for name, is_wrong in problems.items() if is_wrong
        ]
        if errors:
            names = ", ".join(error["field"] for error in errors)
            raise InvalidInput(f"The simulator cannot work with these values of: {names}.", errors=errors)
