"""Unsuccessful answers as providers document them or as public reports show them, and what they stand for.

Each line of `recorded_failures.jsonl` is one. Sources: the pages on errors and limits of
platform.openai.com, learn.microsoft.com/azure, docs.anthropic.com, ai.google.dev,
docs.aws.amazon.com/bedrock, docs.mistral.ai, console.groq.com, openrouter.ai, docs.x.ai,
api-docs.deepseek.com, docs.fireworks.ai, docs.perplexity.ai, docs.cohere.com, docs.litellm.ai,
docs.ollama.com, docs.vllm.ai, developers.cloudflare.com, nginx.org and AWS's load balancers; and issues of
google-gemini/gemini-cli (8437, 14811), langgenius/dify (19838), BerriAI/litellm (8448, 20867),
jasonacox/TinyLLM (17), open-webui/computer (293), anthropics/claude-code (2127, 29584), charmbracelet/crush
(946), RooCodeInc/Roo-Code (3713), lmstudio-ai/lmstudio-bug-tracker (546, 1347), continuedev/continue
(10373, 12670), pollinations/pollinations (12136), ChatGPTNextWeb/NextChat (3195).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOW = 1_796_040_000.0  # 2026-11-30 12:00 UTC, 04:00 in Los Angeles


@dataclass(frozen=True)
class Recorded:
    """An answer, and what it stands for.

    Attributes:
        name: of the case.
        kind: of the failure, by its value.
        body: JSON, or text.
        words: that stand in the message.
        wait: seconds to wait, or None.
        billed: it may have cost something.
    """

    name: str
    status: int
    kind: str
    body: Any
    words: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float | None = None
    billed: bool = False

    @property
    def sent(self) -> bytes:
        """The body as it comes."""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


_LINES = Path(__file__).with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
RECORDED = {one.name: one for one in (Recorded(**json.loads(line)) for line in _LINES)}
