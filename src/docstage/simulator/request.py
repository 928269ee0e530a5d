"""What a chat request asks for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from docstage.domain.content import TOKENS_PER_IMAGE
from docstage.simulator.tokens import CHARACTERS_PER_TOKEN

_FORMS = frozenset({"json_schema", "json_object"})
_ANNOUNCED = re.compile(r"json schema\b[^{]{0,200}\{", re.IGNORECASE)
ANY_OBJECT: Mapping[str, Any] = {"type": "object"}
DOCUMENT_START = "<document"
DOCUMENT_END = "</document>"
# What docstage writes in place of pictures that follow.
_PICTURE_NOTE = re.compile(r"\[\d+ image\(s\) of this document follow\.\]")


class BadRequest(Exception):
    """The body is not a chat request that this server can answer; the message says why."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request, taken apart.

    Attributes:
        model: which model is asked.
        text: all messages in order, as the model would read them; pictures as place-holders of their length.
        document: the document's text; the whole user message when none is marked.
        prompt: the user message without the document.
        images: number of pictures.
        schema: JSON Schema of the answer, told by `form` or in the prompt; None where any answer will do.
        form: how the request itself asks for JSON: `json_schema`, `json_object` or None.
        max_tokens: upper limit of the answer's tokens, or None.
        stream: whether the answer is sent piece by piece.
        include_usage: whether a stream ends with the usage.
        members: the names of what the request sets.
        is_repair: whether an earlier answer is shown, to be put right.
        effort: how much the model shall think: a word, or the most tokens; None when it is not told.
        tier: the service tier that is asked for, or None.
    """

    model: str
    text: str
    document: str
    prompt: str
    images: int
    schema: Mapping[str, Any] | None
    max_tokens: int | None
    stream: bool
    include_usage: bool
    form: str | None = None
    members: frozenset[str] = frozenset()
    is_repair: bool = False
    effort: str | int | None = None
    tier: str | None = None

    @property
    def shows_only_pictures(self) -> bool:
        """Whether the document has no text, only pictures of its pages."""
        return self.images > 0 and self.document in {"", self.prompt}


def parse(body: bytes) -> ChatRequest:
    """Take a request's body apart.

    Raises:
        BadRequest: it is no JSON, or a member that matters is missing or of the wrong type.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}") from None
    try:
        return _chat_request(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadRequest(f"The body is not a chat request: {error}") from None


def _chat_request(data: Mapping[str, Any]) -> ChatRequest:
    lines: list[str] = []  # as the model reads them
    asked: list[str] = []
    images = 0
    roles = set()
    for message in data["messages"]:
        roles.add(message["role"])
        parts = _parts(message.get("content"))
        images += sum(is_picture for _, is_picture in parts)
        lines += (message["role"], *(text for text, _ in parts))
        if message["role"] == "user":
            asked += (text for text, is_picture in parts if not is_picture)
    if not asked:
        raise BadRequest("There is no user message.")
    document, prompt = split_document("\n".join(asked))
    response_format = data.get("response_format") or {}
    limit = data.get("max_completion_tokens", data.get("max_tokens"))
    return ChatRequest(
        model=str(data["model"]),
        text="\n".join(lines),
        document=document,
        prompt=prompt,
        images=images,
        schema=_schema(response_format, prompt),
        max_tokens=None if limit is None else int(limit),
        stream=bool(data.get("stream")),
        include_usage=bool((data.get("stream_options") or {}).get("include_usage")),
        form=response_format.get("type") if response_format.get("type") in _FORMS else None,
        members=frozenset(name for name, value in data.items() if value is not None),
        is_repair="assistant" in roles,
        effort=_effort(data),
        tier=data.get("service_tier"),
    )


def _effort(data: Mapping[str, Any]) -> str | int | None:
    """How much the model shall think, as OpenAI, OpenRouter, vLLM, Ollama and Anthropic are told."""
    if (word := data.get("reasoning_effort")) is not None:
        return str(word)
    told = _object(data.get("reasoning")) or _object(data.get("thinking"))
    template = _object(data.get("chat_template_kwargs"))
    switches = (
        told.get("enabled"),
        template.get("enable_thinking"),
        template.get("thinking"),
        data.get("think"),
    )
    if False in switches or told.get("type") == "disabled":
        return "none"
    amount = told.get("max_tokens") or told.get("budget_tokens")
    return int(amount) if amount else told.get("effort")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def split_document(message: str) -> tuple[str, str]:
    """The document and the prompt of a user message; the whole message twice when no document is marked."""
    start = message.find(DOCUMENT_START)
    end = message.rfind(DOCUMENT_END)
    opened = message.find(">", start)
    if start < 0 or opened < 0 or end < opened:
        return message, message
    document = _PICTURE_NOTE.sub("", message[opened + 1 : end]).strip()
    return document, (message[:start] + message[end + len(DOCUMENT_END) :]).strip()


def _parts(content: Any) -> list[tuple[str, bool]]:
    """The parts of a message: texts, and place-holders for pictures (marked by True)."""
    if content is None or isinstance(content, str):
        return [(content or "", False)]
    return [
        (_picture(part["image_url"]["url"]), True)
        if part["type"] == "image_url"
        else (str(part["text"]), False)
        for part in content
    ]


def _picture(url: str) -> str:
    """A place-holder that counts as many tokens as a picture and differs from that of any other picture."""
    name = blake2b(url.encode(), digest_size=16).hexdigest()
    return f"[picture {name}]".ljust(TOKENS_PER_IMAGE * CHARACTERS_PER_TOKEN, ".")


def _schema(response_format: Mapping[str, Any], prompt: str) -> Mapping[str, Any] | None:
    """The schema that the answer must fulfil; where none is given apart, one that stands in the prompt."""
    kind = response_format.get("type")
    if kind == "json_schema":
        schema: Mapping[str, Any] = response_format["json_schema"]["schema"]
        return schema
    return _schema_in(prompt) or (ANY_OBJECT if kind == "json_object" else None)


def _schema_in(prompt: str) -> Mapping[str, Any] | None:
    """The object that stands after the words "JSON Schema" in a prompt, or None."""
    announced = _ANNOUNCED.search(prompt)
    if announced is None:
        return None
    try:
        schema, _ = json.JSONDecoder().raw_decode(prompt, announced.end() - 1)
    except ValueError:
        return None
    return schema if isinstance(schema, dict) else None
