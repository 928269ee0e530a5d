"""Reads the names of models that say how they behave: `night+time_scale=60+refusal=0.1`.

A name is made of terms, joined by `+`: the name of a profile, `FAULT=SHARE`, `ending:WORD=SHARE` or
`MEMBER=VALUE`. What comes later goes on top of what comes earlier.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from docstage.domain.errors import InvalidInput
from docstage.simulator.kinds import Fault
from docstage.simulator.named import PROFILES
from docstage.simulator.profile import Latency, Profile

#: Members of a profile that belong to the server, not to a model of it.
OF_SERVER = frozenset({"api_key", "models", "log"})
_ENDING = "ending:"
#: Parts of the latency, which are members of their own in words.
LATENCY: Mapping[str, str] = MappingProxyType(
    {"latency": "median", "latency_sigma": "sigma", "latency_per_token": "per_output_token"}
)
_APART = frozenset({"latency", "error_rates", "endings"})


def profile_named(name: str, start: Profile) -> Profile:
    """The profile that a name's terms describe, on top of another one.

    Raises:
        InvalidInput: a term is not understood, or the whole makes no sense.
    """
    profile = start
    for term in name.split("+"):
        profile = _with(profile, term.strip())
    return profile


def combined(below: Profile, above: Profile) -> Profile:
    """Two profiles as one: faults and endings of both, of the rest what differs from the default above."""
    usual = Profile()
    other = {
        one.name: value
        for one in fields(Profile)
        if (value := getattr(above, one.name)) != getattr(usual, one.name)
    }
    rates = {**below.error_rates, **above.error_rates}
    return replace(below, **other | {"error_rates": rates, "endings": {**below.endings, **above.endings}})


def with_members(profile: Profile, members: Mapping[str, Any]) -> Profile:
    """A profile with other values of members, those of the latency by the names of `LATENCY`.

    Raises:
        InvalidInput: they make no sense.
    """
    timing = {LATENCY[name]: value for name, value in members.items() if name in LATENCY}
    other = {name: value for name, value in members.items() if name not in LATENCY}
    return replace(profile, **other, latency=replace(profile.latency, **timing))


def _with(profile: Profile, term: str) -> Profile:
    if term in PROFILES:
        return combined(profile, PROFILES[term])
    name, equals, value = term.partition("=")
    key = name.strip().replace("-", "_")
    if not equals:
        raise InvalidInput(f"The simulator knows no profile {term!r}. Known: {', '.join(PROFILES)}.")
    if name.startswith(_ENDING):
        return replace(profile, endings={**profile.endings, name.removeprefix(_ENDING): _share(term, value)})
    if key in set(Fault):
        return replace(profile, error_rates={**profile.error_rates, Fault(key): _share(term, value)})
    if key not in _readers():
        raise InvalidInput(f"The simulator knows nothing that is called {name!r}.")
    try:
        return with_members(profile, {key: _readers()[key](value)})
    except ValueError as error:
        raise InvalidInput(f"The simulator does not understand {term!r}: {error}.") from None


def _share(term: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInput(f"{term!r} is not NAME=SHARE with a share from 0 to 1.") from None


@cache
def _readers() -> Mapping[str, Callable[[str], Any]]:
    """How the value of each member of a model is read from text."""
    hints = get_type_hints(Profile)
    members = {name: hints[name] for name in hints if name not in OF_SERVER | _APART}
    timing = get_type_hints(Latency)
    members |= {name: timing[part] for name, part in LATENCY.items()}
    return {name: _reader(hint) for name, hint in members.items()}


def _reader(hint: Any) -> Callable[[str], Any]:
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] or [hint]
    kind = kinds[0]
    if kind is bool:
        return _yes_or_no
    if hint == tuple[str, ...]:
        return lambda text: tuple(text.split(","))
    return kind if isinstance(kind, type) and issubclass(kind, (int, float, str, StrEnum)) else str


def _yes_or_no(text: str) -> bool:
    if text.lower() not in {"yes", "true", "1", "no", "false", "0"}:
        raise ValueError("it is yes or no")
    return text.lower() in {"yes", "true", "1"}
