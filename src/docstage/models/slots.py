"""How many calls a server on the user's own machine or network carries out at once, where it says so.

llama.cpp's server tells it as `total_slots` at `/props`, and lists its slots at `/slots` where that is
allowed (README of its server). More calls than it has slots wait inside it, while their time runs out.
"""

import asyncio
import json
from typing import Any

from docstage.models.addresses import is_private_address
from docstage.models.catalogue import get_provider
from docstage.models.protocol import ConnectionConfig

_SECONDS = 2.0
_LONGEST = 1_000_000  # bytes; its slots may hold whole prompts
_ASKED = frozenset({"llamacpp", "openai-compatible"})


async def slots_of(config: ConnectionConfig) -> int | None:
    """The server's slots, or None where it does not say, cannot be asked, or is none that would."""
    provider = get_provider(config.provider)
    address = config.base_url or provider.default_base_url
    if provider.name not in _ASKED or address is None or not is_private_address(address):
        return None
    root = address.rstrip("/").removesuffix("/v1")
    try:
        async with asyncio.timeout(_SECONDS):
            return await _ask(root, config)
    except (OSError, TimeoutError, ValueError, RecursionError):
        return None


async def _ask(root: str, config: ConnectionConfig) -> int | None:
    import aiohttp

    from docstage.models.resolver import GuardedResolver

    headers = dict(config.headers)
    if config.api_key:
        headers.setdefault("Authorization", f"Bearer {config.api_key}")
    connector = aiohttp.TCPConnector(resolver=GuardedResolver())
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        for path in ("props", "slots"):
            try:
                async with session.get(f"{root}/{path}", allow_redirects=False) as response:
                    body = await response.content.read(_LONGEST) if response.status == 200 else b"null"
            except aiohttp.ClientError:
                return None
            if found := _slots_in(json.loads(body)):
                return found
    return None


def _slots_in(told: Any) -> int | None:
    found = told.get("total_slots") if isinstance(told, dict) else told
    found = len(found) if isinstance(found, list) else found
    return found if isinstance(found, int) and found > 0 else None
