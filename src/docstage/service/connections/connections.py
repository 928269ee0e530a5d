"""Connections: how to reach language models."""

import os
from collections.abc import Sequence
from dataclasses import fields
from typing import Literal

from sqlalchemy import Connection

from docstage.asking.beside import local_file
from docstage.domain.connection import MODEL
from docstage.domain.errors import InvalidInput, Unavailable
from docstage.domain.usage import Price
from docstage.local_model.models import context_of, head_of
from docstage.models.catalogue import Provider, get_provider, takes_images
from docstage.models.extras import service_tier
from docstage.models.libraries import check_library
from docstage.models.prices import price_of
from docstage.models.reasoning import plan_reasoning
from docstage.secrets import ENV, STORED, Destination, describe
from docstage.service.connections.inputs import FREE, ConnectionChange, ConnectionInput, Prices
from docstage.service.connections.views import ConnectionView, LimitsView, view_price
from docstage.service.context import Services
from docstage.service.edits import check_unchanged, given, naming, refused
from docstage.service.engine_state import EngineState, engine_state
from docstage.service.purging.erasing import erase_now, owe_erasure
from docstage.service.session import Session
from docstage.service.views import PageView
from docstage.store import calibrations, library
from docstage.store.paging import PageRequest
from docstage.store.records import ConnectionRecord
from docstage.store.tables import connection

_CLEARABLE = frozenset(name for name, one in ConnectionInput.model_fields.items() if one.default is None)
_FLATTENED = frozenset({"api_key", "limits", "prices"})


def create_connection(services: Services, wanted: ConnectionInput) -> ConnectionView:
    """Store a connection; key and headers are sealed, or the key kept as the reference that was given.

    Raises:
        InvalidInput: the provider is unknown, or a key or an address is missing.
        LibraryMissing: the provider's library is not installed.
        Conflict: the name is taken.
    """
    provider = known_provider(wanted.provider)
    check_library(provider.name)
    check_address(provider, wanted.base_url)
    known = local_facts(services, provider, wanted.model)
    now = services.clock.now()
    values = wanted.model_dump(exclude=set(_FLATTENED)) | wanted.limits.model_dump()
    values |= {"prices": _prices(wanted.prices), "created_at": now, "updated_at": now, **known}
    values["timeout"] = wanted.timeout or provider.timeout
    values["headers"] = services.secrets.seal(wanted.headers)
    with services.database.write() as c:
        destination = Destination(provider.name, wanted.base_url)
        values["secret_ref"] = new_reference(services, c, destination, wanted.api_key)
        connection_id = library.insert_connection(c, values)
        return _views(c, [library.get_connection(c, connection_id)], engine_state(services, c))[0]


def get_connection(services: Services, connection_id: int) -> ConnectionView:
    """The connection. Raises NotFound."""
    with services.database.read() as c:
        return _views(c, [library.get_connection(c, connection_id)], engine_state(services, c))[0]


def list_connections(
    services: Services, request: PageRequest, search: str | None = None
) -> PageView[ConnectionView]:
    """Connections whose name, provider or model contains `search`."""
    with services.database.read() as c:
        page = library.list_connections(c, request, search)
        views = _views(c, page.items, engine_state(services, c))
    return PageView(items=views, next=page.next)


def change_connection(session: Session, connection_id: int, change: ConnectionChange) -> ConnectionView:
    """Change a connection; the lane of a running batch takes up its key, address and limits.

    Raises:
        NotFound: there is no such connection.
        InvalidInput: as `create_connection`; or a stored key or headers would reach another address unseen.
        Conflict: the name is taken.
        Changed: it has none of the expected tags.
    """
    services = session.services
    asked = given(change, _CLEARABLE)
    with services.database.write() as c:
        library.lock_row(c, connection, connection_id)
        before = library.get_connection(c, connection_id)
        check_unchanged(_views(c, [before], engine_state(services, c))[0], session.expected)
        provider = known_provider(asked.get("provider", before.provider))
        check_address(provider, asked.get("base_url", before.base_url))
        destination = Destination(provider.name, asked.get("base_url", before.base_url))
        moved = is_moved(before, destination)
        if moved and "headers" not in asked:
            check_headers_stay(before)
        values = {name: value for name, value in asked.items() if name not in _FLATTENED}
        if "timeout" in asked:
            values["timeout"] = change.timeout or provider.timeout
        if any(name in asked and asked[name] != getattr(before, name) for name in MODEL):
            values |= {"known_context_tokens": None, "context_known_at": None}
        if {"provider", "model"} & set(asked):
            values |= local_facts(services, provider, asked.get("model", before.model))
        if change.limits is not None:
            values |= change.limits.model_dump(exclude_unset=True)
        if "headers" in asked:
            values["headers"] = services.secrets.seal(asked["headers"])
        if "prices" in asked:
            values["prices"] = _prices(change.prices)
        if "api_key" in asked:
            values["secret_ref"] = new_reference(services, c, destination, change.api_key)
            services.secrets.forget(c, before.secret_ref)
            owe_erasure(services, c)
        else:
            values["secret_ref"] = kept_reference(services, c, before, destination)
        library.update_row(c, connection, connection_id, values | {"updated_at": services.clock.now()})
        changed = _views(c, [library.get_connection(c, connection_id)], engine_state(services, c))[0]
    if "api_key" in asked:
        erase_now(services)
    return changed


