"""Reasoning as a setting: which models reason, what each provider is sent for it, and its room."""

import json
from typing import Any

import pytest
from tests.models import test_pydantic_ai_client as sdk
from tests.models import test_wire as wire
from tests.models.shapes import success
from tests.models.stub import Stub, completion

from docstage.domain.connection import CallSettings
from docstage.models.bare_names import bare_name
from docstage.models.bounds import OutputBounds
from docstage.models.diagnose import PROBE_OUTPUT_TOKENS, diagnose
from docstage.models.protocol import ConnectionConfig
from docstage.models.reasoning import output_limit, plan_reasoning, think_of_ollama
from docstage.models.reasoning_families import UNKNOWN, Habit, family_of

aws_credentials = sdk.aws_credentials


def settings(provider: str, model: str, reasoning: str | None = None, **more: Any) -> CallSettings:
    """Settings with an answer of 100 tokens."""
    return CallSettings(provider, model, reasoning=reasoning, max_output_tokens=100, **more)


@pytest.mark.parametrize(
    ("model", "habit"),
    [
        ("gpt-4o-mini", "never"),
        ("gpt-4.1", "never"),
        ("o1-mini", "always"),
        ("o3", "always"),
        ("openai/o4-mini-2025-04-16", "always"),
        ("gpt-5", "always"),
        ("gpt-5-mini", "always"),
        ("gpt-5-nano-2025-08-07", "always"),
        ("gpt-5-chat-latest", "never"),
        ("gpt-5.1", "on_request"),
        ("gpt-5.5", "by_default"),
        ("gpt-oss:20b", "always"),
        ("claude-3-5-haiku-latest", "never"),
        ("claude-3-7-sonnet-latest", "on_request"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "on_request"),
        ("claude-opus-5", "by_default"),
        ("gemini-2.0-flash", "never"),
        ("gemini-2.5-flash", "by_default"),
        ("gemini-2.5-flash-lite", "on_request"),
        ("gemini-2.5-pro", "always"),
        ("gemini-3-pro-preview", "always"),
        ("deepseek-reasoner", "always"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "always"),
        ("deepseek-r1:8b", "always"),
        ("deepseek-chat", "on_request"),
        ("qwq:32b", "always"),
        ("qwen3:8b", "by_default"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "never"),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507", "always"),
        ("qwen2.5:7b", "never"),
        ("magistral-medium-latest", "always"),
        ("mistral-small-latest", "on_request"),
        ("mistral-large-latest", "never"),
        ("grok-3", "never"),
        ("grok-3-mini", "always"),
        ("grok-4-0709", "always"),
        ("grok-4-fast-non-reasoning", "never"),
        ("amazon.nova-2-lite-v1:0", "on_request"),
        ("amazon.nova-pro-v1:0", "never"),
        ("llama3.2", "never"),
        ("smollm2", "never"),
        ("somebodys-own-model", "on_request"),
    ],
)
def test_families(model: str, habit: str) -> None:
    """Models that reason are recognised by their names, with vendors and versions around them."""
    assert family_of(bare_name(model)).habit is Habit(habit)


