"""Judges bodies of answers as the client of the chat API does, without a server."""

import json
from typing import Any

import pytest

from docstage.domain.content import Content
from docstage.models.bounds import OutputBounds, TokenBounds
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest
from docstage.models.replies import judge, read_answer

LIMIT = 1_024
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
FREE = ModelRequest(Content("A document."), "What is it?")
ASKING = ModelRequest(Content("A document."), "What is the total?", schema=SCHEMA)


def judged(body: Any, request: ModelRequest = FREE, limit: int = LIMIT) -> ModelReply:
    """The reply that a body, JSON or bytes, amounts to."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    bounds = OutputBounds.of(ConnectionConfig("openai", "m", max_output_tokens=limit))
    return judge(read_answer(data, TokenBounds.of(10_000, 0, len(data), limit)), request, bounds)


def failed(body: Any, request: ModelRequest = FREE, limit: int = LIMIT) -> ModelFailure:
    """The failure that it amounts to."""
    with pytest.raises(ModelFailure) as caught:
        judged(body, request, limit)
    return caught.value
