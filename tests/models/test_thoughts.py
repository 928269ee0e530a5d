"""Thoughts are taken off answers and kept apart, in whatever way servers tell them."""

from typing import Any

import pytest
from tests.models.judging import ASKING, failed, judged
from tests.models.stub import completion

from docstage.domain.tasks import FailureKind
from docstage.models.thoughts import split_thoughts

IN_TEXT = [
    "<think>Hm.</think>fine",
    "<think>\nHm.\n</think>\n\nfine",
    "  <THINK>Hm.</THINK> fine",
    "Hm.\n</think>\n\nfine",  # DeepSeek and Qwen: the template has the opening mark
    "Hm.</think>fine",
    "<thinking>Hm.</thinking>\nfine",
    "<reasoning>Hm.</reasoning>\nfine",
    "<thought>Hm.</thought>fine",
    "[THINK]Hm.[/THINK]fine",  # Mistral
    "◁think▷Hm.◁/think▷fine",  # Kimi
    "<seed:think>Hm.</seed:think>fine",
    "<|begin_of_thought|>Hm.<|end_of_thought|><|begin_of_solution|>fine<|end_of_solution|>",
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>fine<|return|>",
    "Hm.<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>fine",
    "analysisHm.assistantfinalfine",
    "<think></think><think>Hm.</think>fine",
]


@pytest.mark.parametrize("text", IN_TEXT)
def test_thoughts_in_the_text(text: str) -> None:
    """By the marks of models' templates."""
    assert split_thoughts(text) == ("fine", "Hm.")


def test_every_script_keeps_its_place() -> None:
    """Small letters may be longer than the capital ones that they come from."""
    assert split_thoughts("<THINK>İİİ</THINK>İstanbul") == ("İstanbul", "İİİ")
    assert split_thoughts("İ\n<think>İ</think>İyi") == ("İ\nİyi", "İ")


def test_thoughts_amid_an_answer() -> None:
    """Where they begin a line and come to an end."""
    assert split_thoughts("Well.\n<think>Hm.</think>\nfine") == ("Well.\nfine", "Hm.")
    assert split_thoughts("<think>A</think>Well.\n<think>B</think>\nfine") == ("Well.\nfine", "A\n\nB")
    assert split_thoughts("Well.\n<think>Hm.") == ("Well.\n<think>Hm.", "")


@pytest.mark.parametrize(
    "text",
    [
        "fine",
        "The tag `</think>` ends a thought.",
        'It says "</think>" there.',
        "<doc><thinking>Hm.</thinking></doc>",
        "The <think>tag</think> is amid the text.",
        "analysis of the assistant",
        "",
    ],
)
def test_what_is_no_thought_stays(text: str) -> None:
    """Marks that are quoted, or stand amid an answer."""
    assert split_thoughts(text) == (text, "")


def test_marks_within_json_are_part_of_it() -> None:
    """A whole JSON value is the answer, whatever it quotes."""
    schema = {"type": "object", "properties": {"total": {"type": "string"}}}
    text = '{"total": "a</think>b"}'
    reply = judged(completion(text), type(ASKING)(ASKING.content, "What?", schema=schema))
    assert (reply.value, reply.thoughts) == ({"total": "a</think>b"}, None)


@pytest.mark.parametrize(
    "message",
    [
        {"content": "fine", "reasoning_content": "Hm."},  # DeepSeek, vLLM, llama.cpp, SGLang, xAI
        {"content": "fine", "reasoning": "Hm."},  # OpenRouter, Groq, Ollama, vLLM
        {
            "content": "fine",
            "reasoning": "Hm.",
            "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}],
        },
        {"content": "fine", "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm."}]},
        {"content": "fine", "thinking_blocks": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]},
        {
            "content": [  # Mistral
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                {"type": "text", "text": "fine"},
            ]
        },
        {"content": [{"type": "reasoning", "text": "Hm."}, {"type": "output_text", "text": "fine"}]},
        {"content": [{"thought": True, "text": "Hm."}, {"text": "fine"}], "role": "assistant"},
        {"content": "<think>Hm.</think>fine"},
    ],
)
def test_thoughts_beside_the_text(message: dict[str, Any]) -> None:
    """In the members in which servers keep them."""
    reply = judged(completion(message=message))
    assert (reply.text, reply.thoughts) == ("fine", "Hm.")


def test_thoughts_that_cannot_be_read_are_none() -> None:
    """Encrypted ones."""
    message = {"content": "fine", "reasoning_details": [{"type": "reasoning.encrypted", "data": "x0x0"}]}
    reply = judged(completion(message=message))
    assert (reply.text, reply.thoughts) == ("fine", None)


@pytest.mark.parametrize(
    "message",
    [
        {"content": "<think>Hm. The total is 3."},
        {"content": '<think>Hm. {"total": 3}</think>'},
        {"content": None, "reasoning_content": '{"total": 3}'},
        {"content": "<|channel|>analysis<|message|>Hm."},
    ],
)
def test_only_thoughts_are_no_answer(message: dict[str, Any]) -> None:
    """Even if they hold what was asked for."""
    failure = failed(completion(message=message), ASKING)
    assert failure.kind is FailureKind.BAD_ANSWER
    assert "only thoughts" in failure.message
    assert failure.written.thoughts


def test_many_marks_take_no_time() -> None:
    """An answer made of marks is read once, not once for each of them."""
    answer, _ = split_thoughts("<think></think>" * 50_000)
    assert answer.startswith("<think>")
