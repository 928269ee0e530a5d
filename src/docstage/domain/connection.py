"""What a connection is, said once for all that store, freeze, show and send it."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a model chooses its words; None leaves a member to the provider.

    Answers depend on every member, so that runs keep them in their snapshots. Each is sent under its name,
    which is that of the chat API and of pydantic-ai.
    """

    temperature: float | None = None

    def sampling(self) -> dict[str, float]:
        """The members that are not left to the provider, by the names under which they are sent."""
        values = {name: getattr(self, name) for name in SAMPLING}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class CallSettings(Sampling):
    """What calls of a model need to know, but for secrets.

    Attributes:
        provider: a name from the catalogue, such as `openai` or `llamacpp`.
        model: the provider's name for the model.
        base_url: where the server is; None means the provider's own address.
        max_output_tokens: the longest answer; thoughts have room of their own.
        reasoning: how much the model thinks before it answers: `off`, `low`, `medium`, `high`, or a number of
            tokens in digits. Answers depend on it. None leaves it to the provider.
        timeout: seconds that one call may take in all.
        concurrency: calls at once.
        context_tokens: how many tokens the model takes in all, prompt and answer; None: not known.
    """

    provider: str
    model: str
    _: KW_ONLY
    base_url: str | None = None
    max_output_tokens: int = 1_024
    reasoning: str | None = None
    timeout: float = 120.0
    concurrency: int = 8
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings(CallSettings):
    """A connection without its secrets.

    Attributes:
        images: whether the model takes pictures; None: as the catalogue says.
        prices: USD per million tokens: `input`, `output` and perhaps `cached`; None: as is known.
    """

    id: int
    name: str
    images: bool | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    prices: Mapping[str, float] | None = None


MODEL = ("provider", "model", "base_url")
"""Members that say which model is asked, and where."""
SAMPLING = tuple(one.name for one in fields(Sampling))
DECISIVE = ("provider", "model", "reasoning", *SAMPLING)
"""Members on which answers depend: runs have them as they were when they began."""