def delete_connection(session: Session, connection_id: int) -> None:
    """Delete a connection and the key that was stored for it.

    Raises:
        NotFound: there is no such connection.
        InUse: batches use it.
        Changed: it has none of the expected tags.
    """
    services = session.services
    with services.database.write() as c:
        library.lock_row(c, connection, connection_id)
        current = library.get_connection(c, connection_id)
        check_unchanged(_views(c, [current], engine_state(services, c))[0], session.expected)
        library.delete_row(c, connection, connection_id)
        calibrations.forget(c, connection_id)
        services.secrets.forget(c, current.secret_ref)
        owe_erasure(services, c)
    erase_now(services)


def known_provider(name: str) -> Provider:
    """The provider of that name. Raises InvalidInput, naming the field."""
    try:
        return get_provider(name)
    except InvalidInput as error:
        raise refused("provider", error.detail) from error


def check_address(provider: Provider, base_url: str | None) -> None:
    """Raises InvalidInput when an address is missing, or given to a provider that takes none."""
    if base_url is None and provider.name in {"azure", "openai-compatible"}:
        raise refused("base_url", f"{provider.title} needs a base_url. {provider.hint}")
    if base_url is not None and provider.name == "local":
        message = "docstage runs a local model itself. For a server that you run, choose llamacpp or another."
        raise refused("base_url", message)


def local_facts(services: Services, provider: Provider, model: str) -> dict[str, float]:
    """What is known of a model that docstage runs itself; nothing for other providers.

    Raises:
        InvalidInput: the model is no file that can be used here.
        Forbidden: it lies where no files may be taken from.
    """
    if provider.name != "local":
        return {}
    with naming("model"):
        path = local_file(services.settings, model)
        head_of(path)
    try:
        return {"known_context_tokens": context_of(path), "context_known_at": services.clock.now()}
    except Unavailable:  # the memory may be free when it is needed
        return {}


def new_reference(
    services: Services, c: Connection, destination: Destination, api_key: str | None
) -> str | None:
    """Where a new key is kept; without one given, the provider's usual variable where it is needed.

    Raises:
        InvalidInput: a key is needed and there is none, or what was given can be none or may not be used.
    """
    provider = get_provider(destination.provider)
    if api_key is not None:
        with naming("api_key"):
            services.secrets.examine(api_key, destination)
            return services.secrets.keep(c, api_key)
    usual = f"{ENV}{provider.key_env}" if provider.needs_key else None
    with naming("api_key"):
        services.secrets.rules.check(usual, destination)
    if usual is None or (provider.key_env and os.environ.get(provider.key_env, "").strip()):
        return usual
    raise refused(
        "api_key",
        f"{provider.title} needs a key: give it as api_key, or set {provider.key_env} where docstage runs. "
        f"{provider.hint}",
    )


def is_moved(before: ConnectionRecord, destination: Destination) -> bool:
    """Whether another server than before would be asked."""
    return destination != Destination(before.provider, before.base_url)


def check_headers_stay(before: ConnectionRecord) -> None:
    """Raises InvalidInput when there are headers, which another server must not get unseen."""
    if before.headers:
        message = "The headers were given for another provider or address: enter them again."
        raise refused("headers", message)


def kept_reference(
    services: Services, c: Connection, before: ConnectionRecord, destination: Destination
) -> str | None:
    """Where the key is after a change that names none.

    Raises:
        InvalidInput: a stored key would be sent to another address unseen, or the other address may not get
            what the reference names.
    """
    reference = before.secret_ref
    if not is_moved(before, destination):
        return reference
    if reference is not None and reference.startswith(STORED):
        raise refused("api_key", "The stored key was given for another provider or address: enter it again.")
    changed = destination.provider != before.provider
    if changed and reference in {None, f"{ENV}{get_provider(before.provider).key_env}"}:
        return new_reference(services, c, destination, None)
    with naming("api_key"):
        services.secrets.rules.check(reference, destination)
    return reference


def _prices(prices: Prices | Literal["free"] | None) -> dict[str, float] | None:
    if prices == FREE:
        return {"input": 0.0, "output": 0.0}
    return prices.model_dump(exclude_none=True) if isinstance(prices, Prices) else None


def _views(c: Connection, records: Sequence[ConnectionRecord], engine: EngineState) -> list[ConnectionView]:
    users = library.count_users(c, connection, [record.id for record in records])
    return [_view(record, engine, users.get(record.id, 0)) for record in records]


def _view(record: ConnectionRecord, engine: EngineState, batches: int) -> ConnectionView:
    told, level = record.images, record.reasoning
    return ConnectionView.model_validate(
        {
            **{name: getattr(record, name) for name in _SHOWN},
            "api_key": describe(record.secret_ref),
            "limits": LimitsView.model_validate(record),
            "images": takes_images(record.provider, record.model) if told is None else told,
            "images_override": told,
            "price": view_price(_price(record)),
            "header_names": sorted(record.headers),
            "lane": engine.lane(record.id),
            "batches": batches,
            "reasoning": int(level) if level and level.isdigit() else level,
            "notes": plan_reasoning(record).notes,
        }
    )


def _price(record: ConnectionRecord) -> Price | None:
    tier = service_tier(record.extra)
    return price_of(record.provider, record.model, record.prices, record.base_url, tier=tier)


# Members that are shown as they are stored.
_SHOWN = [one.name for one in fields(ConnectionRecord) if one.name in ConnectionView.model_fields]
