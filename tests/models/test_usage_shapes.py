"""Tokens are read in the shapes of other APIs, as gateways pass them on, none twice and none left out."""

from typing import Any

import pytest
from tests.models import test_wire as wire
from tests.models.stub import Stub

from docstage.domain.usage import Usage

TEXT = [{"type": "text", "text": "fine"}]


@pytest.mark.parametrize(
    ("body", "usage"),
    [
        (
            {
                "content": TEXT,
                "stop_reason": "end_turn",
                "usage": {
                    "input_tokens": 10,
                    "cache_read_input_tokens": 30,
                    "cache_creation_input_tokens": 60,
                    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 40},
                    "output_tokens": 7,
                },
            },
            Usage(100, 30, 7, 60, hour_write_tokens=40),
        ),
        (
            {
                "content": TEXT,
                "stop_reason": "end_turn",
                "usage": {"input_tokens": "many", "cache_read_input_tokens": 30, "output_tokens": 7},
            },
            None,
        ),
        (
            {
                "candidates": [{"content": {"parts": [{"text": "fine"}]}, "finishReason": "STOP"}],
                "usageMetadata": {
                    "promptTokenCount": 100,
                    "cachedContentTokenCount": 40,
                    "candidatesTokenCount": 7,
                    "thoughtsTokenCount": 20,
                },
            },
            Usage(100, 40, 27, 0, 20),
        ),
        (
            {
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "fine"}]}],
                "status": "completed",
                "usage": {
                    "input_tokens": 100,
                    "input_tokens_details": {"cached_tokens": 30},
                    "output_tokens": 27,
                    "output_tokens_details": {"reasoning_tokens": 20},
                },
            },
            Usage(100, 30, 27, 0, 20),
        ),
    ],
)
async def test_all_tokens_are_read(stub: Stub, body: dict[str, Any], usage: Usage | None) -> None:
    """Caches are parts of the input and reasoning one of the output, wherever they stand."""
    stub.answers(body)
    assert (await wire.ask(stub.url)).usage == usage
