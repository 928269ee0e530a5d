"""What the `extra` members of a connection may not say: what docstage sets, and what changes prices unseen.

A budget holds only while every call is the one that was reserved for: its model, one answer, its output
limit, and nothing that a provider does and bills besides. Each of these has its place in docstage, or none.
Names are compared without case, `_` and `-`, so that `maxOutputTokens` is `max_output_tokens`, and are looked
for at any depth, as providers nest settings: `extra_body`, `options`, `generationConfig`.

Sources: the references of the chat APIs of OpenAI, Anthropic, Google, Amazon Bedrock, Mistral, Groq,
OpenRouter, xAI, Perplexity, Ollama, vLLM, llama.cpp and text-generation-inference; `speed` and
`inference_geo` are priced by Anthropic, `performanceConfig` by Amazon Bedrock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from docstage.domain.errors import InvalidInput
from docstage.domain.json_values import JsonValue

_OUTPUT = "it is the connection's output limit: set max_output_tokens instead"
_MODEL = "it decides which model answers: set the connection's model, or add a connection for each model"
_ANSWERS = "one answer is used, and each would be billed: leave it out"
_CONTENT = "docstage sends the document and the prompt: write what you want to say into the prompt"
_SERVICES = "the provider would do and bill something besides the answer: leave it out"
_PRICE = "it changes what calls cost in a way that docstage does not know: leave it out"
_STREAM = "docstage reads whole answers: leave it out"
_SAMPLING = "set the connection's temperature instead"

_FORBIDDEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        _OUTPUT,
        (
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "max_new_tokens",
            "max_generated_tokens",
            "max_gen_len",
            "max_gen_length",
            "max_length",
            "max_token_count",
            "max_tokens_to_sample",
            "num_predict",
            "n_predict",
        ),
    ),
    (
        _MODEL,
        (
            "model",
            "models",
            "model_id",
            "model_name",
            "route",
            "fallback",
            "fallbacks",
            "fallback_models",
            "context_window_fallback_dict",
            "deployment",
            "deployment_id",
            "engine",
        ),
    ),
    (
        _ANSWERS,
        (
            "n",
            "best_of",
            "n_choices",
            "num_choices",
            "num_completions",
            "num_generations",
            "num_return_sequences",
            "num_results",
            "candidate_count",
            "num_beams",
            "n_cmpl",
        ),
    ),
    (
        _CONTENT,
        (
            "messages",
            "prompt",
            "input",
            "inputs",
            "contents",
            "system",
            "system_instruction",
            "instructions",
            "documents",
            "files",
            "attachments",
            "suffix",
            "previous_response_id",
            "conversation",
            "template",
        ),
    ),
    (_STREAM, ("stream", "stream_options", "background")),
    (
        _SERVICES,
        (
            "tools",
            "tool_choice",
            "tool_config",
            "functions",
            "function_call",
            "plugins",
            "web_search",
            "web_search_options",
            "web_search_preview",
            "search_parameters",
            "enable_search",
            "search_options",
            "citations",
            "grounding",
            "connectors",
            "mcp_servers",
            "container",
            "code_execution",
            "code_interpreter",
            "computer_use",
            "compound_custom",
            "data_sources",
            "prediction",
            "modalities",
            "response_modalities",
            "audio",
            "speech_config",
            "image_config",
            "guardrails",
            "guardrail_config",
        ),
    ),
    (
        _PRICE,
        (
            "cache_control",
            "cache_point",
            "cached_content",
            "prompt_cache_retention",
            "prompt_cache_options",
            "speed",
            "inference_geo",
            "performance_config",
            "processing",
            "batch",
        ),
    ),
    (_SAMPLING, ("temperature",)),
)
# Below these stands what servers check answers by, or hand on unread, or how much of the limit thoughts take.
_FREE = (
    "reasoning",
    "thinking",
    "thinking_config",
    "response_format",
    "metadata",
    "logit_bias",
    "chat_template_kwargs",
    "json_schema",
    "guided_json",
)
_FREE_TOO = (
    "grammar",
    "format",
    "structured_outputs",
    "response_schema",
    "response_json_schema",
    "labels",
    "schema",
)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


_WHY = {_plain(name): why for why, names in _FORBIDDEN for name in names}
_UNREAD = frozenset(map(_plain, (*_FREE, *_FREE_TOO)))
_TIER = _plain("service_tier")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A member of `extra` that may not be there.

    Attributes:
        path: its name, with those it stands below, such as `options.num_predict`.
        why: why not, and what to do.
    """

    path: str
    why: str

    def __str__(self) -> str:
        return f"`extra` may not set {self.path}: {self.why}."


def contradictions(extra: Mapping[str, JsonValue]) -> list[Contradiction]:
    """The members that may not be there, in their order."""
    return list(_found(extra, ""))


def check_extra(extra: Mapping[str, JsonValue], name: str) -> None:
    """See that a connection's `extra` contradicts nothing.

    Args:
        name: the connection's.

    Raises:
        InvalidInput: it does; each member is named, with what to do.
    """
    if found := contradictions(extra):
        raise InvalidInput(f"{name}: {' '.join(map(str, found))}", members=[one.path for one in found])


def sendable(extra: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The members without those that may not be there, which never leave."""
    return {name: _sendable(value, name) for name, value in extra.items() if _plain(name) not in _WHY}


def service_tier(extra: Mapping[str, JsonValue]) -> str | None:
    """The service tier that is asked for, in the provider's word; None where none is.

    Bedrock has it in an object: `serviceTier: {"type": "flex"}`.
    """
    for name, value in extra.items():
        if _plain(name) == _TIER:
            told = value.get("type") if isinstance(value, Mapping) else value
            return None if told is None else str(told).casefold()
        if isinstance(value, Mapping) and _plain(name) not in _UNREAD and (below := service_tier(value)):
            return below
    return None


def _found(value: JsonValue, above: str) -> Iterator[Contradiction]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            path = f"{above}.{name}" if above else name
            if why := _WHY.get(_plain(name)):
                yield Contradiction(path, why)
            elif _plain(name) not in _UNREAD:
                yield from _found(below, path)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _found(one, above)


def _sendable(value: JsonValue, name: str) -> JsonValue:
    if _plain(name) in _UNREAD:
        return value
    if isinstance(value, Mapping):
        return sendable(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_sendable(one, name) for one in value]
    return value
