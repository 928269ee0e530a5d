"""What runs are made of, as it lies in databases: every form that was ever written is read."""

import json
from typing import Any

import pytest

from docstage.domain.snapshot import (
    FORMAT,
    FrozenBatch,
    FrozenConnection,
    FrozenFolder,
    FrozenPrompt,
    RunSnapshot,
    UnreadableSnapshot,
)

# Written before snapshots had the number of a format.
_FOLDER: dict[str, Any] = {
    "id": 3,
    "name": "Letters",
    "path": "/srv/letters",
    "recursive": True,
    "hidden": False,
    "include": ["*.pdf", "2026/**"],
    "exclude": ["drafts/**"],
}
_CONNECTIONS: list[dict[str, Any]] = [
    {
        "id": 1,
        "name": "Rehearsal",
        "provider": "simulated",
        "model": "simulated-small",
        "base_url": None,
        "temperature": None,
        "max_output_tokens": 1024,
        "reasoning": None,
        "timeout": 120.0,
        "images": None,
        "concurrency": 8,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "prices": None,
    },
    {
        "id": 2,
        "name": "Own server",
        "provider": "openai-compatible",
        "model": "qwen2.5-vl",
        "base_url": "http://127.0.0.1:8080/v1",
        "temperature": 0.0,
        "max_output_tokens": 200,
        "reasoning": "low",
        "timeout": 30.5,
        "images": True,
        "concurrency": 2,
        "requests_per_minute": 60,
        "tokens_per_minute": 100_000,
        "prices": {"input": 0.15, "output": 0.6, "cached": 0.075},
    },
    {
        "id": 9,
        "name": "Claude",
        "provider": "anthropic",
        "model": "claude-haiku-4-5",
        "base_url": None,
        "temperature": 1.0,
        "max_output_tokens": 4096,
        "reasoning": "2048",
        "timeout": 600.0,
        "images": False,
        "concurrency": 1,
        "requests_per_minute": 5,
        "tokens_per_minute": None,
        "prices": {"input": 0.0, "output": 0.0},
    },
]
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"b": {"type": "string"}, "a": {"enum": [1, None]}},
}
_PROMPTS: list[dict[str, Any]] = [
    {"id": 4, "name": "Gist", "version": 1, "text": "What is it about?", "system": None, "schema": None},
    {
        "id": 6,
        "name": "Facts",
        "version": 12,
        "text": "ü \"'\n😀",
        "system": "Be brief.",
        "schema": _SCHEMA,
    },
]
_UNNUMBERED: dict[str, Any] = {
    "docstage": "0.1.0",
    "batch": {"name": "May", "budget": 2.5, "failure_limit": 0.1, "metadata": {"case": 7}},
    "folders": [_FOLDER],
    "connections": _CONNECTIONS,
    "prompts": _PROMPTS,
}


def test_a_snapshot_without_a_format_is_read() -> None:
    """Every member comes back as it was written, of every kind of provider, limits, prices and answers."""
    assert RunSnapshot.read(_UNNUMBERED) == RunSnapshot(
        docstage="0.1.0",
        batch=FrozenBatch("May", 2.5, 0.1, {"case": 7}),
        folders=(
            FrozenFolder(3, "Letters", "/srv/letters", True, False, ("*.pdf", "2026/**"), ("drafts/**",)),
        ),
        connections=(
            FrozenConnection(
                id=1,
                name="Rehearsal",
                provider="simulated",
                model="simulated-small",
                max_output_tokens=1024,
                timeout=120.0,
                concurrency=8,
            ),
            FrozenConnection(
                id=2,
                name="Own server",
                provider="openai-compatible",
                model="qwen2.5-vl",
                base_url="http://127.0.0.1:8080/v1",
                temperature=0.0,
                max_output_tokens=200,
                reasoning="low",
                timeout=30.5,
                images=True,
                concurrency=2,
                requests_per_minute=60,
                tokens_per_minute=100_000,
                prices={"input": 0.15, "output": 0.6, "cached": 0.075},
            ),
            FrozenConnection(
                id=9,
                name="Claude",
                provider="anthropic",
                model="claude-haiku-4-5",
                base_url=None,
                temperature=1.0,
                max_output_tokens=4096,
                reasoning="2048",
                timeout=600.0,
                images=False,
                concurrency=1,
                requests_per_minute=5,
                prices={"input": 0.0, "output": 0.0},
            ),
        ),
        prompts=(
            FrozenPrompt(4, "Gist", 1, "What is it about?"),
            FrozenPrompt(6, "Facts", 12, "ü \"'\n😀", "Be brief.", _SCHEMA),
        ),
    )


