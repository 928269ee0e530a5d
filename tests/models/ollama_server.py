"""A server for tests that behaves as Ollama does with a prompt that is longer than the context.

As docs.ollama.com, its `api/types.go` and public reports describe it (ollama/ollama: issues 17889, 17427 and
2068, pull requests 17944 and 18399): without `num_ctx` a model has 4,096 tokens; what is longer is cut to
half of the context and two tokens, and answered; `shift: false` makes it a 400. `/v1` has no member for
either.
"""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

_TOO_LONG = "the prompt is longer than the context length currently available to the model"


@dataclass(slots=True)
class OllamaServer:
    """Answers every question with "fine", and counts four characters a token.

    Attributes:
        model_context: what the model was made for.
        knows_shift: a version that knows `truncate` and `shift`.
        counts: a version that tells how many tokens a prompt had, also if it was cached.
        contexts: of every call to the own API, as it was asked for.
        bodies: of every call.
        shown: how often the model was asked for.
    """

    model_context: int = 131_072
    knows_shift: bool = True
    counts: bool = True
    contexts: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    shown: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        if request.path.endswith("/api/show"):
            self.shown += 1
            info = {"general.architecture": "llama", "llama.context_length": self.model_context}
            return web.json_response({"capabilities": ["completion"], "model_info": info})
        if request.path.endswith("/v1/models"):
            return web.json_response({"object": "list", "data": [{"id": "llama3.2:latest"}]})
        body = await request.json()
        self.bodies.append(body)
        if request.path.endswith("/v1/chat/completions"):
            return self._by_openai(body)
        return self._own(body) if request.path.endswith("/api/chat") else web.Response(status=404)

    def _own(self, body: dict[str, Any]) -> web.StreamResponse:
        context = min(body.get("options", {}).get("num_ctx", 4_096), self.model_context)
        self.contexts.append(context)
        tokens = _tokens(body)
        if tokens > context and self.knows_shift and body.get("shift") is False:
            return web.json_response({"error": f"{_TOO_LONG} ({tokens} > {context})"}, status=400)
        told = {"prompt_eval_count": _read(tokens, context)} if self.counts else {}
        message = {"role": "assistant", "content": _answer(body)}
        return web.json_response(
            {
                "model": body["model"],
                "created_at": "2026-11-30T12:00:00Z",
                "message": message,
                "done": True,
                "done_reason": "stop",
                "eval_count": 3,
                **told,
            }
        )

    def _by_openai(self, body: dict[str, Any]) -> web.StreamResponse:
        usage = {"prompt_tokens": _read(_tokens(body), 4_096), "completion_tokens": 3}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "fine"}}
        return web.json_response({"model": body["model"], "choices": [choice], "usage": usage})


def _tokens(body: dict[str, Any]) -> int:
    return sum(len(str(message["content"])) for message in body["messages"]) // 4


def _read(tokens: int, context: int) -> int:
    return tokens if tokens <= context else context // 2 + 2


def _answer(body: dict[str, Any]) -> str:
    return '{"kind": "letter"}' if body.get("format") else "fine"
