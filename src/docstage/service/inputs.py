"""What users hand in, checked before anything is stored."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from docstage.domain.lifecycle import Action
from docstage.domain.secret_text import clean_header
from docstage.domain.tasks import FailureKind
from docstage.models.forbidden import AddressForbidden, check_host
from docstage.secrets import checked

_MAX_JSON = 65_536
_MOST_MEMBERS = 50  # no input has half as many
_MAX_DEPTH = 50  # far below what serialisers refuse


def _within(most: int) -> BeforeValidator:
    """Makes spaces at the ends count for the length, as they do for whoever reads the API's document."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and len(value) > most:
            raise ValueError(f"must have at most {most:,} characters, spaces at its ends included")
        return value

    return BeforeValidator(check)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _within(200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000), _within(1_000)]
Model = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), _within(300)]


def _storable(text: str) -> str:
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain NUL or lone surrogate characters")
    return text


def _unique(ids: list[int]) -> list[int]:
    if len(set(ids)) != len(ids):
        raise ValueError("names something twice")
    return ids


def _small(value: dict[str, Any]) -> dict[str, Any]:
    for text in _texts(value):
        _storable(text)
    if len(json.dumps(value, ensure_ascii=False, allow_nan=False)) > _MAX_JSON:
        raise ValueError(f"is larger than {_MAX_JSON:,} characters of JSON")
    return value


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text in a JSON value, names of members included."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member, depth + 1)


Storable = AfterValidator(_storable)
_NAMED = Field(strict=False)  # JSON has only the names of an enumeration's members
Id = Annotated[int, Field(ge=1, le=2**53)]
Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=1_000),
    AfterValidator(_unique),
]
JsonObject = Annotated[dict[str, Any], AfterValidator(_small)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=1_000), Storable]


class Input(BaseModel):
    """A request body.

    Unknown members are refused, so that a misspelt one does not pass silently, and so are values of another
    type: `true` is no failure limit of 1, and `"5"` no budget.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _few_members(cls, value: Any) -> Any:
        """Each unknown member would be a fault of its own."""
        if isinstance(value, dict) and len(value) > _MOST_MEMBERS:
            raise ValueError(f"has more than {_MOST_MEMBERS} members")
        return value


class FolderInput(Input):
    """A place documents come from."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] = Field(
        description="Absolute path on the machine docstage runs on; `~` is its user's home.",
        examples=["/data/contracts"],
    )
    name: Annotated[Name, Storable] | None = Field(None, description="Default: the last part of the path.")
    recursive: bool = Field(True, description="Also take the folders below it.")
    hidden: bool = Field(False, description="Also take files and folders whose names begin with a dot.")
    include: list[Glob] = Field(
        default_factory=list,
        max_length=100,
        description="Globs; empty takes everything.",
        examples=[["*.pdf"]],
    )
    exclude: list[Glob] = Field(
        default_factory=list, max_length=100, description="Globs; stronger than `include`."
    )


