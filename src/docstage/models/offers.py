"""Reads the lists of models that servers offer."""

import json
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ModelFailure, OfferedModel

# vLLM; OpenRouter and Together; Groq; Mistral and LM Studio.
_CONTEXT_FIELDS = ("max_model_len", "context_length", "context_window", "max_context_length")


def read_offers(body: bytes) -> list[OfferedModel]:
    """The models in the answer to `GET /models`, sorted by name.

    Raises:
        ModelFailure: the body is no such list.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    # Together answers with the list itself, all others with an object around it.
    entries = data.get("data") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        message = "The server's list of models cannot be read: is the base URL right? It usually ends in /v1."
        raise ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200)
    offers = [
        OfferedModel(entry["id"], context_of_entry(entry))
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    ]
    return sorted(offers, key=lambda offer: offer.name)


def context_of_entry(entry: dict[str, Any]) -> int | None:
    """How many tokens a model of such a list takes, None where the list does not say.

    OpenRouter tells its best provider's beside the model's own: the smaller one holds.
    """
    meta, provider = entry.get("meta"), entry.get("top_provider")  # of llama.cpp, and of OpenRouter
    sizes = [entry.get(field) for field in _CONTEXT_FIELDS]
    sizes += [meta.get("n_ctx"), meta.get("n_ctx_train")] if isinstance(meta, dict) else []
    own = next((size for size in sizes if type(size) is int and size > 0), None)
    of_provider = provider.get("context_length") if isinstance(provider, dict) else None
    return min(own, of_provider) if own and type(of_provider) is int and of_provider > 0 else own