@pytest.mark.parametrize(
    ("provider", "model", "reasoning", "members"),
    [
        ("openai", "gpt-5-mini", "off", {"reasoning_effort": "minimal"}),
        ("openai", "gpt-5-mini", "high", {"reasoning_effort": "high"}),
        ("openai", "gpt-5.1", "off", {"reasoning_effort": "none"}),
        ("openai", "o3", "off", {"reasoning_effort": "low"}),
        ("openai", "o3", "6000", {"reasoning_effort": "medium"}),
        ("openai", "o1-mini", "high", {}),
        ("openai", "gpt-4o", "high", {}),
        ("mistral", "magistral-small-latest", "off", {"prompt_mode": None}),
        ("mistral", "magistral-small-latest", "low", {"prompt_mode": "reasoning"}),
        ("mistral", "mistral-small-latest", "medium", {"reasoning_effort": "high"}),
        ("groq", "openai/gpt-oss-20b", "medium", {"reasoning_effort": "medium"}),
        ("groq", "qwen/qwen3-32b", "off", {"reasoning_format": "parsed", "reasoning_effort": "none"}),
        ("groq", "qwen/qwen3-32b", "high", {"reasoning_format": "parsed", "reasoning_effort": "default"}),
        ("openrouter", "anthropic/claude-sonnet-4.5", "2000", {"reasoning": {"max_tokens": 2_000}}),
        ("openrouter", "qwen/qwen3-32b", "off", {"reasoning": {"enabled": False}}),
        ("openrouter", "openai/gpt-5", "off", {"reasoning": {"effort": "minimal"}}),
        ("openrouter", "openai/gpt-5", "high", {"reasoning": {"effort": "high"}}),
        ("xai", "grok-3-mini", "off", {"reasoning_effort": "low"}),
        ("xai", "grok-4", "high", {}),  # it refuses the member
        ("deepseek", "deepseek-chat", "high", {"thinking": {"type": "enabled"}}),
        ("deepseek", "deepseek-chat", "off", {"thinking": {"type": "disabled"}}),
        ("deepseek", "deepseek-reasoner", "high", {}),
        ("together", "openai/gpt-oss-120b", "low", {"reasoning_effort": "low"}),
        ("together", "zai-org/GLM-4.6", "off", {"reasoning": {"enabled": False}}),
        ("ollama", "qwen3:8b", "off", {"reasoning_effort": "none"}),
        (
            "vllm",
            "Qwen/Qwen3-8B",
            "off",
            {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}},
        ),
        (
            "llamacpp",
            "qwen3-8b",
            "3000",
            {
                "chat_template_kwargs": {"enable_thinking": True, "thinking": True},
                "thinking_budget_tokens": 3_000,
            },
        ),
        ("openai-compatible", "somebodys-own-model", "off", {"reasoning_effort": "none"}),
        ("openai-compatible", "gpt-5-mini", "low", {"reasoning_effort": "low"}),
        ("simulated", "somebodys-own-model", "medium", {"reasoning_effort": "medium"}),
    ],
)
def test_members(provider: str, model: str, reasoning: str, members: dict[str, Any]) -> None:
    """Each provider is asked in its own words, and never for what the model refuses."""
    assert plan_reasoning(settings(provider, model, reasoning)).members == members


@pytest.mark.parametrize(
    ("model", "reasoning", "limit"),
    [
        ("gpt-4o", None, 100),
        ("gpt-4o", "high", 100),  # it has no effect, and says so
        ("gpt-5-mini", None, 8_292),
        ("gpt-5-mini", "off", 4_196),  # it thinks all the same
        ("gpt-5-mini", "low", 4_196),
        ("gpt-5-mini", "high", 32_868),
        ("gpt-5-mini", "5000", 5_100),
        ("gpt-5.1", None, 100),
        ("gpt-5.1", "off", 100),
        ("qwen3:8b", None, 8_292),
        ("qwen3:8b", "off", 100),
        ("claude-sonnet-4-5", None, 100),
        ("claude-sonnet-4-5", "200", 1_124),  # Anthropic's least budget
        ("somebodys-own-model", None, 100),
        ("somebodys-own-model", "medium", 16_484),
    ],
)
def test_room_for_thoughts(model: str, reasoning: str | None, limit: int) -> None:
    """The limit that is sent, and reserved for, is that of the answer and room for thoughts."""
    asked = settings("openai-compatible", model, reasoning)
    assert output_limit(asked) == limit
    config = ConnectionConfig(
        "openai-compatible", model, max_output_tokens=100, reasoning=reasoning, base_url="http://h"
    )
    assert OutputBounds.of(config).limit == limit


@pytest.mark.parametrize(
    ("reasoning", "room"), [(None, 2_048), ("low", 2_048), ("high", 2_048), ("5000", 5_000), ("off", 0)]
)
def test_room_in_a_small_context(reasoning: str | None, room: int) -> None:
    """A local server refuses a limit that does not fit beside the document; tokens that are named stay."""
    assert plan_reasoning(settings("vllm", "qwen3:8b", reasoning, context_tokens=8_192)).room == room


@pytest.mark.parametrize(
    ("model", "reasoning", "temperature"),
    [
        ("gpt-4o", None, True),
        ("gpt-5", None, False),
        ("o3", "low", False),
        ("gpt-5.1", None, True),
        ("gpt-5.1", "low", False),
        ("claude-sonnet-4-5", None, True),
        ("claude-sonnet-4-5", "low", False),
        ("claude-opus-5", None, False),
        ("qwen3:8b", "high", True),
    ],
)
def test_temperature(model: str, reasoning: str | None, temperature: bool) -> None:
    """It is not sent to models that refuse it, which is told."""
    plan = plan_reasoning(settings("openai", model, reasoning, temperature=0.2))
    assert plan.temperature is temperature
    assert any("takes no temperature" in note for note in plan.notes) is not temperature


def test_notes() -> None:
    """People are told what reasoning comes to: of models that reason, and of those that cannot."""
    (note,) = plan_reasoning(settings("openai", "gpt-5-mini")).notes
    assert note == "gpt-5-mini always reasons: thoughts are billed as output and have 8,192 tokens of room."
    (note,) = plan_reasoning(settings("openai", "gpt-4o", "high")).notes
    assert "has no effect" in note
    assert plan_reasoning(settings("openai", "gpt-4o", "off")).notes == ()


