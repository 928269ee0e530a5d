"""What an answer's body says, whichever API it follows.

Servers are asked by the OpenAI chat API. Some answer in the shape of another, as gateways pass them on: of
OpenAI's older completions and its responses, of Anthropic, Google, Cohere or Ollama.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from docstage.models.usage_shapes import usage_of_anthropic, usage_of_google, usage_of_responses

_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
_ARGUMENTS = ("arguments", "input", "args", "parameters")
_OF_PARTS = ("text", "content", "parts", "summary", "thinking", "reasoning")


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer's body says.

    Attributes:
        ending: the server's word for how the answer ended.
        native: a gateway's word of the provider behind it.
        refusal: the words with which the model declined.
        thoughts: what the server itself keeps apart from the answer.
        arguments: with which the model called tools, each as JSON.
        usage: the tokens as the chat API would tell them.
        error: what went wrong while it was answered.
    """

    text: str = ""
    ending: str | None = None
    native: str | None = None
    refusal: str | None = None
    thoughts: str = ""
    arguments: tuple[str, ...] = ()
    model: str | None = None
    usage: Any = None
    error: Any = None


def read_shape(data: Mapping[str, Any]) -> Said | None:
    """What an answer's body says, None where it is no answer of any known shape."""
    return next((said for read in _SHAPES if (said := read(data)) is not None), None)


