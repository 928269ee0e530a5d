"""Whether connections work, what their servers offer, and what could be connected to."""

import asyncio
import os

from docstage.analysis.config import connection_config
from docstage.domain.errors import Unavailable
from docstage.domain.tasks import FailureKind
from docstage.models.catalogue import PROVIDERS, SIMULATED_MODELS
from docstage.models.detect import detect_keys, detect_local
from docstage.models.diagnose import diagnose
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelFailure
from docstage.service.context import Services
from docstage.service.views import View
from docstage.store import catalog


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


class DetectedServerView(View):
    """A model server that answers on this machine."""

    provider: str
    base_url: str
    models: list[str]


class Detected(View):
    """What could be connected to."""

    servers: list[DetectedServerView]
    keys: list[str]


def providers() -> list[ProviderView]:
    """The providers that connections can name."""
    return [ProviderView.model_validate(provider) for provider in PROVIDERS.values()]


async def test(services: Services, connection_id: int) -> DiagnosisView:
    """Test a connection with one call of a few tokens.

    Raises:
        NotFound: there is no such connection.
        SecretError: its key cannot be read.
    """
    config = await asyncio.to_thread(_config, services, connection_id)
    if _is_built_in(config):
        message = "The engine runs this simulator beside itself; there is nothing to reach."
        return DiagnosisView(ok=True, message=message, models=SIMULATED_MODELS)
    return DiagnosisView.model_validate(await diagnose(config))


async def offered_models(services: Services, connection_id: int) -> list[OfferedModelView]:
    """What the connection's server offers.

    Raises:
        NotFound: there is no such connection.
        SecretError: its key cannot be read.
        Unavailable: the server cannot be asked.
    """
    config = await asyncio.to_thread(_config, services, connection_id)
    if _is_built_in(config):
        return [OfferedModelView(name=name) for name in SIMULATED_MODELS]
    client = create_client(config)
    try:
        offers = await client.models()
    except ModelFailure as failure:
        raise Unavailable(failure.message, failure_kind=str(failure.kind)) from failure
    finally:
        await client.close()
    return [OfferedModelView.model_validate(offer) for offer in offers]


async def detect() -> Detected:
    """Model servers on this machine, and the names of the variables that hold providers' keys."""
    servers = [DetectedServerView.model_validate(server) for server in await detect_local()]
    return Detected(servers=servers, keys=detect_keys(os.environ))


def _config(services: Services, connection_id: int) -> ConnectionConfig:
    with services.database.read() as c:
        return connection_config(c, services.secrets, catalog.get_connection(c, connection_id))


def _is_built_in(config: ConnectionConfig) -> bool:
    return config.provider == "simulated" and config.base_url is None
