"""What a run is made of, frozen when it begins. It holds no secrets."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from docstage import __version__
from docstage.domain.usage import dollars
from docstage.store import catalog
from docstage.store.records import Batch

_FOLDER = ("id", "name", "path", "recursive", "hidden", "include", "exclude")
_CONNECTION = (
    "id",
    "name",
    "provider",
    "model",
    "base_url",
    "temperature",
    "max_output_tokens",
    "timeout",
    "images",
    "concurrency",
    "requests_per_minute",
    "tokens_per_minute",
    "prices",
)
_PROMPT = ("id", "name", "version", "text", "system", "schema")


def freeze(c: Connection, batch: Batch) -> dict[str, Any]:
    """The batch's folders, connections and prompts as they are now, in the batch's order."""
    members = catalog.members_of(c, batch.id)
    return {
        "docstage": __version__,
        "batch": {
            "name": batch.name,
            "budget": dollars(batch.budget),
            "failure_limit": batch.failure_limit,
            "metadata": batch.metadata,
        },
        "folders": [_chosen(catalog.get_folder(c, n), _FOLDER) for n in members["folder"]],
        "connections": [_chosen(catalog.get_connection(c, n), _CONNECTION) for n in members["connection"]],
        "prompts": [_chosen(catalog.get_prompt(c, n), _PROMPT) for n in members["prompt"]],
    }


def _chosen(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = asdict(record)
    return {name: values[name] for name in names}
