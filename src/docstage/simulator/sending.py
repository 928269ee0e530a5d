"""How answers leave: in one piece, as streams, after blank lines, in halves, or not at all."""

import asyncio
from collections.abc import Iterable, Mapping

from aiohttp import web

from docstage.simulator.errors import HEADERS
from docstage.simulator.kinds import Fault
from docstage.simulator.replies import STREAMED_CHARACTERS, Completion
from docstage.simulator.tokens import CHARACTERS_PER_TOKEN

_JSON = {"Content-Type": "application/json"}
# Blank lines that keep a connection alive, as DeepSeek sends them while a call waits for its turn.
_BLANK_LINES = b"\n" * 8


async def send(http: web.Request, completion: Completion, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send a whole answer."""
    head = {**HEADERS, **headers}
    if Fault.KEEP_ALIVE not in completion.told:
        return web.Response(body=completion.body(), content_type="application/json", headers=head)
    response = web.StreamResponse(headers=head | _JSON)
    await response.prepare(http)
    await response.write(_BLANK_LINES)
    await response.write(completion.body())
    await response.write_eof()
    return response


async def send_stream(
    http: web.Request,
    completion: Completion,
    headers: Mapping[str, str],
    pace: float,
    events: Iterable[str],
) -> web.StreamResponse:
    """Send the answer's events, with the pace's seconds for each token."""
    response = web.StreamResponse(headers={**HEADERS, **headers, "Content-Type": "text/event-stream"})
    await response.prepare(http)
    if Fault.KEEP_ALIVE in completion.told:
        await response.write(b": PROCESSING\n\n" * 2)
    for event in events:
        await response.write(f"data: {event}\n\n".encode())
        if pace:
            await asyncio.sleep(pace * STREAMED_CHARACTERS / CHARACTERS_PER_TOKEN)
    await response.write_eof()
    return response


async def send_half(http: web.Request, completion: Completion, *, whole: bool) -> web.StreamResponse:
    """Send the first half of the answer, with the length of that half, or of the `whole`."""
    body = completion.body()
    half = body[: len(body) // 2]
    response = web.StreamResponse(headers={**HEADERS, **_JSON})
    response.content_length = len(body) if whole else len(half)
    await response.prepare(http)
    await response.write(half)
    if not whole:
        await response.write_eof()
    return response


async def send_blank_lines(http: web.Request) -> web.StreamResponse:
    """Send the beginning of an answer that never comes."""
    response = web.StreamResponse(headers={**HEADERS, **_JSON})
    await response.prepare(http)
    await response.write(_BLANK_LINES)
    return response


def close(http: web.Request) -> web.StreamResponse:
    """Close the connection, whatever was sent of an answer."""
    if http.transport is not None:
        http.transport.close()
    return web.Response(status=503)  # nobody gets it
