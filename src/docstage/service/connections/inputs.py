"""What users hand in for connections."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from docstage.domain.secret_text import clean_header
from docstage.models.extras import contradictions
from docstage.models.forbidden import AddressForbidden, check_host
from docstage.models.reasoning import LEAST_TOKENS, LEVELS, MOST_TOKENS
from docstage.secrets import checked
from docstage.service.fields import Input, JsonObject, Name, Storable, within

Model = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), within(300)]

Provider = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Temperature = Annotated[float, Field(ge=0, le=2)] | None


_MOST_DIGITS = 10


def _as_stored(reasoning: object) -> str | None:
    """A level, or tokens as digits. Raises ValueError."""
    if reasoning is None or (isinstance(reasoning, str) and reasoning in LEVELS):
        return reasoning
    digits = str(reasoning) if type(reasoning) is int else reasoning
    is_number = isinstance(digits, str) and digits.isascii() and digits.isdigit()
    tokens = int(str(digits)[:_MOST_DIGITS]) if is_number else 0
    if not LEAST_TOKENS <= tokens <= MOST_TOKENS:
        levels = ", ".join(LEVELS)
        raise ValueError(f"must be {levels}, or a number of tokens from {LEAST_TOKENS} to {MOST_TOKENS:,}")
    return str(tokens)


Reasoning = Annotated[
    str | None,
    BeforeValidator(
        _as_stored,
        json_schema_input_type=Literal["off", "low", "medium", "high"]
        | Annotated[int, Field(ge=LEAST_TOKENS, le=MOST_TOKENS)]
        | None,
    ),
    Field(
        description="How much the model thinks before it answers: a level, or a number of tokens; "
        "default: as the provider has it.",
        examples=["low"],
    ),
]
MaxOutputTokens = Annotated[int, Field(ge=1, le=1_000_000)]
ContextTokens = Annotated[
    Annotated[int, Field(ge=256, le=100_000_000)] | None,
    Field(description="What the model takes in all, prompt and answer; default: as its server says."),
]
Timeout = Annotated[float, Field(ge=1, le=3_600)]  # seconds


class Limits(Input):
    """How hard a connection may be pressed."""

    concurrency: int = Field(8, ge=1, le=1_000, description="Calls at once.")
    requests_per_minute: int | None = Field(None, ge=1, le=10_000_000)
    tokens_per_minute: int | None = Field(None, ge=1, le=10_000_000_000)


class Prices(Input):
    """USD per million tokens, where they differ from the public ones or are not known publicly."""

    input: float = Field(ge=0, le=100_000, examples=[0.25])
    output: float = Field(ge=0, le=100_000, examples=[2.0])
    cached: float | None = Field(None, ge=0, le=100_000, description="Cached input; default: as `input`.")
    cache_write: float | None = Field(
        None,
        ge=0,
        le=100_000,
        description="Input that is written to a cache; default: as `input`, and 1.25 times that with Claude.",
    )


FREE = "free"


PricesOrFree = Annotated[
    Prices | Literal["free"],
    Field(description="`free`: it runs on a machine of your own, and calls cost nothing.", examples=["free"]),
]


def _plain_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    if parts.username or parts.password:
        raise ValueError("must not contain a user name or password; use api_key or headers")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path, without ? or #")
    try:
        check_host(parts.hostname)
    except AddressForbidden as error:
        raise ValueError(error.strerror) from error
    return url.rstrip("/")


BaseUrl = Annotated[str, StringConstraints(max_length=2_000), Storable, AfterValidator(_plain_url)]


# They say where a request ends and who it is for, which is not for a connection to say.
_TRANSPORT_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _header_name(name: str) -> str:
    if name.lower() in _TRANSPORT_HEADERS:
        raise ValueError("is made for each request and cannot be set")
    return name


Headers = dict[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$"), AfterValidator(_header_name)],
    Annotated[str, StringConstraints(max_length=10_000), AfterValidator(clean_header)],
]


def _extra(extra: dict[str, Any]) -> dict[str, Any]:
    if found := contradictions(extra):
        raise ValueError(" ".join(map(str, found)))
    return extra


Extra = Annotated[JsonObject, AfterValidator(_extra)]


ApiKey = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(checked)]


class ConnectionInput(Input):
    """How to reach one model."""

    name: Annotated[Name, Storable] = Field(examples=["gpt-5-mini"])
    provider: Provider = Field(examples=["openai"])
    model: Annotated[Model, Storable] = Field(examples=["gpt-5-mini"])
    base_url: BaseUrl | None = Field(None, description="Where the server is; default: the provider's own.")
    api_key: ApiKey | None = Field(
        None,
        description="The key, kept sealed; or `env:NAME` or `file:PATH`, read when needed. Never returned.",
        examples=["env:OPENAI_API_KEY"],
    )
    limits: Limits = Limits(concurrency=8)
    temperature: Temperature = None
    max_output_tokens: MaxOutputTokens = 1_024
    reasoning: Reasoning = None
    context_tokens: ContextTokens = None
    timeout: Timeout | None = Field(
        None, description="Seconds that one call may take; default: 120, or 600 for servers of your own."
    )
    images: bool | None = Field(None, description="Whether the model takes pictures; default: as is known.")
    prices: PricesOrFree | None = Field(None, description="Default: the public ones, where they are known.")
    headers: Headers = Field(default_factory=dict, max_length=50)
    extra: Extra = Field(default_factory=dict, description="Further members for the provider's request.")


class ConnectionChange(Input):
    """What to change of a connection; absent members stay as they are, null clears one."""

    name: Annotated[Name, Storable] | None = None
    provider: Provider | None = None
    model: Annotated[Model, Storable] | None = None
    base_url: BaseUrl | None = None
    api_key: ApiKey | None = None
    limits: Limits | None = None
    temperature: Temperature = None
    max_output_tokens: MaxOutputTokens | None = None
    reasoning: Reasoning = None
    context_tokens: ContextTokens = None
    timeout: Timeout | None = None
    images: bool | None = None
    prices: PricesOrFree | None = None
    headers: Headers | None = Field(None, max_length=50)
    extra: Extra | None = None


class ConnectionDraft(Input):
    """As much of a connection as it takes to reach its server; nothing of it is stored."""

    connection_id: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        None,
        description="A connection that is being changed: its key and headers are taken where none is given.",
    )
    provider: Provider = Field(examples=["openai"])
    model: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), within(300), Storable] = (
        Field("", description="Not needed for listing models.")
    )
    base_url: BaseUrl | None = None
    api_key: ApiKey | None = Field(None, description="The key itself, or `env:NAME` or `file:PATH`.")
    temperature: Temperature = None
    reasoning: Reasoning = None
    context_tokens: ContextTokens = None
    timeout: Timeout = 60.0
    headers: Headers | None = Field(None, max_length=50)
    extra: Extra = Field(default_factory=dict)
