"""The least that calls can cost with aiohttp: `python -m benchmarks.support.bare_client URL CALLS AT_ONCE`.

As many loops as calls may be in flight post the same body and parse the answer; nothing is kept. It prints
the seconds that all calls took.
"""

import asyncio
import json
import sys
import time

import aiohttp

from benchmarks.support.texts import letter


async def _post(session: aiohttp.ClientSession, url: str, left: list[int]) -> None:
    message = {"role": "user", "content": letter(0) + "\n\nWhat is this about?"}
    body = json.dumps({"model": "mock", "max_tokens": 1_024, "messages": [message]}).encode()
    while left:
        left.pop()
        async with session.post(url, data=body) as response:
            answer = json.loads(await response.read())
        assert answer["choices"][0]["message"]["content"]


async def _run(base_url: str, calls: int, at_once: int) -> float:
    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        left = list(range(calls))
        begun = time.monotonic()
        await asyncio.gather(*(_post(session, f"{base_url}/chat/completions", left) for _ in range(at_once)))
        return time.monotonic() - begun


if __name__ == "__main__":
    print(asyncio.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
