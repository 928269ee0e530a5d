"""`docstage batch documents` and `document`: what was read, what is missing, and the file itself."""

import json
from typing import Any

import pytest
from tests.cli.conftest import Shell
from tests.support.mails import PARTLY_READ


def _json(shell: Shell, *words: object) -> Any:
    done = shell.do(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.fixture
def staged(shell: Shell) -> Shell:
    """A shell with the staged batch May: three letters, and a mail whose attachment is of no known type."""
    (shell.documents / "offer.eml").write_text(PARTLY_READ)
    shell.do("folder", "add", shell.documents, "--name", "Letters")
    shell.do("connection", "add", "--provider", "simulated", "--model", "simulated-small", "--name", "S")
    shell.do("prompt", "add", "Writer", "--text", "Who?")
    words = ["--folder", "Letters", "--connection", "S", "--prompt", "Writer", "--stage", "--wait"]
    done = shell.do("batch", "save", "May", *words)
    assert done.code == 0, done.err
    plain = " ".join(done.out.split())
    assert "1 document is not whole (1 message/rfc822)" in plain
    assert "--not-whole" in plain
    return shell


def test_what_is_missing_is_told(staged: Shell) -> None:
    """The listing has what is not whole, the receipt says what is left out, the file can be had."""
    assert [one["path"] for one in _json(staged, "batch", "documents", "May", "--not-whole")] == ["offer.eml"]
    assert len(_json(staged, "batch", "documents", "May")) == 4
    assert "offer.zzz" in staged.do("batch", "documents", "May", "--sort", "losses").out.replace("\n", "")
    receipt = _json(staged, "batch", "document", "May", "offer.eml")
    assert receipt["left_out"] or any(one["left_out"] for one in receipt["parts"])
    out = staged.home.parent / "copy.eml"
    shown = staged.do("batch", "document", "May", "offer.eml")
    assert (shown.code, "offer.zzz" in shown.out.replace("\n", "")) == (0, True)
    assert staged.do("batch", "document", "May", "offer.eml", "--out", out).code == 0
    assert out.read_text() == PARTLY_READ
    assert staged.do("batch", "document", "May", "offer.eml", "--out", "-").out == PARTLY_READ
    lost = staged.do("batch", "document", "May", "offer")
    assert (lost.code, "docstage batch documents" in " ".join(lost.err.split())) == (3, True)
