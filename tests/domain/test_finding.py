"""Words are found as people type them, part by part."""

import pytest

from docstage.domain.content import Part, PartKind
from docstage.domain.finding import find
from docstage.domain.rendering import render


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("vertrag", "VERTRAG"),
        ("Uber", "\u00fcber"),
        ("\u00fcber", "Uber"),
        ("cafe", "cafe\u0301"),
        ("caf\u00e9", "CAFE"),
        ("two words", "two\n  words"),
        ("two  words", "two\u00a0words"),
        ("contract", "con\u00adtract"),
        ("don't", "don\u2019t"),
        ("2019-20", "2019\u201320"),
        ("\u0395\u03bb\u03bb\u03ac\u03b4\u03b1", "\u03b5\u03bb\u03bb\u03b1\u03b4\u03b1"),
        ("\u0439\u043e\u0433", "\u0419\u041e\u0413"),
        ("123", "\uff11\uff12\uff13"),
        ("a.*b", "a.*b"),
        ("[x]^-", "[X]^-"),
        ("\u5951\u7d04", "\u5951\u7d04"),
    ],
)
def test_what_makes_no_difference(words: str, there: str) -> None:
    """Case, accents, widths, blanks, soft hyphens and kinds of quotes; signs of patterns are plain signs."""
    found = find(f"Before {there} behind", None, words, 10)
    assert [(one.text, one.start, one.before, one.after) for one in found.hits] == [
        (there, 7, "Before ", " behind")
    ]
    assert found.complete


@pytest.mark.parametrize("words", ["", "  ", "axb", "\u0301"])
def test_what_is_not_there(words: str) -> None:
    """Nothing to look for, or nothing like it."""
    assert find("a.b", None, words, 10).hits == ()


def test_only_the_words_of_parts_are_looked_at() -> None:
    """The tags that tell parts are no words of the document; the part of each hit is told."""
    content, receipt = render([Part(PartKind.PAGE, 1, "One page"), Part(PartKind.PAGE, 2, "Another page")])
    hits = find(content.text, receipt, "page", 10).hits
    assert [(one.part, content.text[one.start : one.start + 4]) for one in hits] == [(1, "page"), (2, "page")]
    assert hits[0].after == ""
    assert hits[1].before == "Another "


def test_words_that_go_on_in_the_next_part_are_found() -> None:
    """From the foot of a page to the head of the next, without the tags between; the rest is behind."""
    pages = ["The notice period", "is three months.", "", "is three months. The notice"]
    content, receipt = render([Part(PartKind.PAGE, number, text) for number, text in enumerate(pages, 1)])
    found = find(content.text, receipt, "NOTICE period is three", 10)
    assert [(one.part, one.text, one.before, one.after) for one in found.hits] == [
        (1, "notice period", "The ", "is three months.")
    ]
    assert content.text[found.hits[0].start :].startswith("notice period\n</page>")
    assert found.complete
    assert not find(content.text, receipt, "notice period is three", 0).complete
    assert find(content.text, receipt, "page page", 10).hits == ()
    assert [one.part for one in find(content.text, receipt, "months. is", 10).hits] == []
    assert [one.part for one in find(content.text, receipt, "is three months", 10).hits] == [2, 4]


def test_hits_at_the_seams_of_stretches_are_found_once() -> None:
    """A long text is looked at in stretches; none hides a hit or tells it twice."""
    for shift in range(12):
        text = "x" * ((1 << 15) - 6 + shift) + "two words" + " y" * 40_000 + "two words"
        found = find(text, None, "two words", 10)
        assert [one.start for one in found.hits] == [text.index("two"), text.rindex("two")]


def test_there_is_an_end() -> None:
    """So many hits at most, and no longer than the caller waits."""
    many = find("word " * 100, None, "word", 7)
    assert (len(many.hits), many.complete) == (7, False)
    exactly = find("word " * 7, None, "word", 7)
    assert (len(exactly.hits), exactly.complete) == (7, True)
    asked = iter([True, False])
    stopped = find("word " + " " * (1 << 20) + "word", None, "word", 7, lambda: next(asked))
    assert (len(stopped.hits), stopped.complete) == (1, False)
