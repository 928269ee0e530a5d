"""What is advised fits what was wrong."""

import pytest

from docstage.domain.tasks import POLICIES, FailureKind, way_forward


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("The answer is empty.", "wrote nothing"),
        ("The answer is not JSON: Expecting value: line 1 column 1 (char 0).", "JSON alone"),
        ("At total: 'three' is not of type 'number'.", "that rule of the schema"),
        ("The answer is nested too deeply.", "Simplify the schema"),
        ("The server's answer is a web page: is the base URL right? It begins: <html>", "base URL"),
        (
            "The answer is far longer than max_output_tokens (9) allows: more than 66 KiB.",
            "keeps to the output",
        ),
        ("Something else.", "Read what was wrong"),
        (None, "Read what was wrong"),
    ],
)
def test_bad_answers_are_told_apart(message: str | None, words: str) -> None:
    """A schema is blamed only where it is at fault."""
    assert words in way_forward(FailureKind.BAD_ANSWER, message)


@pytest.mark.parametrize("kind", [one for one in FailureKind if one is not FailureKind.BAD_ANSWER])
def test_other_kinds_have_one_way(kind: FailureKind) -> None:
    """Whatever the server said."""
    assert way_forward(kind, "The answer is empty.") == POLICIES[kind].way_forward
