"""Finds what could be connected to: servers on this machine, and keys in the environment."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from docstage.models.catalogue import PROVIDERS
from docstage.models.protocol import ConnectionConfig, ModelFailure

PROBE_SECONDS = 0.5
LOCAL_ADDRESSES: Mapping[str, str] = {
    provider.name: provider.default_base_url
    for provider in PROVIDERS.values()
    if provider.local and provider.default_base_url
}


@dataclass(frozen=True, slots=True)
class DetectedServer:
    """A model server that answers on this machine.

    Attributes:
        provider: the catalogue's name of what listens there by default.
        base_url: its address.
        models: the names of its models.
    """

    provider: str
    base_url: str
    models: tuple[str, ...]


async def detect_local(addresses: Mapping[str, str] = LOCAL_ADDRESSES) -> list[DetectedServer]:
    """The model servers at the addresses (by default the usual ones), all asked at once for 0.5 s.

    Args:
        addresses: a base URL for each provider's name.
    """
    found = await asyncio.gather(*(_probe(name, address) for name, address in addresses.items()))
    return [server for server in found if server is not None]


def detect_keys(environ: Mapping[str, str]) -> list[str]:
    """The names, never the values, of the variables that hold a provider's key, in the catalogue's order."""
    names = (provider.key_env for provider in PROVIDERS.values())
    return [name for name in names if name and environ.get(name)]


async def _probe(provider: str, address: str) -> DetectedServer | None:
    from docstage.models.wire import WireClient

    client = WireClient(ConnectionConfig(provider, model="", base_url=address, timeout=PROBE_SECONDS))
    try:
        models = await client.models()
    except ModelFailure:
        return None
    finally:
        await client.close()
    return DetectedServer(provider, address, tuple(model.name for model in models))