@pytest.mark.parametrize(
    ("model", "reasoning", "think"),
    [
        ("qwen3:8b", None, None),
        ("qwen3:8b", "off", False),
        ("qwen3:8b", "high", True),
        ("gpt-oss:20b", "high", "high"),
        ("gpt-oss:20b", "off", "low"),
        ("llama3.2", "high", None),  # "does not support thinking" would be answered
    ],
)
def test_think_of_ollama(model: str, reasoning: str | None, think: bool | str | None) -> None:
    """Ollama's own API takes a truth value, or a level where the model has those."""
    assert think_of_ollama(settings("ollama", model, reasoning)) == think


async def test_wire_sends_it(stub: Stub) -> None:
    """The setting goes beside `extra`, wins over it, and the output limit has room for it."""
    stub.answers(completion("fine"))
    extra = {"chat_template_kwargs": {"style": "dry", "enable_thinking": True}}
    changes: dict[str, Any] = {"model": "qwen3", "reasoning": "off", "extra": extra, "max_output_tokens": 100}
    await wire.ask(stub.url, provider="vllm", **changes)
    body = stub.requests[0][3]
    assert body["chat_template_kwargs"] == {"style": "dry", "enable_thinking": False, "thinking": False}
    assert body["max_tokens"] == 100
    await wire.ask(stub.url, model="gpt-5-mini", reasoning="low", temperature=0.1, max_output_tokens=100)
    body = stub.requests[1][3]
    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (4_196, "low")
    assert "temperature" not in body
    assert "max_tokens" not in body


@pytest.mark.parametrize(
    ("provider", "model", "reasoning", "words"),
    [
        ("anthropic", "claude-sonnet-4-6", "low", '"thinking": {"type": "enabled", "budget_tokens": 2048}'),
        ("anthropic", "claude-sonnet-4-6", "3000", '"budget_tokens": 3000'),
        ("anthropic", "claude-opus-4-7", "low", '"effort": "low"'),
        ("anthropic", "claude-opus-4-7", "3000", '"type": "adaptive"'),
        ("google", "gemini-2.5-flash", "off", '"thinking_budget": 0'),
        ("google", "gemini-2.5-flash", "3000", '"thinking_budget": 3000'),
        ("google", "gemini-3-pro-preview", "low", '"thinking_level": "LOW"'),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "high", '"budget_tokens": 24576'),
        ("azure", "gpt-5-mini", "off", '"reasoning_effort": "minimal"'),
        ("azure", "our-deployment", "high", '"reasoning_effort": "high"'),
    ],
)
async def test_sdks_send_it(stub: Stub, provider: str, model: str, reasoning: str, words: str) -> None:
    """Those behind pydantic-ai get it in their own words too, and with room."""
    stub.answers(success(provider, "fine"))
    await sdk.ask(provider, stub.url, model=model, reasoning=reasoning)
    body = stub.requests[0][3]
    assert words in json.dumps(body)
    limits = [
        body.get("max_tokens"),
        body.get("max_completion_tokens"),
        body.get("generationConfig", {}).get("maxOutputTokens"),
        body.get("inferenceConfig", {}).get("maxTokens"),
    ]
    (limit,) = [one for one in limits if one]
    assert limit == output_limit(CallSettings(provider, model, reasoning=reasoning, max_output_tokens=99))


async def test_the_connection_test_says_what_thoughts_cost(stub: Stub) -> None:
    """A model that reasons has room in the test, too, which is booked; its thoughts are told in words."""
    answer = completion("OK")
    answer["usage"] |= {"completion_tokens": 340, "completion_tokens_details": {"reasoning_tokens": 312}}
    stub.answers(answer)
    most: list[int] = []
    found = await diagnose(
        ConnectionConfig("openai", "gpt-5-mini", base_url=stub.url, api_key="k"),
        lambda usage: most.append(usage.output_tokens),
    )
    assert found.ok
    assert "312 tokens of 340 were thoughts" in found.message
    assert most == [PROBE_OUTPUT_TOKENS + 8_192]


def test_an_unknown_model_is_left_alone() -> None:
    """Nothing is sent, and no room made, for a model of which nobody knows whether it reasons."""
    assert family_of("somebodys-own-model") is UNKNOWN
    plan = plan_reasoning(settings("vllm", "somebodys-own-model", temperature=0.5))
    assert (plan.room, plan.temperature, plan.members, plan.notes) == (0, True, {}, ())
