"""What is printed never steers the terminal, whoever wrote it."""

import json
import re
from typing import Any

import pytest

from docstage.cli.failures import told
from docstage.cli.output import failures_in_words, plain, say, show_json, visible
from docstage.cli.watching import _Lines, note_of
from docstage.domain.errors import InvalidInput

# Colours, the title of the window, an 8-bit control sequence, text that runs backwards, a hidden tag.
STEERING = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp.exe\U000e0041\r\x08"


def _is_harmless(text: str) -> bool:
    return all(one.isprintable() or one == "\n" for one in text)


def test_text_is_printed_without_what_steers(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines stay lines; the rest of what cannot be seen becomes a replacement character."""
    assert _is_harmless(visible(STEERING))
    assert visible("a\nb [red]c[/red]") == "a\nb [red]c[/red]"
    assert plain("a\n b") == "a b"
    say(f"one\ntwo {STEERING}")
    err = capsys.readouterr().err
    assert _is_harmless(err)
    assert err.startswith("one\ntwo ")


def test_json_is_escaped_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads every value as it is, and readable text of any script stays readable."""
    value = {"name": STEERING, "text": "naïve 東京 \U0001f600"}
    show_json(value)
    out = capsys.readouterr().out
    assert _is_harmless(out)
    assert "東京 \U0001f600" in out
    assert json.loads(out) == value


def test_an_error_is_told_once() -> None:
    """Lines for single values stand below what is wrong only where they say more."""
    message = "There is no provider 'nobody'."
    error = InvalidInput(message, errors=[{"field": "provider", "message": message}])
    assert told(error) == f"{error.title}: {message}"
    more = InvalidInput(
        "Two things.", errors=[{"field": "a", "message": "One."}, {"field": "b", "message": "Two."}]
    )
    assert told(more).splitlines()[1:] == ["  a: One.", "  b: Two."]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"failed": 0, "unsendable": 0}, ""),
        ({"failed": 8, "unsendable": 8}, "8 cannot be sent"),
        ({"failed": 1_011, "unsendable": 8}, "1,003 failed, 8 cannot be sent"),
        ({"failed": 3}, "3 failed"),  # as an older server counts
    ],
)
def test_what_cannot_be_sent_has_not_failed(counts: dict[str, int], words: str) -> None:
    """Tasks that no call was made for are told apart from calls that failed."""
    assert failures_in_words(counts) == words


def _at_work(**members: object) -> dict[str, Any]:
    progress = {
        "status": "ANALYZING",
        "rate": 0,
        "eta_seconds": None,
        "cost": 0,
        "unpriced_calls": 0,
        "calls": 0,
        "retries": 0,
        "counts": {"failed": 0, "unsendable": 0, "completed": 1, "cancelled": 0, "tasks": 9},
    }
    return progress | members


def test_a_wait_for_hours_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """With its end and reason; the same line is not said again every other second."""
    lines = _Lines()
    wait = {"connection": "gpt", "words": "Waits until 14:05 UTC: the provider asks for it (rate limit)."}
    for _ in range(3):
        lines.update(_at_work(waits=wait))
        lines._said_at = float("-inf")
    said = capsys.readouterr().err
    assert said.count("gpt: Waits until 14:05 UTC") == 1


def test_a_prompt_that_is_held_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, while others go on."""
    lines = _Lines()
    for rate in (1.0, 2.0):
        lines.update(_at_work(held=[{"reason": 'Prompt "Totals" on "gpt": 5 calls ended alike.'}], rate=rate))
        lines._said_at = float("-inf")
    said = capsys.readouterr().err
    assert said.count('Held: Prompt "Totals" on "gpt"') == 1
    assert said.count("1 prompt held") == 2


def test_tasks_that_wait_for_their_next_try_are_told() -> None:
    """With the moment by the local clock, while the batch is at work."""
    progress = _at_work(retries=3, retry_seconds=60.0)
    assert re.fullmatch(r"3 to be tried again at \d\d:\d\d:\d\d", note_of(progress))
    assert note_of(progress | {"retries": 0}) == ""
    assert note_of(progress | {"status": "PAUSED"}) == ""
