"""How many tokens a model takes: as its server says where it can be asked, else as the price list has it.

What is asked, and what the answers mean, is from llama.cpp's server README (`/props`, of each slot), LM
Studio's REST API (`/api/v0/models`, of a model that is loaded), docs.ollama.com (`/api/show`), and what vLLM,
OpenRouter, Together, Groq and Mistral put into `/models`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docstage.domain.errors import InvalidInput
from docstage.models.catalogue import get_provider
from docstage.models.offers import context_of_entry

Read = Callable[[Any, str], int | None]
"""Reads an answer for the model of this name."""


def parse_json(body: bytes) -> Any:
    """What a server answered, None where it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def questions_of(provider: str) -> Sequence[tuple[str, Read]]:
    """What a server of the OpenAI chat API is asked, one after the other: paths, and how to read the answers.

    A path that begins with `/` is one of the server, any other is below the base URL.
    """
    models: tuple[str, Read] = ("models", _of_models)
    if provider == "lmstudio":
        return (("/api/v0/models", _of_lmstudio),)
    if provider in ("llamacpp", "local", "openai-compatible"):
        return ("/props", _of_llamacpp), models
    return (models,)


def context_of_ollama(data: Any) -> int | None:
    """The context that a model was made for, in the answer to `/api/show`."""
    info = data.get("model_info") if isinstance(data, Mapping) else None
    sizes = info.items() if isinstance(info, Mapping) else ()
    return next(
        (size for name, one in sizes if name.endswith(".context_length") and (size := _whole(one))), None
    )


def listed_context(provider: str, model: str, base_url: str | None) -> int | None:
    """What the price list that genai-prices ships says of a model at its provider's own address."""
    import re

    from genai_prices.data_snapshot import get_snapshot

    try:
        name = get_provider(provider).price_provider
        found, info = get_snapshot().find_provider_model(model, None, name, None) if name else (None, None)
    except (LookupError, InvalidInput):
        return None
    if found is None or info is None or (base_url is not None and not re.match(found.api_pattern, base_url)):
        return None
    return info.context_window


def _of_models(data: Any, model: str) -> int | None:
    entries = data.get("data") if isinstance(data, Mapping) else data
    known = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    named = [one for one in known if one.get("id") == model]
    # A server of one model answers by it, whatever it is asked for.
    chosen = named or (known if len(known) == 1 else [])
    return context_of_entry(chosen[0]) if chosen else None


def _of_llamacpp(data: Any, _model: str) -> int | None:
    settings = data.get("default_generation_settings") if isinstance(data, Mapping) else None
    return _whole(settings.get("n_ctx")) if isinstance(settings, Mapping) else None


def _of_lmstudio(data: Any, model: str) -> int | None:
    """Of a model that is not loaded nobody knows with which context it will be."""
    entries = data.get("data") if isinstance(data, Mapping) else None
    named = [one for one in entries or () if isinstance(one, dict) and one.get("id") == model]
    return _whole(named[0].get("loaded_context_length")) if named else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
