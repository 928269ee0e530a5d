"""Whether connections work, what their servers offer, and what could be connected to."""

import asyncio
import os
from collections.abc import Mapping

from pydantic import Field
from sqlalchemy import Connection

from docstage.asking.beside import is_simulator, local_file
from docstage.asking.config import connection_config
from docstage.domain.connection import SAMPLING
from docstage.domain.errors import NotFound, Unavailable
from docstage.domain.rehearsals import SIMULATOR_OFFERS, is_offered
from docstage.domain.tasks import FailureKind
from docstage.local_model.models import BUNDLED, CAUTION, bundled_file, context_of
from docstage.models.catalogue import PROVIDERS
from docstage.models.detect import detect_keys, detect_local
from docstage.models.diagnose import diagnose
from docstage.models.factory import create_client
from docstage.models.libraries import missing_library
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelFailure
from docstage.secrets import Destination
from docstage.service.connections.connections import (
    check_address,
    check_headers_stay,
    is_moved,
    kept_reference,
    known_provider,
    new_reference,
)
from docstage.service.connections.inputs import ConnectionDraft
from docstage.service.context import Services
from docstage.service.edits import naming, refused
from docstage.service.record_spending import entered
from docstage.service.views import View
from docstage.store import library
from docstage.store.records import ConnectionRecord
from docstage.store.spending import NOT_SAVED


class ProviderView(View):
    """A provider that connections can name."""

    name: str
    title: str
    default_base_url: str | None
    needs_key: bool
    key_env: str | None
    local: bool
    hint: str


class DiagnosisView(View):
    """What a test of a connection found."""

    ok: bool
    kind: FailureKind | None = None
    message: str
    latency_ms: float | None = None
    models: tuple[str, ...] = ()
    context_tokens: int | None = None


class OfferedModelView(View):
    """A model that a server says it has."""

    name: str
    context_tokens: int | None = None
    about: str | None = Field(None, description="What it is like, where docstage runs it itself.")


class DetectedServerView(View):
    """A model server that answers on this machine."""

    provider: str
    base_url: str
    models: list[str]


class Detected(View):
    """What could be connected to."""

    servers: list[DetectedServerView]
    keys: list[str]
    local_models: list[OfferedModelView] = Field(
        description="Models whose files are here, which docstage runs by itself: connections to `local`."
    )


def providers() -> list[ProviderView]:
    """The providers that connections can name."""
    return [ProviderView.model_validate(provider) for provider in PROVIDERS.values()]


async def test(services: Services, connection_id: int) -> DiagnosisView:
    """Test a connection with one call of a few tokens, which is entered in the ledger of what was spent.

    Raises:
        NotFound: there is no such connection.
        SecretError: its key cannot be read.
    """
    config, pricing = await asyncio.to_thread(_config_and_pricing, services, connection_id)
    found = await _test(services, connection_id, config, pricing)
    await asyncio.to_thread(_keep_context, services, connection_id, found.context_tokens)
    return found


async def test_draft(services: Services, draft: ConnectionDraft) -> DiagnosisView:
    """Test a connection that is not stored, as `test` does.

    Raises:
        InvalidInput: as if it were created or changed.
        SecretError: its key cannot be read.
    """
    if not draft.model:
        raise refused("model", "Name the model that is to be asked.")
    config, pricing = await asyncio.to_thread(_draft_config_and_pricing, services, draft)
    return await _test(services, draft.connection_id or NOT_SAVED, config, pricing)


async def _test(
    services: Services, connection_id: int, config: ConnectionConfig, pricing: Pricing
) -> DiagnosisView:
    if is_simulator(config):
        return _test_builtin(config.model)
    async with entered(services, connection_id, pricing) as call:
        found = await diagnose(config, call.begin, services.trials.beside(services.settings).client)
        call.end(found.usage, billed=found.billed, told_cost=found.told_cost)
    return DiagnosisView.model_validate(found)


def _keep_context(services: Services, connection_id: int, tokens: int | None) -> None:
    if tokens is not None:
        with services.database.write() as c:
            record = library.get_connection(c, connection_id)
            library.keep_context(c, record, tokens, services.clock.now())


def _test_builtin(model: str) -> DiagnosisView:
    """What is known of the simulator that is started when it is needed: whether it has such a model."""
    names = tuple(SIMULATOR_OFFERS)
    if not is_offered(model):
        message = f"The simulator has no model {model!r}. It has: {', '.join(names)}."
        return DiagnosisView(ok=False, kind=FailureKind.UNKNOWN_MODEL, message=message, models=names)
    message = "The engine runs this simulator beside itself; there is nothing to reach."
    return DiagnosisView(ok=True, message=message, models=names)


async def offered_models(services: Services, connection_id: int) -> list[OfferedModelView]:
    """What the connection's server offers.

    Raises:
        NotFound: there is no such connection.
        SecretError: its key cannot be read.
        Unavailable: the server cannot be asked.
    """
    return await _offers(services, await asyncio.to_thread(_config, services, connection_id))