class FolderChange(Input):
    """What to change of a folder; absent members stay as they are."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] | None = None
    name: Annotated[Name, Storable] | None = None
    recursive: bool | None = None
    hidden: bool | None = None
    include: list[Glob] | None = Field(None, max_length=100)
    exclude: list[Glob] | None = Field(None, max_length=100)


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
ApiKey = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(checked)]


class ConnectionInput(Input):
    """How to reach one model."""

    name: Annotated[Name, Storable] = Field(examples=["gpt-5-mini"])
    provider: Annotated[str, StringConstraints(min_length=1, max_length=50)] = Field(examples=["openai"])
    model: Annotated[Model, Storable] = Field(examples=["gpt-5-mini"])
    base_url: BaseUrl | None = Field(None, description="Where the server is; default: the provider's own.")
    api_key: ApiKey | None = Field(
        None,
        description="The key, kept sealed; or `env:NAME` or `file:PATH`, read when needed. Never returned.",
        examples=["env:OPENAI_API_KEY"],
    )
    limits: Limits = Limits(concurrency=8)
    temperature: float | None = Field(None, ge=0, le=2)
    max_output_tokens: int = Field(1_024, ge=1, le=1_000_000)
    timeout: float = Field(120.0, ge=1, le=3_600, description="Seconds that one call may take.")
    images: bool | None = Field(None, description="Whether the model takes pictures; default: as is known.")
    prices: PricesOrFree | None = Field(None, description="Default: the public ones, where they are known.")
    headers: Headers = Field(default_factory=dict, max_length=50)
    extra: JsonObject = Field(default_factory=dict, description="Further members for the provider's request.")


class ConnectionChange(Input):
    """What to change of a connection; absent members stay as they are, null clears one."""

    name: Annotated[Name, Storable] | None = None
    provider: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    model: Annotated[Model, Storable] | None = None
    base_url: BaseUrl | None = None
    api_key: ApiKey | None = None
    limits: Limits | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    max_output_tokens: int | None = Field(None, ge=1, le=1_000_000)
    timeout: float | None = Field(None, ge=1, le=3_600)
    images: bool | None = None
    prices: PricesOrFree | None = None
    headers: Headers | None = Field(None, max_length=50)
    extra: JsonObject | None = None


class ConnectionDraft(Input):
    """As much of a connection as it takes to reach its server; nothing of it is stored."""

    connection_id: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        None,
        description="A connection that is being changed: its key and headers are taken where none is given.",
    )
    provider: Annotated[str, StringConstraints(min_length=1, max_length=50)] = Field(examples=["openai"])
    model: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=300), _within(300), Storable
    ] = Field("", description="Not needed for listing models.")
    base_url: BaseUrl | None = None
    api_key: ApiKey | None = Field(None, description="The key itself, or `env:NAME` or `file:PATH`.")
    temperature: float | None = Field(None, ge=0, le=2)
    timeout: float = Field(60.0, ge=1, le=3_600)
    headers: Headers | None = Field(None, max_length=50)
    extra: JsonObject = Field(default_factory=dict)


PromptText = Annotated[str, StringConstraints(min_length=1, max_length=200_000), Storable]


class PromptInput(Input):
    """What is asked about every document."""

    name: Annotated[Name, Storable] = Field(examples=["Obligations"])
    text: PromptText = Field(examples=["Which obligations and deadlines does this document name?"])
    system: PromptText | None = Field(None, description="Standing instructions to the model.")
    answer_schema: JsonObject | None = Field(
        None, alias="schema", description="JSON Schema that every answer must fulfil; default: free text."
    )


class PromptChange(Input):
    """What to change of a prompt; anything but the name makes a new version."""

    name: Annotated[Name, Storable] | None = None
    text: PromptText | None = None
    system: PromptText | None = None
    answer_schema: JsonObject | None = Field(None, alias="schema")


class PromptTrial(Input):
    """One question about one document."""

    text: PromptText = Field(examples=["Which obligations and deadlines does this document name?"])
    system: PromptText | None = Field(None, description="Standing instructions to the model.")
    answer_schema: JsonObject | None = Field(None, alias="schema", description="As in a prompt.")
    connection_id: Id = Field(examples=[1])
    folder_id: Id = Field(examples=[1])
    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] = Field(
        description="A document of the folder, as `/api/folders/{folder_id}/documents` names it.",
        examples=["letter.txt"],
    )


class BatchInput(Input):
    """A choice of folders, connections and prompts."""

    name: Annotated[Name, Storable] = Field(examples=["Leases 2026"])
    description: Annotated[str, StringConstraints(max_length=10_000), Storable] | None = None
    folder_ids: Ids = Field(examples=[[1]])
    connection_ids: Ids = Field(examples=[[1, 2]])
    prompt_ids: Ids = Field(examples=[[1]])
    metadata: JsonObject = Field(default_factory=dict, description="Anything you want to keep with it.")
    budget: float | None = Field(
        None, gt=0, le=1_000_000, description="USD. The batch pauses before a call that could exceed it."
    )
    failure_limit: float | None = Field(
        None, ge=0, le=1, description="Share of the tasks; when more have failed the batch ends as FAILED."
    )


class BatchChange(Input):
    """What to change of a batch; what is analysed can change only while it is SAVED."""

    name: Annotated[Name, Storable] | None = None
    description: Annotated[str, StringConstraints(max_length=10_000), Storable] | None = None
    metadata: JsonObject | None = None
    budget: float | None = Field(None, gt=0, le=1_000_000)
    failure_limit: float | None = Field(None, ge=0, le=1)
    folder_ids: Ids | None = None
    connection_ids: Ids | None = None
    prompt_ids: Ids | None = None


class ActionInput(Input):
    """An action of the unified endpoint."""

    action: Annotated[Action, _NAMED]
    reason: Annotated[Reason, Storable] | None = Field(None, description="Kept in the audit log.")
    failure_kinds: list[Annotated[FailureKind, _NAMED]] | None = Field(
        None, max_length=50, description="For `retry`: only tasks that failed in these ways."
    )

    @model_validator(mode="after")
    def _kinds_only_for_retry(self) -> Self:
        if self.failure_kinds is not None and self.action is not Action.RETRY:
            raise ValueError("failure_kinds goes only with the action retry")
        return self


class ReasonInput(Input):
    """The optional body of an action endpoint."""

    reason: Annotated[Reason, Storable] | None = Field(None, description="Kept in the audit log.")


ExportFormat = Literal["csv", "jsonl"]
