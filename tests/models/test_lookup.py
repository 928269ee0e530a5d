"""Names that hang keep nobody waiting but those who asked for them."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from docstage.models.lookup import look_up

MANY = 100  # far more than an event loop's shared threads
ADDRESS = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that the system was asked for; those that begin with `slow` hang until the test ends."""
    names: list[str] = []
    go_on = threading.Event()

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        names.append(host)
        if host.startswith("slow"):
            go_on.wait()
        if host.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ADDRESS

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield names
    go_on.set()


async def test_names_that_hang_hold_up_neither_threads_nor_other_names(asked: list[str]) -> None:
    """With a hundred of them, work in threads and other names go on."""
    hanging = [asyncio.create_task(look_up(f"slow{number}.example", 80)) for number in range(MANY)]
    assert await look_up("well.example", 80) == ADDRESS
    assert await asyncio.to_thread(lambda: "done") == "done"
    for one in hanging:
        one.cancel()
    assert all(isinstance(one, asyncio.CancelledError) for one in await _ends(hanging))


async def test_a_name_is_asked_for_once_at_a_time(asked: list[str]) -> None:
    """Many calls of one faulty connection cost one thread; who gives up spoils it for nobody."""
    waiting = [asyncio.create_task(look_up("slow.example", 80)) for _ in range(MANY)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert isinstance((await _ends(waiting[:1]))[0], asyncio.CancelledError)
    assert not any(one.done() for one in waiting[1:])
    assert asked == ["slow.example"]
    for one in waiting:
        one.cancel()
    await _ends(waiting)


async def test_a_name_without_addresses_is_asked_for_again_by_the_next(asked: list[str]) -> None:
    """It may be known by then."""
    for _ in range(2):
        with pytest.raises(OSError, match="not known"):
            await look_up("unknown.example", 80)
    assert asked == ["unknown.example"] * 2


async def test_what_cannot_be_a_name_is_an_error_of_the_same_kind() -> None:
    """A label of more than 63 characters, which Python refuses before it asks the system."""
    with pytest.raises(OSError, match="no name of a host"):
        await look_up("a" * 64 + ".example", 80)


async def _ends(tasks: list[asyncio.Task[Any]]) -> list[Any]:
    return await asyncio.gather(*tasks, return_exceptions=True)
