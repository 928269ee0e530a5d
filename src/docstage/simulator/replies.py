"""Answers of the simulated provider, whole and as streams."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docstage.simulator.kinds import CostReport, Fault, Thoughts

FINGERPRINT = "docstage-simulator-no-language-model"
ABOUT = (
    "This is the docstage simulator. It speaks the OpenAI chat API, but it is no language model: "
    "it answers by rules, with quotations from the document. See /v1/models.\n"
)
#: A finish reason that stands for none: the member is left out.
MISSING = "missing"
STREAMED_CHARACTERS = 32
_IMPOSSIBLE = 999_999_999_999


@dataclass(frozen=True, slots=True)
class Counts:
    """The tokens of a call as its provider counts them.

    Attributes:
        input: all input tokens.
        cached: those of the input that were read from the cache.
        written: those of the input that were written to the cache; None where that is not told.
        output: all that was generated, thoughts included.
        reasoning: those of the output that were thoughts; None where that is not told.
    """

    input: int
    cached: int = 0
    written: int | None = None
    output: int = 0
    reasoning: int | None = None

    def usage(self, told: frozenset[Fault]) -> dict[str, Any]:
        """The member `usage`, true or not."""
        if Fault.ZERO_USAGE in told:
            return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        read = _IMPOSSIBLE if Fault.IMPOSSIBLE_USAGE in told else self.input
        details = {"cached_tokens": self.cached}
        if self.written is not None:
            details["cache_write_tokens"] = self.written
        usage: dict[str, Any] = {
            "prompt_tokens": read,
            "completion_tokens": self.output,
            "total_tokens": read + self.output,
            "prompt_tokens_details": details,
        }
        if self.reasoning is not None:
            usage["completion_tokens_details"] = {"reasoning_tokens": self.reasoning}
        return usage


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer.

    Attributes:
        key: names the call.
        model: which model is said to answer.
        text: the answer; empty for a refusal.
        counts: its tokens.
        finish_reason: why it ended, in any word; `MISSING` leaves the member out.
        refusal: why it will not answer, or None.
        thoughts: how the thinking is told.
        thought: what was thought, as far as it is told.
        told: what else is told otherwise than usual.
        cost: USD.
        cost_in: where that is said.
        tier: the service tier that is said to have answered, or None.
        failed: what the list of choices shows in place of an answer: nothing, or an error.
    """

    key: str
    model: str
    text: str
    counts: Counts
    finish_reason: str | None = "stop"
    refusal: str | None = None
    thoughts: Thoughts = Thoughts.NONE
    thought: str = ""
    told: frozenset[Fault] = frozenset()
    cost: float = 0.0
    cost_in: CostReport = CostReport.NONE
    tier: str | None = None
    failed: Fault | None = None

    def body(self) -> bytes:
        """The answer as JSON."""
        choice = {"index": 0, "message": {"role": "assistant", **self.message()}, **self._ending()}
        if self.failed is Fault.ERROR_IN_CHOICE:
            choice |= {"finish_reason": "error", "error": {"code": 502, "message": "Upstream error"}}
        choices = [] if self.failed is Fault.NO_CHOICES else [choice]
        return json.dumps(self._frame("chat.completion", choices) | self._usage()).encode()

    def message(self) -> dict[str, Any]:
        """The members of the answer's message."""
        if self.refusal is not None:
            return {"content": None, "refusal": self.refusal}
        text = self._with_tags()
        if Fault.ANSWER_IN_THOUGHTS in self.told:
            return {"content": None, "reasoning_content": text}
        if Fault.TOOL_CALL in self.told:
            function = {"name": "answer", "arguments": text}
            message: dict[str, Any] = {
                "content": None,
                "tool_calls": [{"id": f"call_{self.key}", "type": "function", "function": function}],
            }
        else:
            message = {"content": [{"type": "text", "text": text}] if Fault.PARTS in self.told else text}
        if self.thought and self.thoughts in {Thoughts.REASONING_CONTENT, Thoughts.REASONING}:
            message[self.thoughts] = self.thought
        return message

    def events(self, include_usage: bool) -> Iterator[str]:
        """The answer as the data of server-sent events."""
        yield self._event({"role": "assistant", "content": ""})
        for delta in self._deltas():
            yield self._event(delta)
        yield self._event({}, self._ending())
        if include_usage and (usage := self._usage()):
            yield json.dumps(self._frame("chat.completion.chunk", []) | usage)
        yield "[DONE]"

    def _deltas(self) -> Iterator[dict[str, Any]]:
        message = self.message()
        for name in (Thoughts.REASONING_CONTENT, Thoughts.REASONING):
            for piece in _pieces(message.get(name, "")):
                yield {str(name): piece}
        if message.get("refusal"):
            yield {"refusal": message["refusal"]}
        for call in message.get("tool_calls", ()):
            for piece in _pieces(call["function"]["arguments"]):
                function = {"name": call["function"]["name"], "arguments": piece}
                yield {"tool_calls": [{"index": 0, "id": call["id"], "function": function}]}
        if message["content"] is not None:
            yield from ({"content": piece} for piece in _pieces(self._with_tags()))

    def _with_tags(self) -> str:
        """The answer with the thoughts that stand within it."""
        if not self.thought or self.thoughts not in {Thoughts.TAGS, Thoughts.CLOSING_TAG}:
            return self.text
        opened = "" if self.thoughts is Thoughts.CLOSING_TAG else "<think>\n"
        ended = f"\n</think>\n\n{self.text}" if self.text else ""  # cut off while it was still thinking
        return f"{opened}{self.thought}{ended}"

    def _ending(self) -> dict[str, str | None]:
        if self.finish_reason == MISSING:
            return {}
        is_call = Fault.TOOL_CALL in self.told and self.finish_reason == "stop"
        return {"finish_reason": "tool_calls" if is_call else self.finish_reason}

    def _event(self, delta: Mapping[str, Any], ending: Mapping[str, str | None] | None = None) -> str:
        choice = {"index": 0, "delta": delta, **({"finish_reason": None} if ending is None else ending)}
        return json.dumps(self._frame("chat.completion.chunk", [choice]))

    def _frame(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        frame = {
            "id": f"chatcmpl-{self.key}",
            "object": kind,
            "created": int(time.time()),
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "choices": choices,
        }
        return frame if self.tier is None else frame | {"service_tier": self.tier}

    def _usage(self) -> dict[str, Any]:
        if Fault.NO_USAGE in self.told:
            return {}
        usage = self.counts.usage(self.told)
        return {"usage": usage | {"cost": self.cost} if self.cost_in is CostReport.USAGE else usage}


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), STREAMED_CHARACTERS):
        yield text[start : start + STREAMED_CHARACTERS]