def _chat(data: Mapping[str, Any]) -> Said | None:
    choices = data.get("choices")
    listed = [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
    if not listed:
        return None
    choice = next((one for one in listed if one.get("index") == 0), listed[0])
    message = choice.get("message") or choice.get("delta") or {"content": choice.get("text")}
    if not isinstance(message, dict) or not ({"message", "delta", "text"} & choice.keys()):
        return None
    said = _Parts()
    said.message(message)
    return said.said(
        ending=_ending_of(choice),
        native=choice.get("native_finish_reason"),
        refusal=message.get("refusal"),
        model=data.get("model"),
        usage=data.get("usage"),
        error=choice.get("error") or data.get("error"),
    )


def _ending_of(choice: Mapping[str, Any]) -> Any:
    """Also where OpenAI's models with vision had it first, or where Anthropic has it."""
    details = choice.get("finish_details")
    if "finish_reason" not in choice and isinstance(details, dict):
        return details.get("type")
    return choice.get("finish_reason", choice.get("stop_reason"))


def _ollama_or_cohere(data: Mapping[str, Any]) -> Said | None:
    message = data.get("message")
    if message is None and "done" in data:
        message = {"content": data.get("response")}
    if not isinstance(message, dict):
        return None
    said = _Parts()
    said.message(message)
    ended = data.get("done_reason") if data.get("done", True) else "not finished"
    counts = {"prompt_tokens": data.get("prompt_eval_count"), "completion_tokens": data.get("eval_count")}
    return said.said(
        ending=data.get("finish_reason", ended),
        model=data.get("model"),
        usage=data.get("usage") or counts,
        error=data.get("error"),
    )


def _responses(data: Mapping[str, Any]) -> Said | None:
    if not isinstance(data.get("output"), list):
        return None
    said = _Parts()
    said.add(data["output"])
    incomplete = data.get("incomplete_details")
    reason = incomplete.get("reason") if isinstance(incomplete, dict) else None
    return said.said(
        ending=reason or data.get("status"),
        model=data.get("model"),
        usage=usage_of_responses(data.get("usage")),
        error=data.get("error"),
    )


def _anthropic(data: Mapping[str, Any]) -> Said | None:
    if not isinstance(data.get("content"), list) or "stop_reason" not in data:
        return None
    said = _Parts()
    said.add(data["content"])
    usage = usage_of_anthropic(data.get("usage"))
    return said.said(ending=data["stop_reason"], model=data.get("model"), usage=usage)


def _google(data: Mapping[str, Any]) -> Said | None:
    feedback = data.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        return Said(ending="SAFETY", refusal=f"The prompt was blocked ({feedback['blockReason']}).")
    candidates = data.get("candidates")
    candidate = candidates[0] if isinstance(candidates, list) and candidates else None
    if not isinstance(candidate, dict):
        return None
    said = _Parts()
    said.add(candidate.get("content"))
    usage = usage_of_google(data.get("usageMetadata"))
    return said.said(ending=candidate.get("finishReason"), model=data.get("modelVersion"), usage=usage)


_SHAPES: tuple[Callable[[Mapping[str, Any]], Said | None], ...] = (
    _chat,
    _responses,
    _anthropic,
    _google,
    _ollama_or_cohere,
)


@dataclass(slots=True)
class _Parts:
    """The parts of a message, sorted into text, thoughts, refusals and arguments of tools."""

    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)

    def said(self, **told: Any) -> Said:
        """All of it, with what else is told."""
        words = {name: told.pop(name, None) for name in ("ending", "native", "model", "refusal")}
        known: dict[str, Any] = {name: word for name, word in words.items() if isinstance(word, str) and word}
        own = Said(
            "".join(self.texts),
            refusal="".join(self.refusals) or None,
            thoughts="\n\n".join(filter(None, (thought.strip() for thought in self.thoughts))),
            arguments=tuple(self.arguments),
        )
        return replace(own, **known, **told)

    def message(self, message: Mapping[str, Any]) -> None:
        """Sort in a message of the chat API, with what servers put beside its content."""
        self.content(message.get("content"))
        if not any(self.texts) and message.get("parsed") is not None:
            self.texts.append(_json(message["parsed"]))
        self._think(next((message[name] for name in _THOUGHTS if message.get(name)), None))
        if not self.thoughts:
            self._think(message.get("reasoning_details") or message.get("thinking_blocks"))
        calls = message.get("tool_calls")
        for call in [*(calls if isinstance(calls, list) else ()), message.get("function_call")]:
            self._call(call)

    def content(self, content: Any) -> None:
        """Sort in a message's content: a text, parts of known kinds, or the answer's value itself."""
        if content is None or isinstance(content, str):
            self.texts.append(content or "")
        elif _is_in_parts(content):
            self.add(content)
            if isinstance(content, dict) and not self.thoughts:  # it may be the value all the same
                self.arguments.append(_json(content))
        else:
            self.texts.append(_json(content))

    def add(self, part: Any) -> None:
        """Sort in a part, or a list of parts."""
        if isinstance(part, str):
            self.texts.append(part)
        elif isinstance(part, list):
            for one in part:
                self.add(one)
        elif isinstance(part, dict):
            self._sort(part, str(part.get("type", "")))

    def _sort(self, part: Mapping[str, Any], kind: str) -> None:
        if part.get("thought") is True or "think" in kind or "reasoning" in kind:
            self._think(part)
        elif kind == "refusal":
            self.refusals.append(str(part.get("refusal") or ""))
        elif kind in ("tool_use", "function_call", "tool_call") or "functionCall" in part:
            self._call(part.get("functionCall") or part)
        else:
            self.add(next((part[name] for name in ("text", "content", "parts") if part.get(name)), None))

    def _think(self, thought: Any) -> None:
        """Sort in thoughts of any shape; those that are encrypted have none that can be read."""
        if isinstance(thought, str):
            self.thoughts.append(thought)
        elif isinstance(thought, list):
            for one in thought:
                self._think(one)
        elif isinstance(thought, dict):
            self._think(next((thought[name] for name in _OF_PARTS if thought.get(name)), None))

    def _call(self, call: Any) -> None:
        if not isinstance(call, dict):
            return
        function = call.get("function")
        told = function if isinstance(function, dict) else call
        found = next((told[name] for name in _ARGUMENTS if name in told), None)
        if found is not None:
            self.arguments.append(found if isinstance(found, str) else _json(found))


def _is_in_parts(content: Any) -> bool:
    """Whether all of a content are parts of messages, not a value that happens to be a list or an object."""
    parts = [one for one in content if not isinstance(one, str)] if isinstance(content, list) else [content]
    return content == [] or (bool(parts) and all(isinstance(one, dict) and _is_part(one) for one in parts))


def _is_part(part: Mapping[str, Any]) -> bool:
    if isinstance(part.get("type"), str):
        return bool(part.keys() & {*_OF_PARTS, "refusal", "input", "data"})
    return part.keys() <= {"text", "parts", "role", "thought"}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
