"""Answers that come as a stream though none was asked for: server-sent events, or lines of JSON.

The pieces are joined to the answer that they would be as a whole. A stream without its end is no whole one.
"""

import json
import re
from collections import defaultdict
from typing import Any

#: Stands for how the answer ended, where the stream stopped before it said so.
STOPPED = "stream stopped"
_LINES = re.compile(r"\r\n|\n|\r")
_TOLD = ("finish_reason", "native_finish_reason", "error")
Piece = dict[str, Any]


def read_stream(body: bytes) -> Piece | None:
    """The answer that the pieces of a stream make, None where the body is no stream.

    Lines that begin with a colon are comments, by which gateways keep a connection open; one whole answer may
    stand below them.
    """
    lines = [line for line in _LINES.split(body.decode("utf-8", "replace").lstrip("\ufeff")) if line.strip()]
    lines = [line for line in lines if not line.startswith(":")]
    events = [line[5:].strip() for line in lines if line.startswith("data:")]
    if events:
        return _joined(_pieces(events))
    whole = _object("\n".join(lines))
    if whole is not None:
        return whole
    return _joined(_pieces(lines)) if lines and _object(lines[0]) is not None else None


def _pieces(lines: list[str]) -> list[Piece]:
    """The pieces up to the first that cannot be read."""
    pieces: list[Piece] = []
    for line in lines:
        piece = _object(line)
        if piece is not None:
            pieces.append(piece)
        elif line != "[DONE]":
            break
    return pieces


def _object(text: str) -> Piece | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _joined(pieces: list[Piece]) -> Piece | None:
    for piece in reversed(pieces):  # of OpenAI's responses API: the last event has all of it
        if isinstance(piece.get("response"), dict) and "output" in piece["response"]:
            return dict(piece["response"])
    if not pieces:
        return None
    return _ollama(pieces) if "done" in pieces[0] else _chat(pieces)


def _ollama(pieces: list[Piece]) -> Piece:
    """Ollama's pieces: the last has the counts and how the answer ended."""
    message = _Message()
    for piece in pieces:
        message.add(piece.get("message") or {"content": piece.get("response")})
    ended = pieces[-1] if pieces[-1].get("done") else {"done_reason": STOPPED}
    return {**pieces[0], **ended, "message": message.whole()}


def _chat(pieces: list[Piece]) -> Piece:
    """Chunks of the chat API, of which the first choice is taken."""
    whole: Piece = {}
    told: Piece = {}
    message = _Message()
    for piece in pieces:
        whole |= {name: value for name, value in piece.items() if name != "choices" and value is not None}
        for choice in _objects(piece.get("choices")):
            if choice.get("index") in (0, None):
                message.add(choice.get("delta") or choice.get("message") or {"content": choice.get("text")})
                told |= {name: choice[name] for name in _TOLD if choice.get(name)}
    told.setdefault("finish_reason", STOPPED)
    return whole | {"choices": [{**told, "message": message.whole()}]}


class _Message:
    """A message that comes in pieces: texts are joined, calls of tools are put together by their index."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Any]] = defaultdict(list)
        self._calls: dict[Any, list[Piece]] = defaultdict(list)

    def add(self, delta: Any) -> None:
        """Add a piece."""
        if not isinstance(delta, dict):
            return
        for call in _objects(delta.get("tool_calls")):
            self._calls[call.get("index", len(self._calls))].append(call.get("function") or {})
        if isinstance(delta.get("function_call"), dict):
            self._calls["function_call"].append(delta["function_call"])
        for name, value in delta.items():
            if name not in ("tool_calls", "function_call") and value is not None:
                self._parts[name] += value if isinstance(value, list) else [value]

    def whole(self) -> Piece:
        """The message that the pieces make."""
        message = {name: _whole(parts) for name, parts in self._parts.items()}
        return message | {"tool_calls": [{"function": _called(pieces)} for pieces in self._calls.values()]}


def _whole(parts: list[Any]) -> Any:
    """One text where all are texts, else all in a list, texts as parts of a message."""
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts]


def _called(pieces: list[Piece]) -> Piece:
    told = [piece["arguments"] for piece in pieces if piece.get("arguments") is not None]
    return {"arguments": "".join(told) if all(isinstance(one, str) for one in told) else told[-1]}


def _objects(value: Any) -> list[Piece]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
