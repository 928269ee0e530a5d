"""Chat calls to a simulator, as a client makes them."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

LEASE = """Lease agreement

Between Birch Tools Limited and Harbour Estates. Signed on 12 March 2026.
The tenant must pay the deposit of EUR 3,750.00 until 1 April 2026.
The rent is EUR 1,250.00 a month. Contact: anna.keller@birch.example.
The roof is red. The notice period ends on 2027-01-31.
"""
QUESTION = "Which deadlines and amounts does this document name?"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer with its body as JSON, where it is JSON."""

    status: int
    headers: dict[str, str]
    text: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The text of the first choice."""
        content: str = self.body["choices"][0]["message"]["content"]
        return content

    @property
    def cached(self) -> int:
        """Cached input tokens that were reported."""
        cached: int = self.body["usage"]["prompt_tokens_details"]["cached_tokens"]
        return cached


def body(document: str = LEASE, prompt: str = QUESTION, **more: Any) -> dict[str, Any]:
    """A chat request with the document first and the prompt last."""
    message = f'<document name="lease.txt">\n{document}\n</document>\n\n{prompt}'
    return {"model": "simulated-small", "messages": [{"role": "user", "content": message}], **more}


def with_schema(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chat request whose answer must fulfil the schema."""
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    return body(response_format=form, **more)


async def call(base_url: str, request: Any, path: str = "/chat/completions", key: str = "none") -> Reply:
    """Make one call on a connection of its own."""
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        how = {"data": request} if isinstance(request, bytes) else {"json": request}
        async with session.post(base_url + path, **how) as response:
            return await _reply(response)


async def get(url: str, key: str = "none") -> Reply:
    """Get a page."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.get(url) as response,
    ):
        return await _reply(response)


async def _reply(response: aiohttp.ClientResponse) -> Reply:
    text = await response.text()
    is_json = response.content_type == "application/json"
    return Reply(response.status, dict(response.headers), text, await response.json() if is_json else {})
