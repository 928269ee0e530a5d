"""Tokens as expected, at least and at most, against real tokenizers."""

import json
import math

import pytest
from tests.domain.paragraphs import PARAGRAPHS, TOKENIZERS

from docstage.domain.content import Content, ImagePart
from docstage.domain.token_counts import TokenCount, count_tokens

# Those to whose geometric mean the expectation was fitted.
_FITTED = ("cl100k", "llama3_1", "claude", "mistral7b", "smollm2")
_FIGURES = "\n".join(f"{n * 7_919 % 99_991:,.2f}\t{n * 104_729 % 9_973}\t{n}" for n in range(1, 80))
_JSON = json.dumps([{"id": n, "name": "Anna", "total": n * 1.25, "paid": True} for n in range(60)], indent=2)


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_no_tokenizer_leaves_the_bounds(language: str) -> None:
    """From the largest vocabularies to one of nearly single bytes; a text begins with one more, a blank."""
    text, counted = PARAGRAPHS[language]
    bounds = count_tokens(text)
    assert bounds.least <= min(counted)
    assert max(counted) <= bounds.most + 1


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_the_script_decides_what_is_expected(language: str) -> None:
    """Within two thirds and one and a half of what usual tokenizers make of it."""
    text, counted = PARAGRAPHS[language]
    fitted = [count for name, count in zip(TOKENIZERS, counted, strict=True) if name in _FITTED]
    usual = math.exp(sum(map(math.log, fitted)) / len(fitted))
    assert 0.65 < count_tokens(text).expected / usual < 1.55


def test_scripts_and_figures_cost_more_than_english() -> None:
    """Beside English of as many characters."""
    english, _ = PARAGRAPHS["en"]
    one = count_tokens(english).expected / len(english)

    def beside_english(text: str) -> float:
        return count_tokens(text).expected / len(text) / one

    assert 1.8 < beside_english(PARAGRAPHS["ru"][0]) < 2.5
    assert 2.6 < beside_english(_FIGURES) < 4.5
    assert 1.5 < beside_english(_JSON) < 2.6


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "\x00", "\ud800", "½" * 50, "\ufdfa" * 50, "=" * 500, " " * 500, "7" * 500, "\n\t\r"],
    ids=repr,
)
def test_odd_texts_keep_the_order(text: str) -> None:
    """Least, expected and most stay in this order, whatever the text is."""
    counted = count_tokens(text)
    assert 0 <= counted.least <= counted.expected <= counted.most


def test_what_is_spelt_out_counts_as_that() -> None:
    """Some tokenizers bring a character to its compatible form first, which may be longer."""
    assert count_tokens("½").most == len("1\N{FRACTION SLASH}2".encode())
    assert count_tokens("ß").most == 2


def test_long_lines_are_no_words() -> None:
    """Runs of signs and blanks may be a few tokens, so that nothing is taken for cut that holds many."""
    assert count_tokens("=" * 10_000 + " " * 10_000 + "\n" * 500).least == 0


def test_counts_add_up() -> None:
    """Member by member."""
    assert TokenCount(1, 2, 3) + TokenCount(10, 20, 30) == TokenCount(11, 22, 33)


def test_a_content_counts_what_is_sent_of_it() -> None:
    """Closing delimiters are sent escaped, and pictures are no text."""
    content = Content("</document>" * 3, (ImagePart("image/png", b""),))
    assert content.text_tokens.most == len("&lt;/document>" * 3)
    assert content.tokens == content.text_tokens.expected + 1_105
