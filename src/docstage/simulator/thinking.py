"""The thoughts of a simulated model that thinks before it answers."""

from collections.abc import Mapping
from types import MappingProxyType

from docstage.simulator.faults import Fate
from docstage.simulator.profile import Profile
from docstage.simulator.tokens import cut_to

# How much of the usual a model thinks when it is told how much.
_EFFORT: Mapping[str, float] = MappingProxyType(
    {
        "none": 0.0,
        "off": 0.0,
        "minimal": 0.1,
        "low": 0.5,
        "medium": 1.0,
        "high": 2.0,
        "xhigh": 3.0,
        "max": 3.0,
    }
)
_THOUGHT = "The question asks for something that the document may say. I go through it line by line. "


def thought_tokens(profile: Profile, fate: Fate, effort: str | int | None) -> int:
    """How many tokens a call's thoughts take: half to one and a half times the usual.

    Args:
        effort: a word for how much it shall think, or the most tokens.
    """
    if isinstance(effort, int):
        return min(effort, _usual(profile, fate))
    return round(_usual(profile, fate) * _EFFORT.get(effort or "medium", 1.0))


def thoughts_of(tokens: int) -> str:
    """Thoughts of so many tokens."""
    return cut_to(_THOUGHT * (tokens * 4 // len(_THOUGHT) + 1), tokens)


def _usual(profile: Profile, fate: Fate) -> int:
    return round(profile.thought_tokens * (0.5 + fate.share("thoughts")))
