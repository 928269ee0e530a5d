"""Answers in the shapes and streams that servers send, as their references and public reports show them."""

import json
from typing import Any

import pytest
from tests.models.judging import ASKING, FREE, failed, judged
from tests.models.stub import completion

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage

VALUE = '{"total": 3}'


def _message(**members: Any) -> dict[str, Any]:
    return completion(message={"role": "assistant", "content": None, **members})


SHAPES: list[Any] = [
    completion(VALUE),
    _message(content=[{"type": "text", "text": VALUE}]),
    _message(content=[{"type": "output_text", "text": '{"total":'}, {"type": "output_text", "text": " 3}"}]),
    _message(content={"type": "text", "text": VALUE}),
    _message(content={"total": 3}),  # the value itself
    _message(parsed={"total": 3}),
    _message(
        tool_calls=[{"id": "1", "type": "function", "function": {"name": "answer", "arguments": VALUE}}]
    ),
    _message(tool_calls=[{"function": {"name": "answer", "arguments": {"total": 3}}}]),  # Ollama
    _message(content="", function_call={"name": "answer", "arguments": VALUE}),
    _message(content=[{"type": "tool_use", "id": "1", "name": "answer", "input": {"total": 3}}]),
    _message(content="I use the tool.", tool_calls=[{"function": {"name": "answer", "arguments": VALUE}}]),
    completion(None, finish_reason="tool_calls")
    | {
        "choices": [
            {"finish_reason": "tool_calls", "message": {"tool_calls": [{"function": {"arguments": VALUE}}]}}
        ]
    },
    {"choices": [{"text": VALUE, "finish_reason": "stop"}], "model": "m"},  # OpenAI's older completions
    {  # OpenAI's responses
        "object": "response",
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "message", "content": [{"type": "output_text", "text": VALUE, "annotations": []}]},
        ],
    },
    {"status": "completed", "output": [{"type": "function_call", "name": "answer", "arguments": VALUE}]},
    {"type": "message", "content": [{"type": "text", "text": VALUE}], "stop_reason": "end_turn"},  # Anthropic
    {"content": [{"type": "tool_use", "name": "answer", "input": {"total": 3}}], "stop_reason": "tool_use"},
    {"candidates": [{"content": {"parts": [{"text": VALUE}]}, "finishReason": "STOP"}]},  # Google
    {
        "candidates": [
            {
                "content": {"parts": [{"functionCall": {"name": "answer", "args": {"total": 3}}}]},
                "finishReason": "STOP",
            }
        ]
    },
    {"message": {"content": VALUE}, "done": True, "done_reason": "stop"},  # Ollama
    {"response": VALUE, "done": True, "done_reason": "stop"},
    {"message": {"content": [{"type": "text", "text": VALUE}]}, "finish_reason": "COMPLETE"},  # Cohere
]


@pytest.mark.parametrize("body", SHAPES)
def test_an_answer_is_found_in_every_shape(body: Any) -> None:
    """Where the chat API has it, and where others do."""
    assert judged(body, ASKING).value == {"total": 3}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []},
            "cut_off",
        ),
        ({"status": "failed", "error": {"message": "no"}, "output": []}, "overloaded"),
        ({"content": [{"type": "text", "text": VALUE}], "stop_reason": "max_tokens"}, "cut_off"),
        ({"candidates": [{"content": {"parts": [{"text": VALUE}]}, "finishReason": "SAFETY"}]}, "refusal"),
        ({"promptFeedback": {"blockReason": "OTHER"}}, "refusal"),
        ({"message": {"content": VALUE}, "done": True, "done_reason": "length"}, "cut_off"),
        ({"message": {"content": VALUE}, "done": False}, "cut_off"),
        ({"message": {"content": VALUE}, "done": True}, "bad_answer"),
        (_message(content=[{"type": "refusal", "refusal": "I cannot."}]), "refusal"),
    ],
)
def test_bad_endings_are_found_in_every_shape(body: Any, kind: str) -> None:
    """Under the names that each has for them."""
    assert failed(body, ASKING).kind == FailureKind(kind)


def test_a_tool_is_no_answer_in_words() -> None:
    """Where no schema is asked for; what it was called with is kept."""
    body = _message(tool_calls=[{"function": {"name": "search", "arguments": '{"q": "x"}'}}])
    failure = failed(body)
    assert failure.kind is FailureKind.BAD_ANSWER
    assert "called a tool" in failure.message
    assert failure.written.text == '{"q": "x"}'


def test_an_object_with_a_text_may_be_the_value() -> None:
    """A content of one object is read as a part, and as what was asked for."""
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    asking = type(ASKING)(ASKING.content, "What?", schema=schema)
    assert judged(_message(content={"text": "Acme"}), asking).value == {"text": "Acme"}
    assert judged(_message(content={"text": "Acme"}), FREE).text == "Acme"


