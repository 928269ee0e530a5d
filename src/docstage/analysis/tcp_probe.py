"""Whether anything listens at a connection's address: a look that costs no call."""

import asyncio
from urllib.parse import urlsplit

from docstage.models.forbidden import check_resolved
from docstage.models.network import proxy_of, without_credentials

PATIENCE = 3.0


async def can_connect(base_url: str | None) -> bool:
    """Whether a TCP connection can be made to it, or to the proxy on the way; True when it is not known."""
    if base_url is None:
        return True
    proxy = proxy_of(base_url)
    parts = urlsplit(without_credentials(proxy) if proxy else base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PATIENCE):
            await check_resolved(parts.hostname or "", port)
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
