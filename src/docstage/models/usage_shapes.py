"""Tokens as other APIs tell them, under the names of OpenAI's chat API, which `bounds.read_told` reads.

Anthropic tells what was read from a cache and written to it beside the rest of the input, Google what was
spent on reasoning beside the answer (docs.anthropic.com, prompt caching; ai.google.dev, token counting).
"""

from collections.abc import Mapping
from typing import Any


def usage_of_responses(usage: Any) -> Any:
    """Of OpenAI's responses."""
    if not isinstance(usage, Mapping):
        return None
    return {
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": usage.get("input_tokens_details"),
        "completion_tokens_details": usage.get("output_tokens_details"),
    }


def usage_of_anthropic(usage: Any) -> Any:
    """Of Anthropic's messages."""
    if not isinstance(usage, Mapping):
        return None
    read, written = (usage.get(f"cache_{what}_input_tokens") for what in ("read", "creation"))
    return {
        "prompt_tokens": _sum(usage.get("input_tokens"), read, written),
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
        "cache_creation": usage.get("cache_creation"),
    }


def usage_of_google(usage: Any) -> Any:
    """Of Gemini's answers."""
    if not isinstance(usage, Mapping):
        return None
    thoughts = usage.get("thoughtsTokenCount")
    return {
        "prompt_tokens": usage.get("promptTokenCount"),
        "completion_tokens": _sum(usage.get("candidatesTokenCount"), thoughts),
        "prompt_tokens_details": {"cached_tokens": usage.get("cachedContentTokenCount")},
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }


def _sum(first: object, *more: object) -> object:
    """The sum of what is told; anything that is no number stays, for nobody to believe."""
    told = [first, *(one for one in more if one is not None)]
    numbers = [one for one in told if isinstance(one, int)]
    return sum(numbers) if len(numbers) == len(told) else first if len(told) == 1 else "not told"
