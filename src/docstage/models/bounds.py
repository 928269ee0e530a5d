"""Bounds on what a server is believed: how long an answer can be, and how many tokens a call can have taken.

A server may say anything. What cannot be is not taken for what a call cost: that is then unknown, not zero.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
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
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of a call's tokens, unchecked; anything may stand there."""

    input_tokens: object
    cached_tokens: object
    output_tokens: object


@dataclass(frozen=True, slots=True)
class OutputBounds:
    """How much a connection's answers can be.

    Attributes:
        limit: tokens that may be generated in all: those of the answer and of thoughts, or what `extra` says.
        most_bytes: of a whole response.
    """

    limit: int
    most_bytes: int

    @classmethod
    def of(cls, config: ConnectionConfig) -> "OutputBounds":
        """The bounds of a connection."""
        extra = config.extra
        limits = [output_limit(config), *(_whole(extra.get(name)) for name in _LIMITS)]
        limit = max(limits) * max(1, _whole(extra.get("n")))
        per_token = _BYTES_OF_LOGPROBS if extra.get("logprobs") else _BYTES_OF_TOKEN
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
        counts = (told.input_tokens, told.cached_tokens, told.output_tokens)
        if not all(type(count) is int for count in counts):
            return None, _note(told)
        usage = Usage(_whole(told.input_tokens), _whole(told.cached_tokens), _whole(told.output_tokens))
        can_be = (
            0 < usage.input_tokens <= self.input_tokens
            and 0 <= usage.cached_tokens <= usage.input_tokens
            and bool(text) <= usage.output_tokens <= self.output_tokens
        )
        return (usage, None) if can_be else (None, _note(told))


def text_bytes(request: ModelRequest) -> int:
    """Bytes of text in a request, some of which are sent escaped."""
    schema = "" if request.schema is None else json.dumps(request.schema)
    repair = (request.repair.text, request.repair.fault) if request.repair else ()
    texts = (request.content.text, request.prompt, request.system, schema, request.document_name, *repair)
    return sum(len(text.encode("utf-8", "replace")) for text in texts if text)


def read_told(usage: Any) -> Told | None:
    """What the `usage` member of OpenAI's form says; None where it is missing or says nothing.

    The cached ones are told in `prompt_tokens_details.cached_tokens` (OpenAI and most others) or in
    `prompt_cache_hit_tokens` (DeepSeek).
    """
    if not isinstance(usage, Mapping) or usage.get("prompt_tokens") is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens")
    return Told(usage["prompt_tokens"], 0 if cached is None else cached, usage.get("completion_tokens"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _note(told: Told) -> str:
    cached = f" ({_shown(told.cached_tokens)} cached)" if told.cached_tokens else ""
    counts = f"{_shown(told.input_tokens)} in{cached}, {_shown(told.output_tokens)} out"
    return f"The server told numbers of tokens that cannot be: {counts}. The cost of this call is unknown."


def _shown(count: object) -> str:
    words = repr(count)
    return words if len(words) <= 30 else f"{words[:20]}… ({len(words)} characters)"