def test_it_is_written_with_its_format() -> None:
    """What is stored has the number, the members that were there before and later ones, and is read back."""
    snapshot = RunSnapshot.read(_UNNUMBERED)
    stored = json.loads(json.dumps(snapshot.stored()))
    later = {"context_tokens": None}
    handling = {"archives": "open", "attachments": "in_place", "ocr": "when_needed"}
    assert stored == {
        "format": FORMAT,
        **_UNNUMBERED,
        "folders": [_FOLDER | handling],
        "connections": [one | later for one in _CONNECTIONS],
        "prompts": [one | {"too_long": "refuse"} for one in _UNNUMBERED["prompts"]],
    }
    assert RunSnapshot.read(stored) == snapshot


def test_members_of_an_answer_keep_their_order() -> None:
    """The schema's members are those of the columns of an export, in their order."""
    schema = RunSnapshot.read(_UNNUMBERED).prompts[1].schema
    assert schema is not None
    assert json.dumps(schema) == json.dumps(_SCHEMA)


@pytest.mark.parametrize("format_of_it", [{}, {"format": 1}])
def test_members_that_were_not_written_have_defaults(format_of_it: dict[str, int]) -> None:
    """A batch and connections without limits, a folder without globs, a plain prompt."""
    kept = ("id", "name", "provider", "model", "base_url", "temperature", "max_output_tokens", "timeout")
    stored: dict[str, Any] = {
        **format_of_it,
        "docstage": "0.1.0",
        "batch": {"name": "May"},
        "folders": [{"id": 3, "name": "Letters", "path": "/srv/letters"}],
        "connections": [{name: _CONNECTIONS[0][name] for name in kept}],
        "prompts": [{"id": 4, "name": "Gist", "version": 1, "text": "?"}],
    }
    read = RunSnapshot.read(stored)
    assert read.batch == FrozenBatch("May", None, None, {})
    assert read.folders == (FrozenFolder(3, "Letters", "/srv/letters", True, False, (), ()),)
    assert (read.connections[0].concurrency, read.connections[0].prices) == (1, None)
    assert (read.prompts[0].system, read.prompts[0].schema) == (None, None)


def test_an_erased_run_has_an_empty_snapshot() -> None:
    """Of a run that is deleted in steps nothing is left, and that is read without complaint."""
    assert RunSnapshot.read({}) == RunSnapshot()


def test_members_that_are_unknown_are_left_out() -> None:
    """Within a known format nothing hangs on them."""
    read = RunSnapshot.read({**_UNNUMBERED, "more": 1, "folders": [{**_FOLDER, "more": 1}]})
    assert read == RunSnapshot.read(_UNNUMBERED)


@pytest.mark.parametrize("number", [FORMAT + 1, 99, "1", None, 0.5, -1, True])
def test_an_unknown_format_is_refused(number: object) -> None:
    """Nothing is guessed of what a later version wrote; the message names both and what to do."""
    with pytest.raises(UnreadableSnapshot) as caught:
        RunSnapshot.read({**_UNNUMBERED, "docstage": "9.9", "format": number})  # type: ignore[dict-item]
    assert "docstage 9.9" in caught.value.detail
    assert f"format {number}" in caught.value.detail
    assert f"up to {FORMAT}" in caught.value.detail


@pytest.mark.parametrize(
    ("part", "member"),
    [("folders", "path"), ("connections", "provider"), ("connections", "model"), ("prompts", "text")],
)
def test_what_decides_answers_is_never_made_up(part: str, member: str) -> None:
    """A part without what a run cannot be carried out without is damaged, and said to be."""
    damaged = [{name: value for name, value in one.items() if name != member} for one in _UNNUMBERED[part]]
    with pytest.raises(UnreadableSnapshot, match=part.removesuffix("s")):
        RunSnapshot.read({**_UNNUMBERED, part: damaged})


@pytest.mark.parametrize("damage", [{"folders": None}, {"prompts": [7]}, {"batch": []}, {"connections": {}}])
def test_what_is_no_snapshot_is_refused(damage: dict[str, Any]) -> None:
    """A part that is not what it should be is told as damage too."""
    with pytest.raises(UnreadableSnapshot, match="damaged"):
        RunSnapshot.read({**_UNNUMBERED, **damage})
