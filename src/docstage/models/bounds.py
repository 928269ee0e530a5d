"""Bounds on what a server is believed: how long an answer can be, and how many tokens a call can have taken.

A server may say anything. What cannot be is not taken for what a call cost: that is then unknown, not zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import TOKENS, Usage
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelRequest
from docstage.models.reasoning import output_limit

# No tokenizer makes more tokens of a text than it has bytes. What servers add of their own (templates, hidden
# instructions, search results) is within this.
_INPUT_SPARE = 32_768
# The dearest known is gpt-4o-mini with up to 48,169 tokens an image (OpenAI's guide to images and vision).
MOST_TOKENS_OF_IMAGE = 65_536
_OUTPUT_SPARE = 1_024
# The longest tokens of known tokenizers are runs of 128 blanks.
_CHARACTERS_OF_TOKEN = 128
_CHARACTERS_SPARE = 4_096
# In JSON a character may take six bytes, and gateways send a model's reasoning a second time.
_BYTES_OF_TOKEN = 256
_BYTES_OF_LOGPROBS = 4_096
_BYTES_SPARE = 65_536
_STREAMED = 8


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of a call's tokens, unchecked; anything may stand there."""

    input_tokens: object
    cached_tokens: object
    output_tokens: object
    cache_write_tokens: object = 0
    reasoning_tokens: object = 0
    hour_write_tokens: object = 0

    @property
    def usage(self) -> Usage | None:
        """It as tokens, None where something else stands there."""
        counts = [getattr(self, name) for name in (*TOKENS, "hour_write_tokens")]
        return Usage(*counts) if all(type(count) is int for count in counts) else None


@dataclass(frozen=True, slots=True)
class OutputBounds:
    """How much a connection's answers can be.

    Attributes:
        limit: tokens that may be generated in all: those of the answer, and of thoughts.
        most_bytes: of a whole response.
    """

    limit: int
    most_bytes: int

    @classmethod
    def of(cls, config: ConnectionConfig) -> "OutputBounds":
        """The bounds of a connection."""
        limit = output_limit(config)
        per_token = _BYTES_OF_LOGPROBS if config.extra.get("logprobs") else _BYTES_OF_TOKEN
        return cls(limit, _BYTES_SPARE + per_token * limit)

    def bytes_of(self, content_type: str) -> int:
        """Bytes of a whole response of this kind: in a stream, each token comes with an object around it."""
        is_stream = content_type in ("text/event-stream", "application/x-ndjson")
        return self.most_bytes * (_STREAMED if is_stream else 1)

    def check_text(self, text: str, usage: Usage | None) -> None:
        """Raise the ModelFailure of an answer that is far longer than it can be."""
        if len(text) > _CHARACTERS_SPARE + _CHARACTERS_OF_TOKEN * self.limit:
            raise self.too_long(f"{len(text):,} characters", usage)

    def too_long(self, length: str, usage: Usage | None = None) -> ModelFailure:
        """The failure of an answer that is too long; the same call would bring it again."""
        message = (
            f"The answer is far longer than max_output_tokens ({self.limit:,}) allows: {length}. "
            "The server does not keep to that limit."
        )
        return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200, usage=usage, final=True)


@dataclass(frozen=True, slots=True)
class TokenBounds:
    """How many tokens one call can have taken."""

    input_tokens: int
    output_tokens: int

    @classmethod
    def of(cls, sent: int, images: int, received: int, limit: int) -> "TokenBounds":
        """The bounds of a call.

        Args:
            sent: bytes of text that were sent.
            images: that were sent.
            received: bytes or characters that came back, reasoning included.
            limit: tokens that may be generated.
        """
        return cls(sent + images * MOST_TOKENS_OF_IMAGE + _INPUT_SPARE, limit + received + _OUTPUT_SPARE)

    def believe(self, told: Told | None, text: str) -> tuple[Usage | None, str | None]:
        """The usage, None where it is not told or cannot be; and a note that says so in the second case.

        Args:
            text: the answer. It took some tokens, if it is one.
        """
        if told is None:
            return None, None
        usage = told.usage
        return (usage, None) if usage and self._can_be(usage, text) else (None, _note(told))

    def _can_be(self, usage: Usage, text: str) -> bool:
        parts = (usage.cached_tokens, usage.cache_write_tokens)
        return (
            0 < usage.input_tokens <= self.input_tokens
            and min(parts) >= 0
            and sum(parts) <= usage.input_tokens
            and 0 <= usage.hour_write_tokens <= usage.cache_write_tokens
            and 0 <= usage.reasoning_tokens <= usage.output_tokens
            and bool(text) <= usage.output_tokens <= self.output_tokens
        )


def text_bytes(request: ModelRequest) -> int:
    """Bytes of text in a request, but for its schema; some of them are sent escaped."""
    repair = (request.repair.text, request.repair.fault) if request.repair else ()
    texts = (request.content.text, request.prompt, request.system, request.document_name, *repair)
    return sum(len(text.encode("utf-8", "replace")) for text in texts if text)


def read_told(usage: Any) -> Told | None:
    """What the `usage` member of OpenAI's form says; None where it is missing or says nothing.

    Input that was read from a cache is told in `prompt_tokens_details.cached_tokens` (OpenAI and most others)
    or `prompt_cache_hit_tokens` (DeepSeek); what was written to one in
    `prompt_tokens_details.cache_write_tokens` (OpenAI, OpenRouter) or `cache_creation_input_tokens` (LiteLLM,
    as Anthropic has it), that for an hour below `cache_creation`.
    """
    if not isinstance(usage, Mapping) or usage.get("prompt_tokens") is None:
        return None
    asked, written = _below(usage, "prompt_tokens_details"), _below(usage, "completion_tokens_details")
    cached = asked.get("cached_tokens", usage.get("prompt_cache_hit_tokens"))
    to_cache = asked.get("cache_write_tokens", usage.get("cache_creation_input_tokens"))
    for_hour = _below(usage, "cache_creation").get("ephemeral_1h_input_tokens")
    reasoned = written.get("reasoning_tokens", usage.get("reasoning_tokens"))
    answered = _with_reasoning(usage, reasoned)
    asked_for = usage["prompt_tokens"]
    return Told(asked_for, cached or 0, answered, to_cache or 0, reasoned or 0, for_hour or 0)


def _with_reasoning(usage: Mapping[str, Any], reasoned: object) -> object:
    """The output with what was spent on reasoning, which some count apart and have in the total only.

    So do xAI, and Google where it is reached by OpenAI's API.
    """
    asked, written, total = (usage.get(f"{name}_tokens") for name in ("prompt", "completion", "total"))
    if not (type(asked) is type(written) is type(total) is type(reasoned) is int):
        return written
    return total - asked if total == asked + written + reasoned else written


def _below(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The members of a member that are told."""
    found = usage.get(name)
    told = found.items() if isinstance(found, Mapping) else ()
    return {key: value for key, value in told if value is not None}


def _note(told: Told) -> str:
    parts = {"cached": told.cached_tokens, "written to a cache": told.cache_write_tokens}
    told_parts = ", ".join(f"{_shown(count)} {what}" for what, count in parts.items() if count)
    cached = f" ({told_parts})" if told_parts else ""
    counts = f"{_shown(told.input_tokens)} in{cached}, {_shown(told.output_tokens)} out"
    return f"The server told numbers of tokens that cannot be: {counts}. The cost of this call is unknown."


def _shown(count: object) -> str:
    words = repr(count)
    return words if len(words) <= 30 else f"{words[:20]}… ({len(words)} characters)"
