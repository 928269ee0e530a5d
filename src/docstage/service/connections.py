"""Connections: how to reach language models."""

import os
from typing import Any

from sqlalchemy import Connection

from docstage.domain.errors import InvalidInput
from docstage.models.catalogue import Provider, get_provider, takes_images
from docstage.models.prices import price_of
from docstage.secrets import ENV, STORED, describe
from docstage.service.changes import given, refused
from docstage.service.context import Services
from docstage.service.engine_state import EngineState, engine_state
from docstage.service.estimate import view_price
from docstage.service.inputs import ConnectionChange, ConnectionInput, Prices
from docstage.service.views import ConnectionView, LimitsView, PageView
from docstage.store import catalog
from docstage.store.paging import PageRequest
from docstage.store.records import ConnectionRecord
from docstage.store.tables import connection

_CLEARABLE = frozenset({"base_url", "api_key", "temperature", "images", "prices"})
_FLATTENED = frozenset({"api_key", "limits", "prices"})


def create_connection(services: Services, wanted: ConnectionInput) -> ConnectionView:
    """Store a connection; its key is sealed, or kept as the reference that was given.

    Raises:
        InvalidInput: the provider is unknown, or a key or an address is missing.
        Conflict: the name is taken.
    """
    provider = _provider(wanted.provider)
    _check_address(provider, wanted.base_url)
    now = services.clock.now()
    values = wanted.model_dump(exclude=set(_FLATTENED)) | wanted.limits.model_dump()
    values |= {"prices": _prices(wanted.prices), "created_at": now, "updated_at": now}
    with services.database.write() as c:
        values["secret_ref"] = _reference(services, c, provider, wanted.api_key)
        connection_id = catalog.insert_connection(c, values)
        return _view(catalog.get_connection(c, connection_id), engine_state(services, c))


def get_connection(services: Services, connection_id: int) -> ConnectionView:
    """The connection. Raises NotFound."""
    with services.database.read() as c:
        return _view(catalog.get_connection(c, connection_id), engine_state(services, c))


def list_connections(
    services: Services, request: PageRequest, search: str | None = None
) -> PageView[ConnectionView]:
    """Connections whose name, provider or model contains `search`."""
    with services.database.read() as c:
        page = catalog.list_connections(c, request, search)
        engine = engine_state(services, c)
    return PageView(items=[_view(record, engine) for record in page.items], next=page.next)


def change_connection(services: Services, connection_id: int, change: ConnectionChange) -> ConnectionView:
    """Change a connection; the lane of a running batch takes up its key, address and limits.

    Raises:
        NotFound: there is no such connection.
        InvalidInput: as `create_connection`; or a stored key would be sent to another address unseen.
        Conflict: the name is taken.
    """
    asked = given(change, _CLEARABLE)
    with services.database.write() as c:
        before = catalog.get_connection(c, connection_id)
        provider = _provider(asked.get("provider", before.provider))
        _check_address(provider, asked.get("base_url", before.base_url))
        values = {name: value for name, value in asked.items() if name not in _FLATTENED}
        if change.limits is not None:
            values |= change.limits.model_dump(exclude_unset=True)
        if "prices" in asked:
            values["prices"] = _prices(change.prices)
        if "api_key" in asked:
            values["secret_ref"] = _reference(services, c, provider, change.api_key)
            services.secrets.forget(c, before.secret_ref)
        else:
            values["secret_ref"] = _kept_reference(services, c, before, provider, asked)
        catalog.update_row(c, connection, connection_id, values | {"updated_at": services.clock.now()})
        return _view(catalog.get_connection(c, connection_id), engine_state(services, c))


def delete_connection(services: Services, connection_id: int) -> None:
    """Delete a connection and the key that was stored for it. Raises NotFound, InUse."""
    with services.database.write() as c:
        reference = catalog.get_connection(c, connection_id).secret_ref
        catalog.delete_row(c, connection, connection_id)
        services.secrets.forget(c, reference)


def _provider(name: str) -> Provider:
    try:
        return get_provider(name)
    except InvalidInput as error:
        raise refused("provider", error.detail) from error


def _check_address(provider: Provider, base_url: str | None) -> None:
    if base_url is None and provider.name in {"azure", "openai-compatible"}:
        raise refused("base_url", f"{provider.title} needs a base_url. {provider.hint}")


def _reference(services: Services, c: Connection, provider: Provider, api_key: str | None) -> str | None:
    """Where the key is kept; without one given, the provider's usual variable where it is needed."""
    if api_key is not None:
        return services.secrets.keep(c, api_key)
    if not provider.needs_key:
        return None
    if provider.key_env and os.environ.get(provider.key_env, "").strip():
        return f"{ENV}{provider.key_env}"
    raise refused(
        "api_key",
        f"{provider.title} needs a key: give it as api_key, or set {provider.key_env} where docstage runs. "
        f"{provider.hint}",
    )


def _kept_reference(
    services: Services, c: Connection, before: ConnectionRecord, provider: Provider, asked: dict[str, Any]
) -> str | None:
    """Where the key is after a change that names none."""
    reference = before.secret_ref
    changed = provider.name != before.provider
    moved = changed or asked.get("base_url", before.base_url) != before.base_url
    if moved and reference is not None and reference.startswith(STORED):
        raise refused("api_key", "The stored key was given for another provider or address: enter it again.")
    if changed and reference in {None, f"{ENV}{get_provider(before.provider).key_env}"}:
        return _reference(services, c, provider, None)
    return reference


def _prices(prices: Prices | None) -> dict[str, float] | None:
    return None if prices is None else prices.model_dump(exclude_none=True)


def _view(record: ConnectionRecord, engine: EngineState) -> ConnectionView:
    told = record.images
    return ConnectionView.model_validate(
        {
            **{name: getattr(record, name) for name in _SHOWN},
            "api_key": describe(record.secret_ref),
            "limits": LimitsView.model_validate(record),
            "images": takes_images(record.provider, record.model) if told is None else told,
            "price": view_price(price_of(record.provider, record.model, record.prices, record.base_url)),
            "header_names": sorted(record.headers),
            "lane": engine.lane(record.id),
        }
    )


_SHOWN = (
    "id",
    "name",
    "provider",
    "model",
    "base_url",
    "temperature",
    "max_output_tokens",
    "timeout",
    "extra",
    "created_at",
    "updated_at",
)
