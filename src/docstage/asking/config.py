"""What a client needs, made of a stored connection."""

from dataclasses import fields, replace

from sqlalchemy import Connection

from docstage.domain.connection import DECISIVE, CallSettings
from docstage.domain.snapshot import FrozenConnection
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig
from docstage.secrets import Destination, SecretError, Secrets
from docstage.store.records import ConnectionRecord

_AS_STORED = (*(one.name for one in fields(CallSettings)), "extra")


def connection_config(
    c: Connection, secrets: Secrets | None, record: ConnectionRecord, frozen: FrozenConnection | None = None
) -> ConnectionConfig:
    """The configuration of a connection, with its secrets resolved.

    Args:
        secrets: None leaves key and headers out.
        frozen: the connection as a run's snapshot has it. What decides the answers is taken from there; the
            address, key, limits and the rest are those of today, so that they can be mended while a batch is
            paused.

    Raises:
        SecretError: the key or a header cannot be read, or is one of another provider by now.
    """
    asked = frozen or record
    if secrets:
        _check_provider(asked.provider, record)
    destination = Destination(asked.provider, record.base_url)
    present = ConnectionConfig(
        **{name: getattr(record, name) for name in _AS_STORED},
        api_key=secrets.resolve(c, record.secret_ref, destination) if secrets else None,
        headers=secrets.unseal(record.headers) if secrets else {},
    )
    present = replace(present, context_tokens=record.room(asked).context_tokens)
    return replace(present, **{name: getattr(asked, name) for name in DECISIVE})


def connection_pricing(
    c: Connection, record: ConnectionRecord, frozen: FrozenConnection | None = None
) -> Pricing:
    """What calls of a connection cost; see `connection_config` for what is taken from the snapshot."""
    return Pricing(connection_config(c, None, record, frozen), record.prices)


def _check_provider(frozen: str, record: ConnectionRecord) -> None:
    """Refuse to send a key to another provider than it was given for."""
    if frozen != record.provider and (record.secret_ref or record.headers):
        raise SecretError(
            f"The run was staged with the provider {frozen}, and the connection's key is one for "
            f"{record.provider} by now. Stage anew, or change the connection back."
        )
