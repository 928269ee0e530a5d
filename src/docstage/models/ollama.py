"""The client of Ollama's own API.

By its OpenAI API nobody can say how large a model's context shall be: Ollama gives it 4,096 tokens on most
machines, cuts what is longer, and answers from the rest (ollama/ollama, issues 17889 and 17427). By its own
API the context is part of each request, and `truncate` and `shift` say that nothing may be cut. Versions that
do not know these two cut all the same: what they counted tells (`asking/wholeness`).
"""

import base64
from collections.abc import Mapping
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.domain.token_counts import TokenCount, count_tokens
from docstage.models.addresses import join_url, parse_base_url, server_root
from docstage.models.catalogue import get_provider
from docstage.models.contexts import context_of_ollama, parse_json
from docstage.models.messages import SEPARATOR, document_prefix, prompt_text, turn_of_repair
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest
from docstage.models.reasoning import plan_reasoning, think_of_ollama
from docstage.models.schemas.dialects import Way
from docstage.models.schemas.fitting import Fitted
from docstage.models.wire import WireClient, encode_body

# A model is loaded anew whenever its context changes, so that it grows in few steps and never shrinks.
LEAST_CONTEXT = 4_096
# Of a text's expected tokens, and of what a template adds: a tokenizer may need more.
_SPARE, _OVERHEAD_TOKENS = 1.3, 256
_TOKENS_OF_IMAGE = 4_096
# Parameters of a model, which have a member of their own in its API (docs.ollama.com/modelfile).
_OPTIONS = frozenset(
    {"num_ctx", "num_keep", "seed", "top_k", "top_p", "min_p", "typical_p", "repeat_last_n", "repeat_penalty"}
    | {"presence_penalty", "frequency_penalty", "stop", "num_batch", "num_gpu", "num_thread", "use_mmap"}
)


class OllamaClient(WireClient):
    """Calls one model of an Ollama server by `/api/chat`. Must be used within one running event loop."""

    def __init__(self, config: ConnectionConfig) -> None:
        """Prepare the client; nothing is sent yet. The base URL may end in `/v1`, as that of its OpenAI API.

        Raises:
            InvalidInput: there is no usable base URL.
        """
        super().__init__(config)
        provider = get_provider(config.provider)
        root = server_root(parse_base_url(config.base_url or provider.default_base_url, provider.title))
        self._chat_url = join_url(root, "api/chat")
        self._models_url = join_url(root, "v1/models")
        self._show_url = join_url(root, "api/show")
        options = _given_options(self._extra)
        self._extra = {name: one for name, one in self._extra.items() if name not in _OPTIONS | {"options"}}
        plan = plan_reasoning(config)
        self._output = plan.limit(config)
        self._options = {**plan.sampling(config), **options, "num_predict": self._output}
        self._think = think_of_ollama(config)
        self._given: int | None = options.get("num_ctx")
        self._num_ctx = self._given or LEAST_CONTEXT
        self._most = self._given or config.context_tokens
        self._is_known = self._most is not None

    async def context_tokens(self) -> int | None:
        """What the model takes; see `ModelClient.context_tokens`. What the user gave comes first."""
        if self._given is not None:
            return self._given
        data = encode_body({"model": self._config.model})
        status, _, body = await self._exchange("POST", self._show_url, data)
        return context_of_ollama(parse_json(body)) if status == 200 else None

    async def _ask(self, request: ModelRequest, fitted: Fitted | None) -> ModelReply:
        self._grow(_needed(request, fitted) + self._output, await self._limit())
        while True:
            asked = self._num_ctx
            try:
                return await super()._ask(request, fitted)
            except ModelFailure as failure:
                # Nothing was generated: the prompt has more tokens than was expected.
                overflow = failure.kind is FailureKind.CONTEXT_OVERFLOW and self._given is None
                if not overflow or not self._grow(2 * asked, await self._limit()):
                    raise

    async def _limit(self) -> int | None:
        """The most that the model takes, asked for once."""
        if not self._is_known:
            self._is_known = True
            try:
                self._most = await self.context_tokens()
            except ModelFailure:  # the call itself tells better what is wrong
                self._is_known = False
        return self._most

    def _grow(self, needed: int, most: int | None) -> bool:
        """Let the context be as large as is needed, as far as the model takes it; tells whether it grew."""
        before = self._num_ctx
        while self._given is None and self._num_ctx < needed:
            self._num_ctx *= 2
        self._num_ctx = max(before, min(self._num_ctx, most or self._num_ctx))
        return self._num_ctx > before

    def _body(self, request: ModelRequest, fitted: Fitted | None) -> bytes:
        body: dict[str, Any] = {
            "model": self._config.model,
            "messages": _messages(request, fitted),
            "stream": False,
            "truncate": False,
            "shift": False,
            **self._extra,
            "options": {**self._options, "num_ctx": self._num_ctx},
        }
        if self._think is not None:
            body["think"] = self._think
        if fitted is not None and fitted.way is not Way.PROMPT:
            body["format"] = fitted.schema if fitted.way is Way.SCHEMA else "json"
        return encode_body(body)


def _given_options(extra: Mapping[str, Any]) -> dict[str, Any]:
    """The model's parameters among the extra members, by themselves or within `options`."""
    within = extra.get("options")
    by_name = {name: one for name, one in extra.items() if name in _OPTIONS}
    return {**(within if isinstance(within, Mapping) else {}), **by_name}


def _needed(request: ModelRequest, fitted: Fitted | None) -> int:
    """Tokens that the request will hardly exceed."""
    instructions = fitted.instructions if fitted else None
    repair = [turn["content"] for turn in turn_of_repair(request)]
    texts = (
        request.content.text,
        request.prompt,
        request.system,
        instructions,
        request.document_name,
        *repair,
    )
    counted = sum((count_tokens(text) for text in texts if text), TokenCount())
    pictures = _TOKENS_OF_IMAGE * len(request.content.images)
    return min(counted.most, int(_SPARE * counted.expected)) + pictures + _OVERHEAD_TOKENS


def _messages(request: ModelRequest, fitted: Fitted | None) -> list[dict[str, Any]]:
    """The system text if any, then one message of the user, whose pictures are apart from its text."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    prefix = document_prefix(request.content, request.document_name)
    prompt = prompt_text(request, fitted.instructions if fitted else None)
    asked: dict[str, Any] = {"role": "user", "content": prefix + SEPARATOR + prompt}
    if request.content.images:
        pictures = request.content.images
        asked["images"] = [base64.b64encode(picture.data).decode("ascii") for picture in pictures]
    return [*messages, asked, *turn_of_repair(request)]
