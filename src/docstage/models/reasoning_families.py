"""Which models reason, by the families of their names: by themselves, on request or always.

Sources: the model pages of platform.openai.com, docs.anthropic.com (extended and adaptive thinking),
ai.google.dev (thinking), docs.aws.amazon.com/nova, docs.mistral.ai (reasoning), console.groq.com (reasoning),
docs.x.ai (reasoning), api-docs.deepseek.com (thinking mode), and the model cards of Qwen, gpt-oss, GLM, Kimi,
MiniMax, Phi, Granite, Seed-OSS and SmolLM3.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Habit(StrEnum):
    """When a model reasons."""

    NEVER = "never"
    ON_REQUEST = "on_request"
    BY_DEFAULT = "by_default"  # unless it is told not to
    ALWAYS = "always"  # whatever it is told


@dataclass(frozen=True, slots=True)
class Family:
    """Models that reason alike.

    Attributes:
        habit: when they do.
        efforts: the words that they take for how much, from the least; empty where they take none or where
            that is not known.
        takes_budget: a number of tokens may be set for thoughts.
        refuses_temperature: `always`, or while they reason (`thinking`).
    """

    habit: Habit
    efforts: tuple[str, ...] = ()
    takes_budget: bool = False
    refuses_temperature: str = ""


UNKNOWN = Family(Habit.ON_REQUEST, ("none", "low", "medium", "high"))
_NOT = Family(Habit.NEVER)
_LOW_TO_HIGH = ("low", "medium", "high")
_OF_OPENAI = Family(Habit.ALWAYS, _LOW_TO_HIGH, refuses_temperature="always")
_CLAUDE = Family(Habit.ON_REQUEST, takes_budget=True, refuses_temperature="thinking")
_QWEN = Family(Habit.BY_DEFAULT)
_ALWAYS = Family(Habit.ALWAYS)

# In this order: the first that a name begins with decides.
_FAMILIES: tuple[tuple[str, Family], ...] = (
    (r"o1-(?:mini|preview)", Family(Habit.ALWAYS, refuses_temperature="always")),
    (r"o[134](?:-|$)", _OF_OPENAI),
    (r"gpt-5-chat", _NOT),
    (r"gpt-5\.\d+-chat", Family(Habit.ALWAYS, ("medium",), refuses_temperature="always")),
    (r"gpt-5-pro", Family(Habit.ALWAYS, ("high",), refuses_temperature="always")),
    (r"gpt-5\.\d+-pro", Family(Habit.ALWAYS, ("medium", "high"), refuses_temperature="always")),
    (r"gpt-5(?:\.1)?-codex|codex-mini", _OF_OPENAI),
    (
        r"gpt-5(?:-|$)",
        Family(Habit.ALWAYS, ("minimal", *_LOW_TO_HIGH), refuses_temperature="always"),
    ),
    (
        r"gpt-5\.[1-4]",
        Family(Habit.ON_REQUEST, ("none", *_LOW_TO_HIGH), refuses_temperature="thinking"),
    ),
    (r"gpt-6-astra|gpt-6\.1-sol", _OF_OPENAI),
    (
        r"gpt-(?:5\.|[6-9])",
        Family(Habit.BY_DEFAULT, ("none", *_LOW_TO_HIGH), refuses_temperature="thinking"),
    ),
    (r"gpt-oss", Family(Habit.ALWAYS, _LOW_TO_HIGH)),
    (r"claude-(?:[12]|instant|3-(?:haiku|opus|sonnet|5))", _NOT),
    (
        r"claude-(?:fable|mythos|opus-5-5)",
        Family(Habit.ALWAYS, refuses_temperature="always"),
    ),
    (r"claude-opus-4-[78]", Family(Habit.ON_REQUEST, refuses_temperature="always")),
    (
        r"claude-(?:opus|sonnet|haiku)-[5-9]",
        Family(Habit.BY_DEFAULT, refuses_temperature="always"),
    ),
    (
        r"claude-(?:opus|sonnet)-4-6",
        Family(Habit.ON_REQUEST, takes_budget=True, refuses_temperature="thinking"),
    ),
    (r"claude-(?:3-7|opus-4|sonnet-4|haiku-4)", _CLAUDE),
    (r"gemini-(?:1|2\.0)|gemini-.*(?:image|tts|embedding)", _NOT),
    (r"gemini-2\.5-flash-lite", Family(Habit.ON_REQUEST, takes_budget=True)),
    (r"gemini-2\.5-flash", Family(Habit.BY_DEFAULT, takes_budget=True)),
    (r"gemini-2\.5-pro", Family(Habit.ALWAYS, takes_budget=True)),
    (r"gemini-", _ALWAYS),
    (r"nova-2", Family(Habit.ON_REQUEST, _LOW_TO_HIGH)),
    (r"magistral", _ALWAYS),
    (r"mistral-(?:small|medium)-(?:latest|2[6-9]|3\.5)", Family(Habit.ON_REQUEST, ("none", "high"))),
    (r"grok-.*non-reasoning", _NOT),
    (r"grok-3-mini", Family(Habit.ALWAYS, ("low", "high"))),
    (r"grok-4\.3", Family(Habit.BY_DEFAULT, ("none", *_LOW_TO_HIGH))),
    (r"grok-4\.[4-9]|grok-[5-9]", Family(Habit.ALWAYS, _LOW_TO_HIGH)),
    (r"grok-(?:4|code)", _ALWAYS),
    (r"deepseek-(?:r1|reasoner)|r1(?:-|:|$)", _ALWAYS),
    (r"deepseek-(?:chat|v3\.[1-9]|v3-[1-9]-)", Family(Habit.ON_REQUEST)),
    (r"deepseek-v[4-9]", Family(Habit.BY_DEFAULT)),
    (r"qwq|qwen-?3.*thinking|qwen-?3.*reason", _ALWAYS),
    (r"qwen-?3.*(?:instruct|coder|embedding)", _NOT),
    (r"qwen-?3", _QWEN),
    (r"kimi-k2-thinking|kimi-.*thinking|minimax-m|phi-4.*reasoning|command-a-reasoning", _ALWAYS),
    (r"sonar-(?:reasoning|deep-research)|exaone-deep|nemotron.*ultra", _ALWAYS),
    (r"glm-(?:4\.[5-9]|[5-9])|seed-oss|smollm3|hunyuan-a13b|cogito", Family(Habit.BY_DEFAULT)),
    (r"granite-?(?:3\.[23]|4)|gemma-?4", Family(Habit.ON_REQUEST)),
)
_NAMES = tuple((re.compile(pattern), family) for pattern, family in _FAMILIES)
# Models that are known, and not as ones that reason.
_PLAIN = re.compile(
    r"(?:chatgpt-)?gpt-(?:3|4)|llama|mistral|mixtral|ministral|pixtral|codestral|open-mi|gemma|phi-?[1-4]"
    r"|nova|titan|command|qwen-?[12]|qwen2|smollm|grok-[23]|granite|falcon|yi-|simulated"
)


def family_of(bare: str) -> Family:
    """How a model reasons.

    Args:
        bare: its name without vendors before it, in lower case.
    """
    for name, family in _NAMES:
        if name.match(bare):
            return family
    return _NOT if _PLAIN.match(bare) else UNKNOWN
