"""What a client needs, made of a stored connection."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from docstage.models.protocol import ConnectionConfig
from docstage.secrets import Secrets
from docstage.store.records import ConnectionRecord

_DECISIVE = ("provider", "model", "temperature")


def connection_config(
    c: Connection, secrets: Secrets, record: ConnectionRecord, frozen: Mapping[str, Any] | None = None
) -> ConnectionConfig:
    """The configuration of a connection, with its secrets resolved.

    Args:
        frozen: the connection as a run's snapshot has it. What decides the answers (provider, model and
            temperature) is taken from there; the address, key, limits and the rest are those of today, so
            that they can be mended while a batch is paused.

    Raises:
        SecretError: the key or a header cannot be read.
    """
    decisive = {name: frozen[name] if frozen else getattr(record, name) for name in _DECISIVE}
    return ConnectionConfig(
        **decisive,
        base_url=record.base_url,
        api_key=secrets.resolve(c, record.secret_ref),
        timeout=record.timeout,
        max_output_tokens=record.max_output_tokens,
        concurrency=record.concurrency,
        headers=secrets.unseal(record.headers),
        extra=record.extra,
    )
