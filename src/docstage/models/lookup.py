"""Names of hosts become addresses, in threads of their own.

The system's resolver can hang for half a minute when a network drops its questions. In the few threads that
an event loop shares, the names of some faulty connections would then keep everything else waiting, the
database included. So every name that is asked for has a thread while it is; whoever asks for it meanwhile
waits for the same answer.
"""

import asyncio
import socket
import threading
from typing import Any

# As `socket.getaddrinfo` gives them: family, kind, protocol, canonical name, address.
AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
_Key = tuple[asyncio.AbstractEventLoop, str, int, int, int]

_asked: dict[_Key, asyncio.Future[list[AddressInfo]]] = {}


async def look_up(
    host: str, port: int, *, family: int = socket.AF_UNSPEC, flags: int = 0
) -> list[AddressInfo]:
    """The addresses of a host for TCP; family and flags as of `socket.getaddrinfo`.

    Raises:
        OSError: it has none.
    """
    key = (asyncio.get_running_loop(), host, port, family, flags)
    if key not in _asked:
        _asked[key] = _ask(key)
    return await asyncio.shield(_asked[key])  # who gives up waiting takes the answer from nobody else


def _ask(key: _Key) -> asyncio.Future[list[AddressInfo]]:
    loop, host, port, family, flags = key
    answer: asyncio.Future[list[AddressInfo]] = loop.create_future()

    def end(found: list[AddressInfo] | None, error: BaseException | None) -> None:
        del _asked[key]
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
            answer.exception()  # perhaps nobody waits for it any more
        else:
            answer.set_result(found or [])

    def ask() -> None:
        found, error = _resolve(host, port, family, flags)
        try:
            loop.call_soon_threadsafe(end, found, error)
        except RuntimeError:  # the loop has ended meanwhile
            _asked.pop(key, None)

    # No thread of a pool: the end of the process would wait for it.
    threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    return answer


def _resolve(host: str, port: int, family: int, flags: int) -> tuple[list[AddressInfo], BaseException | None]:
    try:
        return [*socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)], None
    except (OSError, UnicodeError) as error:  # a name that cannot be one in DNS is a UnicodeError
        return [], error if isinstance(error, OSError) else OSError(f"{host!r} is no name of a host")