# Streams


def _chunk(delta: dict[str, Any], reason: str | None = None, **members: Any) -> dict[str, Any]:
    return {"model": "served", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **members}


USAGE = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}


def _events(*pieces: Any, newline: str = "\n") -> bytes:
    lines = [one if isinstance(one, str) else f"data: {json.dumps(one)}" for one in pieces]
    return "".join(f"{line}{newline}{newline}" for line in lines).encode()


WHOLE_STREAMS = [
    _events(
        _chunk({"content": '{"total"'}),
        _chunk({"content": ": 3}"}),
        _chunk({}, "stop"),
        USAGE,
        "data: [DONE]",
    ),
    _events(": OPENROUTER PROCESSING", _chunk({"content": VALUE}), _chunk({}, "stop"), USAGE),
    _events(_chunk({"content": VALUE}, "stop"), USAGE, "data: [DONE]", newline="\r\n"),
    _events(
        "event: completion",
        _chunk({"tool_calls": [{"index": 0, "function": {"name": "answer", "arguments": '{"tot'}}]}),
        _chunk({"tool_calls": [{"index": 0, "function": {"arguments": 'al": 3}'}}]}),
        _chunk({}, "tool_calls"),
        USAGE,
    ),
    _events(
        _chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}),
        _chunk({"content": VALUE}),
        _chunk({"content": ""}, "stop"),
        USAGE,
    ),
    _events({"choices": [{"text": VALUE, "finish_reason": "stop"}]}, USAGE),
    _events({"type": "response.completed", "response": {"status": "completed", "output": [{"text": VALUE}]}}),
    b": keep-alive\n\n: keep-alive\n\n" + json.dumps(completion(VALUE)).encode(),
    b"\xef\xbb\xbf" + json.dumps(completion(VALUE), indent=1).encode(),
    _events(completion(VALUE)),
    b"\n".join(
        json.dumps(one).encode()
        for one in (
            {"model": "m", "message": {"content": '{"total"'}, "done": False},
            {"model": "m", "message": {"content": ": 3}"}, "done": False},
            {
                "message": {"content": ""},
                "done": True,
                "done_reason": "stop",
                "prompt_eval_count": 9,
                "eval_count": 4,
            },
        )
    ),
]


@pytest.mark.parametrize("body", WHOLE_STREAMS)
def test_answers_that_come_as_streams_are_read(body: bytes) -> None:
    """Server-sent events, lines of JSON, and comments above one answer."""
    assert judged(body, ASKING).value == {"total": 3}


def test_a_stream_tells_tokens_and_thoughts() -> None:
    """The last pieces have them."""
    body = _events(
        _chunk({"reasoning_content": "H"}),
        _chunk({"reasoning_content": "m."}),
        _chunk({"content": "fine"}, "stop"),
        USAGE,
    )
    reply = judged(body)
    assert (reply.text, reply.thoughts, reply.usage) == ("fine", "Hm.", Usage(9, 0, 4))
    assert (reply.served.model, reply.served.finish_reason) == ("served", "stop")


@pytest.mark.parametrize(
    "body",
    [
        _events(_chunk({"content": VALUE}), _chunk({"content": " and"})),
        _events(_chunk({"content": VALUE}), "data: [DONE]"),
        _events(_chunk({"content": VALUE}), 'data: {"choices": [{"del'),
        b'{"message": {"content": "{\\"total\\": 3}"}, "done": false}\n{"message": {}, "done": false}',
    ],
)
def test_a_stream_without_its_end_is_cut_off(body: bytes) -> None:
    """Though what has come would do; it is kept."""
    failure = failed(body, ASKING)
    assert failure.kind is FailureKind.CUT_OFF
    assert (failure.written.text or "").startswith(VALUE)
    assert failure.may_be_billed


def test_an_error_amid_a_stream_is_told() -> None:
    """With what was written before it."""
    wrong = {"error": {"code": 502, "message": "Provider disconnected"}, **_chunk({"content": ""}, "error")}
    failure = failed(_events(_chunk({"content": "The tot"}), wrong))
    assert failure.kind is FailureKind.OVERLOADED
    assert "Provider disconnected" in failure.message
    assert failure.written.text == "The tot"
    assert failure.may_be_billed


@pytest.mark.parametrize("body", [b"<html>", b"{]\n{]", b"data: \n\n", b"data: [DONE]\n\n", b"[]", b'"x"'])
def test_what_is_no_answer_says_so(body: bytes) -> None:
    """Nothing is made up of it."""
    assert failed(body).kind is FailureKind.BAD_ANSWER
