"""The one protocol behind which every language model stands."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Protocol

from docstage.domain.connection import CallSettings
from docstage.domain.content import Content
from docstage.domain.served import NOTHING_SAID, Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import NOTHING_WRITTEN, Repair, Written


@dataclass(frozen=True, slots=True)
class ConnectionConfig(CallSettings):
    """All that a client needs to reach one model.

    Attributes:
        api_key: the secret itself, resolved; None where none is needed. Never shown by `repr`.
        headers: further HTTP headers.
        extra: provider-specific members, merged into the body of requests; `region` for Bedrock and
            `api_version` for Azure are read by name.
    """

    _: KW_ONLY
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question about one document. The document comes first, so that its prefix can be cached.

    Attributes:
        content: the document.
        prompt: what is asked about it.
        system: standing instructions, or None.
        schema: JSON Schema that the answer must fulfil, or None for free text.
        document_name: shown to the model above the document, or None.
        repair: an answer to this that could not be used, which the model is asked to mend, or None.
        cached: the provider is asked to cache the document, or to read it from there, where that is billed:
            another question about it follows, or was asked just now.
    """

    content: Content
    prompt: str
    system: str | None = None
    schema: Mapping[str, Any] | None = None
    document_name: str | None = None
    repair: Repair | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole, usable answer.

    Attributes:
        text: the answer as it came, without thoughts.
        value: the parsed and validated answer where a schema was given, else None.
        usage: tokens as the provider counted them; None when it did not say.
        served: what the provider says of it.
        note: what people should know of it, or None.
        thoughts: what the model wrote before its answer, or None.
        told_cost: nano-dollars that the provider says it bills, or None.
    """

    text: str
    value: Any = None
    usage: Usage | None = None
    served: Served = NOTHING_SAID
    note: str | None = None
    thoughts: str | None = None
    told_cost: int | None = None


# Without a refusal in so many words, these leave open whether the model has worked.
_MAY_BE_BILLED = frozenset(
    {
        FailureKind.TIMEOUT,
        FailureKind.CONNECTION,
        FailureKind.CUT_OFF,
        FailureKind.BAD_ANSWER,
        FailureKind.TRUNCATED,
        FailureKind.REFUSAL,
        FailureKind.INTERNAL,
    }
)
# Statuses of gateways that lost the answer of the server behind them, or their patience: those of nginx,
# Cloudflare and Amazon's load balancers among them.
_OUTCOME_UNKNOWN = frozenset({408, 460, 499, 502, 504, 520, 524, 598, 599})


class ModelFailure(Exception):
    """A call that brought no usable answer.

    Attributes:
        kind: why.
        message: what the provider said, shortened, without secrets.
        status_code: the HTTP status, if there was an answer.
        retry_after: seconds that the provider asks to wait, or None.
        usage: tokens that were billed all the same (a broken answer, a refusal), or None.
        written: the unusable answer itself, if there was one, and the thoughts before it.
        final: the same call would end the same way, so that trying again would only cost.
        sent: the request may have reached the model.
        told_cost: nano-dollars that the provider says it bills all the same, or None.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status_code: int | None = None,
        retry_after: float | None = None,
        usage: Usage | None = None,
        written: Written = NOTHING_WRITTEN,
        final: bool = False,
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status_code = status_code
        self.retry_after = retry_after
        self.usage = usage
        self.written = written
        self.final = final
        self.sent = sent
        self.told_cost: int | None = None

    @property
    def may_be_billed(self) -> bool:
        """Whether the call may cost something: it was answered, or nobody knows what became of it.

        What a server refuses with an HTTP status costs nothing, unless a gateway only lost its patience, or
        the model has written something.
        """
        known = self.usage is not None or self.told_cost is not None
        if known or self.written != NOTHING_WRITTEN:
            return True
        if self.status_code is not None and self.status_code >= 300:
            worked = self.kind is FailureKind.CUT_OFF
            return worked or (self.sent and self.status_code in _OUTCOME_UNKNOWN)
        return self.sent and self.kind in _MAY_BE_BILLED


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that a server says it has.

    Attributes:
        name: as it must be written in a connection.
        context_tokens: how many tokens it takes, where the server says so.
    """

    name: str
    context_tokens: int | None = None


class ModelClient(Protocol):
    """Calls one model. Clients do not retry: that is the lane's business."""

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer the request.

        Raises:
            ModelFailure: for every way in which it can fail; cancellation passes through.
        """
        ...

    async def models(self) -> list[OfferedModel]:
        """What the server offers, sorted by name.

        Raises:
            ModelFailure: when the server cannot be asked.
        """
        ...

    async def context_tokens(self) -> int | None:
        """How many tokens the model takes, prompt and answer together; None where the server does not say.

        Raises:
            ModelFailure: when the server cannot be asked.
        """
        ...

    async def close(self) -> None:
        """Release connections. The client cannot be used afterwards."""
        ...
