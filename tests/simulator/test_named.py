"""Profiles have names, which say how a model behaves, also together and with terms of one's own."""

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from tests.simulator.chat import body, call, get
from tests.support.simulators import INSTANT

from docstage.cli.simulating import Behaviour
from docstage.domain.errors import InvalidInput
from docstage.domain.rehearsals import REHEARSALS, SIMULATED_MODELS, SIMULATOR_OFFERS
from docstage.simulator.kinds import Away, Fault, Thoughts
from docstage.simulator.named import PROFILES
from docstage.simulator.profile import Profile
from docstage.simulator.terms import LATENCY, combined, profile_named

Start = Callable[..., str]
ROOT = Path(__file__).resolve().parents[2]


def test_every_name_has_a_profile_and_a_sentence() -> None:
    """What pages and commands list is what there is."""
    assert list(PROFILES) == list(REHEARSALS)
    assert tuple(SIMULATED_MODELS) == Profile().models
    assert all(about.endswith(".") and len(about) <= 100 for about in REHEARSALS.values())


def test_every_profile_is_other_than_the_usual() -> None:
    """And than all others."""
    assert len({repr(profile) for profile in (*PROFILES.values(), Profile())}) == len(PROFILES) + 1


def test_every_member_of_a_profile_has_an_option() -> None:
    """`docstage simulate` offers all of it, under the members' names."""
    members = {entry.name for entry in fields(Profile)}
    assert set(get_type_hints(Behaviour)) == members | set(LATENCY)


def test_terms_are_put_together() -> None:
    """Faults of all of them, of the rest what comes last."""
    profile = profile_named(
        "night+reasoning-model+refusal=0.1+ending:length=0.25+time_scale=60+away=unavailable+latency=0",
        Profile(seed=7),
    )
    assert (profile.seed, profile.time_scale, profile.latency.median) == (7, 60.0, 0.0)
    assert profile.away is Away.UNAVAILABLE
    assert profile.thoughts is Thoughts.REASONING_CONTENT
    assert profile.error_rates == {**PROFILES["night"].error_rates, Fault.REFUSAL: 0.1}
    assert profile.endings == {"length": 0.25}
    assert profile.outage_every == 3_600.0


@pytest.mark.parametrize(
    ("term", "member", "value"),
    [
        ("requests-per-day=5", "requests_per_day", 5),
        ("cache=no", "cache", False),
        ("refuses=temperature,top_p", "refuses", ("temperature", "top_p")),
        ("serves=gpt-9", "serves", "gpt-9"),
        ("outage_every=60", "outage_every", 60.0),
    ],
)
def test_a_member_is_read_by_its_type(term: str, member: str, value: Any) -> None:
    """Numbers, words, lists, yes and no."""
    assert getattr(profile_named(term, Profile()), member) == value


_NOT_UNDERSTOOD = (
    ("gpt-9", "", "night+", "fire=1", "refusal=much", "refusal=2", "ending:length=x"),
    ("slots=many", "slots=nan", "cache=perhaps", "away=far", "time_scale=0", "retry_after=nan"),
    ("api_key=x", "models=a", "log=3", "error_rates=1", "latency_sigma=-1", f"seed={2**80}"),
)


@pytest.mark.parametrize("name", [name for row in _NOT_UNDERSTOOD for name in row])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    """With the reason; what belongs to the server cannot be said of a model."""
    with pytest.raises(InvalidInput):
        profile_named(name, Profile())


def test_the_default_above_changes_nothing() -> None:
    """Profiles are put together without any member left behind."""
    for profile in PROFILES.values():
        assert combined(profile, Profile()) == profile
        assert combined(Profile(), profile) == profile


async def test_every_name_is_a_model_of_the_simulator(simulator: Start) -> None:
    """Beside its own; each with its sentence, and with its context where it tells it."""
    offered = {one["id"]: one for one in (await get(f"{simulator()}/models")).body["data"]}
    assert list(offered) == list(SIMULATOR_OFFERS)
    assert offered["night"]["description"] == REHEARSALS["night"]
    assert "context_window" in offered["night"]
    assert "context_window" not in offered["ollama-small-context"]


async def test_a_model_behaves_as_its_name_says(simulator: Start) -> None:
    """The server's own models beside it do not; the answer is from the name that was asked."""
    url = simulator(Profile(latency=INSTANT))
    usual = await call(url, body())
    strict = await call(url, body(model="strict-parameters+latency=0", temperature=0))
    odd = await call(url, body(model="no-usage+latency=0"))
    assert (usual.status, strict.status) == (200, 400)
    assert "usage" not in odd.body
    assert odd.body["model"] == "no-usage+latency=0"


async def test_terms_go_on_top_of_the_servers_own_models(simulator: Start) -> None:
    """As on top of profiles: the model is the server's, but for what they say."""
    url = simulator(Profile(latency=INSTANT, error_rates={Fault.NO_USAGE: 1.0}))
    reply = await call(url, body(model="simulated-small+serves=another"))
    assert (reply.body["model"], "usage" in reply.body) == ("another", False)


async def test_each_name_has_limits_of_its_own(simulator: Start) -> None:
    """What one has used up the other has not."""
    url = simulator(Profile(latency=INSTANT))
    for name in ("requests_per_day=1+latency=0", "free-tier+requests_per_day=1+latency=0"):
        assert [(await call(url, body(model=name))).status for _ in range(2)] == [200, 429]


async def test_a_wrong_name_is_told_why(simulator: Start) -> None:
    """As an unknown model, with what there is."""
    reply = await call(simulator(), body(model="nihgt"))
    assert (reply.status, reply.body["error"]["code"]) == (404, "model_not_found")
    assert "free-tier" in reply.body["error"]["message"]


def test_the_documentation_says_what_there_is() -> None:
    """Every model with its sentence, and every fault."""
    page = (ROOT / "docs" / "rehearsing.md").read_text(encoding="utf-8")
    models, _, faults = page.partition("## Faults")
    told = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", models, re.MULTILINE)
    assert dict(told) == SIMULATOR_OFFERS
    rows = re.findall(r"^\| (`[a-z_0-9`, ]+) \|", faults, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(Fault)