async def draft_models(services: Services, draft: ConnectionDraft) -> list[OfferedModelView]:
    """What the server of a connection that is not stored offers.

    Raises:
        Unavailable: the server cannot be asked.
        InvalidInput, SecretError: as `test_draft`.
    """
    return await _offers(services, await asyncio.to_thread(_draft_config, services, draft))


async def _offers(services: Services, config: ConnectionConfig) -> list[OfferedModelView]:
    if is_simulator(config):
        return [OfferedModelView(name=name, about=about) for name, about in SIMULATOR_OFFERS.items()]
    if config.provider == "local":
        return await asyncio.to_thread(_local_models, services, config.model)
    client = create_client(config)
    try:
        offers = await client.models()
    except ModelFailure as failure:
        raise Unavailable(failure.message, failure_kind=str(failure.kind)) from failure
    finally:
        await client.close()
    return [OfferedModelView.model_validate(offer) for offer in offers]


def _local_models(services: Services, model: str) -> list[OfferedModelView]:
    """What can be run here: the bundled model, if it is installed, and the file that was named, if any."""
    found = _bundled()
    if model not in {"", *(one.name for one in found)}:
        context = context_of(local_file(services.settings, model))
        found.append(OfferedModelView(name=model, context_tokens=context))
    return found


def _bundled() -> list[OfferedModelView]:
    path = bundled_file()
    if path is None or missing_library("local"):
        return []
    return [OfferedModelView(name=BUNDLED, context_tokens=context_of(path), about=CAUTION)]


async def detect(services: Services) -> Detected:
    """Model servers on this machine, and the names of the variables that hold providers' keys.

    Variables that no connection may take its key from are not told of.
    """
    servers = [DetectedServerView.model_validate(server) for server in await detect_local()]
    keys = [name for name in detect_keys(os.environ) if services.secrets.rules.knows(name)]
    return Detected(servers=servers, keys=keys, local_models=await asyncio.to_thread(_bundled))


def _config(services: Services, connection_id: int) -> ConnectionConfig:
    with services.database.read() as c:
        return connection_config(c, services.secrets, library.get_connection(c, connection_id))


def _config_and_pricing(services: Services, connection_id: int) -> tuple[ConnectionConfig, Pricing]:
    with services.database.read() as c:
        record = library.get_connection(c, connection_id)
        config = connection_config(c, services.secrets, record)
        return config, Pricing(config, record.prices)


def _draft_config_and_pricing(services: Services, draft: ConnectionDraft) -> tuple[ConnectionConfig, Pricing]:
    config = _draft_config(services, draft)
    with services.database.read() as c:
        before = _changed_connection(c, draft.connection_id)
    # Prices of one's own are those of the model that they were entered for.
    same = before is not None and (before.provider, before.model) == (draft.provider, draft.model)
    own = before.prices if before and same else None
    return config, Pricing(config, own)


def _draft_config(services: Services, draft: ConnectionDraft) -> ConnectionConfig:
    check_address(known_provider(draft.provider), draft.base_url)
    with services.database.read() as c:
        before = _changed_connection(c, draft.connection_id)
        return ConnectionConfig(
            provider=draft.provider,
            model=draft.model,
            base_url=draft.base_url,
            api_key=_draft_key(services, c, draft, before),
            context_tokens=draft.context_tokens,
            timeout=draft.timeout,
            headers=_draft_headers(services, draft, before),
            extra=draft.extra,
            reasoning=draft.reasoning,
            **{name: getattr(draft, name) for name in SAMPLING},
        )


def _changed_connection(c: Connection, connection_id: int | None) -> ConnectionRecord | None:
    try:
        return None if connection_id is None else library.get_connection(c, connection_id)
    except NotFound as error:
        raise refused("connection_id", error.detail) from error


def _draft_key(
    services: Services, c: Connection, draft: ConnectionDraft, before: ConnectionRecord | None
) -> str | None:
    destination = _destination(draft)
    if draft.api_key is not None:
        with naming("api_key"):
            services.secrets.examine(draft.api_key, destination)
        return services.secrets.read(draft.api_key, destination)
    if before is None or "api_key" in draft.model_fields_set:
        reference = new_reference(services, c, destination, None)
    else:
        reference = kept_reference(services, c, before, destination)
    return services.secrets.resolve(c, reference, destination)


def _draft_headers(
    services: Services, draft: ConnectionDraft, before: ConnectionRecord | None
) -> Mapping[str, str]:
    if before is None or draft.headers is not None:
        return draft.headers or {}
    if is_moved(before, _destination(draft)):
        check_headers_stay(before)
    return services.secrets.unseal(before.headers)


def _destination(draft: ConnectionDraft) -> Destination:
    return Destination(draft.provider, draft.base_url)
