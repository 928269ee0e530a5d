"""Which dialect a connection's model speaks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from docstage.models.schemas.dialects import (
    ANTHROPIC,
    AS_WRITTEN,
    AZURE,
    BEDROCK,
    GOOGLE,
    GRAMMAR,
    IN_WORDS,
    JSON_MODE,
    LLAMA_CPP,
    MISTRAL,
    OPENAI,
    OPENROUTER,
    OWN_FORMAT,
    TOGETHER,
    UNKNOWN,
    VLLM,
    XAI,
    Dialect,
)

_BY_PROVIDER: Mapping[str, Dialect] = {
    "openai": OPENAI,
    "azure": AZURE,
    "google": GOOGLE,
    "mistral": MISTRAL,
    "groq": JSON_MODE,
    "openrouter": OPENROUTER,
    "xai": XAI,
    "deepseek": JSON_MODE,
    "together": TOGETHER,
    "ollama": GRAMMAR,
    "lmstudio": GRAMMAR,
    "vllm": VLLM,
    "llamacpp": LLAMA_CPP,
    "local": LLAMA_CPP,
    "openai-compatible": UNKNOWN,
    "simulated": AS_WRITTEN,
}
# Members of `extra` by which a connection shapes answers itself.
_OWN_FORMATS = (
    "response_format",
    "grammar",
    "json_schema",
    "format",
    "structured_outputs",
    "guided_json",
    "guided_regex",
    "guided_choice",
    "guided_grammar",
)
# Claude 3, 4.0 and before take none (platform.claude.com, structured outputs); all that came later do.
_OLD_CLAUDE = re.compile(r"claude-(?:instant|[123](?:\b|[.-])|(?:opus|sonnet)-4(?:-0|-20\d{6})?(?![-\d.]))")
# docs.aws.amazon.com, "Get validated JSON results from models": models with structured outputs.
_BEDROCK_MODELS = re.compile(
    r"claude-(?:haiku|sonnet|opus)-4-[5-9] | claude-(?:haiku|sonnet|opus)-[5-9]"
    r" | qwen3 | gpt-oss | deepseek\.v3 | gemma-3 | minimax-m2 | kimi-k2 | nemotron-nano"
    r" | mistral-large-3 | ministral-3 | magistral-small | voxtral | glm-",
    re.VERBOSE,
)


def dialect_of(provider: str, model: str, extra: Mapping[str, Any]) -> Dialect:
    """The dialect that a connection is spoken to in.

    Args:
        extra: what the connection adds to requests; it may say itself which form answers have.
    """
    if any(extra.get(name) for name in _OWN_FORMATS):
        return OWN_FORMAT
    name = model.lower()
    if provider == "anthropic":
        return IN_WORDS if _OLD_CLAUDE.search(name) else ANTHROPIC
    if provider == "bedrock":
        return BEDROCK if _BEDROCK_MODELS.search(name) else IN_WORDS
    if provider == "openrouter":
        return _routed(name)
    return _BY_PROVIDER.get(provider, UNKNOWN)


def _routed(model: str) -> Dialect:
    """The dialect of a model behind OpenRouter: that of its maker, where it is narrower."""
    vendor = model.partition("/")[0]
    if vendor == "anthropic":
        return replace(ANTHROPIC, strict=True, members=OPENROUTER.members)
    return OPENROUTER
