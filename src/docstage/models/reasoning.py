"""Reasoning as a setting of a connection: what is sent for it to each provider, and the room that it needs.

Thoughts are output: they are billed as such, and count against the limit that a provider is given. So the
limit that is sent is that of the answer and, where the model thinks, room for thoughts; budgets reserve
all of it. What each provider takes is said by the sources that `reasoning_families` names, and
openrouter.ai (reasoning tokens), docs.together.ai (reasoning), docs.vllm.ai and llama.cpp's server
(`chat_template_kwargs`), and docs.ollama.com (`think`, and `reasoning_effort` of its OpenAI API).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docstage.domain.connection import CallSettings
from docstage.models.bare_names import bare_name
from docstage.models.reasoning_families import UNKNOWN, Family, Habit, family_of

OFF = "off"
LEVELS = (OFF, "low", "medium", "high")
LEAST_TOKENS = 128
MOST_TOKENS = 200_000
_BUDGETS = {"low": 2_048, "medium": 8_192, "high": 24_576}
# Where only a word says how much, nothing bounds thoughts but the limit: more room, for less is lost.
_ROOM = {"low": 4_096, "medium": 16_384, "high": 32_768}
_ROOM_BY_DEFAULT = 8_192
_SHARE_OF_CONTEXT = 4
_LEAST_BUDGET_OF_CLAUDE = 1_024
_ORDER = ("none", "minimal", "low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a connection's reasoning comes to.

    Attributes:
        room: tokens that the limit which is sent has above that of the answer.
        temperature: the model takes one.
        members: of the body of requests, for servers of the chat API.
        settings: for pydantic-ai.
        notes: what people should know of it.
    """

    room: int = 0
    temperature: bool = True
    members: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def limit(self, settings: CallSettings) -> int:
        """The tokens that a call may generate in all: the answer's, and room for thoughts."""
        return settings.max_output_tokens + self.room

    def sampling(self, settings: CallSettings) -> dict[str, float]:
        """How the model chooses its words, without what it refuses."""
        said = settings.sampling()
        return said if self.temperature else {name: said[name] for name in said if name != "temperature"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a model: a level, or tokens."""

    model: str
    family: Family
    level: str
    tokens: int | None

    @property
    def off(self) -> bool:
        return self.level == OFF

    @property
    def budget(self) -> int:
        return self.tokens if self.tokens is not None else _BUDGETS.get(self.level, 0)

    @property
    def effort(self) -> str:
        """The word of the family that is nearest to what is asked."""
        efforts = self.family.efforts or UNKNOWN.efforts
        place = 0 if self.off else _ORDER.index(self.level)
        return min(efforts, key=lambda word: abs(_ORDER.index(word) - place))

    @property
    def is_oss(self) -> bool:
        return self.model.startswith("gpt-oss")


def plan_reasoning(settings: CallSettings) -> Plan:
    """What a connection's reasoning comes to, with its provider and model."""
    model = bare_name(settings.model)
    family = family_of(model)
    if settings.reasoning is None:
        thinks = family.habit in (Habit.BY_DEFAULT, Habit.ALWAYS)
        room = _fitting(_ROOM_BY_DEFAULT, settings.context_tokens) if thinks else 0
        return Plan(room, _takes_temperature(family, thinks), notes=_notes(settings, family, thinks, room))
    if family.habit is Habit.NEVER:
        note = f"{settings.model} does not reason: the connection's reasoning has no effect."
        return Plan(notes=() if settings.reasoning == OFF else (note,))
    asked = _asked(model, family, settings.reasoning)
    thinks = not asked.off or family.habit is Habit.ALWAYS
    context = settings.context_tokens if asked.tokens is None else None
    room = _fitting(_room(asked), context) if thinks else 0
    make = _SETTINGS.get(settings.provider)
    members = _members(settings.provider, asked) if make is None else {}
    return Plan(
        room,
        _takes_temperature(family, thinks),
        members,
        make(asked) if make else {},
        _notes(settings, family, thinks, room),
    )


def output_limit(settings: CallSettings) -> int:
    """The tokens that a call may generate in all: the answer's, and room for thoughts."""
    return plan_reasoning(settings).limit(settings)


def think_of_ollama(settings: CallSettings) -> bool | str | None:
    """The member `think` of Ollama's own API: whether or how much, None to leave it to the model."""
    model = bare_name(settings.model)
    family = family_of(model)
    if settings.reasoning is None or family.habit is Habit.NEVER:
        return None
    asked = _asked(model, family, settings.reasoning)
    return asked.effort if asked.is_oss else not asked.off


def names_limit_as_openai(settings: CallSettings) -> bool:
    """Whether a model of OpenAI behind another server takes its limit as `max_completion_tokens` alone."""
    family = family_of(bare_name(settings.model))
    return (
        settings.provider == "openai-compatible" and family.refuses_temperature != "" and bool(family.efforts)
    )


def _asked(model: str, family: Family, reasoning: str) -> _Asked:
    if not reasoning.isdigit():
        return _Asked(model, family, reasoning, None)
    tokens = int(reasoning)
    level = next((name for name, most in _BUDGETS.items() if tokens <= most), "high")
    return _Asked(model, family, level, tokens)


def _room(asked: _Asked) -> int:
    if asked.off:  # of a model that thinks all the same, as little as it can
        return _ROOM["low"]
    return max(asked.tokens, _LEAST_BUDGET_OF_CLAUDE) if asked.tokens is not None else _ROOM[asked.level]


def _fitting(room: int, context_tokens: int | None) -> int:
    """The room, or a share of a small context: what does not fit beside the document is refused."""
    return room if context_tokens is None else min(room, context_tokens // _SHARE_OF_CONTEXT)


def _takes_temperature(family: Family, thinks: bool) -> bool:
    return not (family.refuses_temperature == "always" or (thinks and family.refuses_temperature))


def _notes(settings: CallSettings, family: Family, thinks: bool, room: int) -> tuple[str, ...]:
    notes = []
    if thinks and family is not UNKNOWN:
        always = "always reasons" if family.habit is Habit.ALWAYS else "reasons"
        notes.append(
            f"{settings.model} {always}: thoughts are billed as output and have {room:,} tokens of room."
        )
    if settings.temperature is not None and not _takes_temperature(family, thinks):
        notes.append(f"{settings.model} takes no temperature: none is sent.")
    return tuple(notes)


# Servers of the chat API


def _members(provider: str, asked: _Asked) -> dict[str, Any]:
    return _MEMBERS.get(provider, _by_effort)(asked)


def _by_effort(asked: _Asked) -> dict[str, Any]:
    known = asked.family is UNKNOWN or asked.family.efforts
    return {"reasoning_effort": asked.effort} if known else _by_template(asked)


def _of_openai(asked: _Asked) -> dict[str, Any]:
    return {"reasoning_effort": asked.effort} if asked.family.efforts else {}


def _of_mistral(asked: _Asked) -> dict[str, Any]:
    if asked.model.startswith("magistral"):
        return {"prompt_mode": None if asked.off else "reasoning"}
    return {"reasoning_effort": "none" if asked.off else "high"}


def _of_groq(asked: _Asked) -> dict[str, Any]:
    if asked.is_oss:
        return {"reasoning_effort": asked.effort}
    shown = {"reasoning_format": "parsed"}  # as JSON mode wants it
    if asked.family.habit is Habit.ALWAYS:
        return shown
    return shown | {"reasoning_effort": "none" if asked.off else "default"}


def _of_openrouter(asked: _Asked) -> dict[str, Any]:
    if asked.off:
        return {
            "reasoning": {"effort": asked.effort}
            if asked.family.habit is Habit.ALWAYS
            else {"enabled": False}
        }
    return {"reasoning": {"effort": asked.level} if asked.tokens is None else {"max_tokens": asked.tokens}}


def _of_xai(asked: _Asked) -> dict[str, Any]:
    return {"reasoning_effort": asked.effort} if asked.family.efforts and asked.family is not UNKNOWN else {}


def _of_deepseek(asked: _Asked) -> dict[str, Any]:
    if asked.family.habit is Habit.ALWAYS:
        return {}
    return {"thinking": {"type": "disabled" if asked.off else "enabled"}}


def _of_together(asked: _Asked) -> dict[str, Any]:
    if asked.is_oss:
        return {"reasoning_effort": asked.effort}
    return {} if asked.family.habit is Habit.ALWAYS else {"reasoning": {"enabled": not asked.off}}


def _of_ollama(asked: _Asked) -> dict[str, Any]:
    return {"reasoning_effort": asked.effort if asked.is_oss or not asked.off else "none"}


def _by_template(asked: _Asked) -> dict[str, Any]:
    """By what templates of models read: `enable_thinking` (Qwen, GLM), `thinking` (DeepSeek, Granite)."""
    if asked.is_oss:
        return {"chat_template_kwargs": {"reasoning_effort": asked.effort}, "reasoning_effort": asked.effort}
    return {"chat_template_kwargs": {"enable_thinking": not asked.off, "thinking": not asked.off}}


def _of_llamacpp(asked: _Asked) -> dict[str, Any]:
    budget = {} if asked.off or asked.is_oss else {"thinking_budget_tokens": asked.budget}
    return _by_template(asked) | budget


def _of_lmstudio(asked: _Asked) -> dict[str, Any]:
    return {"reasoning_effort": asked.effort} | _by_template(asked)


_MEMBERS: Mapping[str, Callable[[_Asked], dict[str, Any]]] = {
    "openai": _of_openai,
    "mistral": _of_mistral,
    "groq": _of_groq,
    "openrouter": _of_openrouter,
    "xai": _of_xai,
    "deepseek": _of_deepseek,
    "together": _of_together,
    "ollama": _of_ollama,
    "vllm": _by_template,
    "llamacpp": _of_llamacpp,
    "local": _of_llamacpp,
    "lmstudio": _of_lmstudio,
}

# Providers behind pydantic-ai, which knows what each model of theirs takes


def _for_anthropic(asked: _Asked) -> dict[str, Any]:
    if asked.off or not asked.family.takes_budget:
        return {"thinking": False if asked.off else asked.level}
    budget = max(_LEAST_BUDGET_OF_CLAUDE, asked.budget)
    return {"anthropic_thinking": {"type": "enabled", "budget_tokens": budget}}


def _for_google(asked: _Asked) -> dict[str, Any]:
    if asked.off or not asked.family.takes_budget:
        return {"thinking": False if asked.off else asked.level}
    return {"google_thinking_config": {"thinking_budget": asked.budget}}


def _for_bedrock(asked: _Asked) -> dict[str, Any]:
    if asked.off or not asked.family.takes_budget:
        return {"thinking": False if asked.off else asked.level}
    budget = max(_LEAST_BUDGET_OF_CLAUDE, asked.budget)
    thinking = {"type": "enabled", "budget_tokens": budget}
    return {"bedrock_additional_model_requests_fields": {"thinking": thinking}}


def _for_azure(asked: _Asked) -> dict[str, Any]:
    return {"openai_reasoning_effort": asked.effort} if asked.family.efforts else {}


_SETTINGS: Mapping[str, Callable[[_Asked], dict[str, Any]]] = {
    "anthropic": _for_anthropic,
    "google": _for_google,
    "bedrock": _for_bedrock,
    "azure": _for_azure,
}
