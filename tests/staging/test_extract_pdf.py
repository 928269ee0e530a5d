"""PDF documents."""

from pathlib import Path

import pytest
from tests.staging.samples import filled_form, pdf, text_page

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract

DRAWING = "0 0 200 200 re f"
LONG = "This page has quite some text on it."


def extracted(data: bytes, limits: Limits | None = None) -> Extracted:
    """What a PDF is turned into."""
    return extract(data, "a.pdf", limits or Limits())


def test_pages_are_kept_apart() -> None:
    """Each page's text is followed by a page break, an empty page by one as well."""
    document = extracted(pdf(text_page(LONG), "", text_page("The third page has text, too.")))
    assert document.content.text.split("\f") == [f"{LONG}\n\n", "\n\n\n", "\nThe third page has text, too."]
    assert (document.pages, document.notes) == (3, ())


def test_mixed() -> None:
    """Text wins where some pages are pictures, and what is missing is said."""
    document = extracted(pdf(text_page(LONG), DRAWING, DRAWING))
    assert LONG in document.content.text
    assert not document.content.images
    assert document.notes == ("2 of 3 pages are pictures and not included: 2, 3.",)


def test_scan() -> None:
    """Pages without text become pictures, up to the limit, blank pages left out."""
    document = extracted(pdf(DRAWING, "", DRAWING, DRAWING), Limits(images=2))
    assert len(document.content.images) == 2
    assert document.notes[1] == "Only the first 2 of 3 pages are included."


def test_short_text() -> None:
    """A single word that is drawn as text may look poor, but a picture of it loses nothing."""
    document = extracted(pdf(text_page("Hi")))
    assert document.content.text == "Hi" or document.content.images


def test_blank() -> None:
    """A PDF of blank pages has no text."""
    with pytest.raises(Unreadable) as caught:
        extracted(pdf("", ""))
    assert caught.value.reason is DocumentReason.NO_TEXT


def test_form_values() -> None:
    """What was filled into a form is in the text."""
    assert "City: Reykjavik" in extracted(filled_form()).content.text


def test_huge_page_is_scaled() -> None:
    """A poster is rendered no larger than the limit."""
    poster = pdf(DRAWING).replace(b"[0 0 300 300]", b"[0 0 9999 300]")
    (image,) = extracted(poster, Limits(image_side=400)).content.images
    assert len(image.data) < 20_000


def test_words_are_joined_across_lines(corpus: Path) -> None:
    """A hyphen that only breaks a word at the end of a line goes away."""
    data = (corpus / "multi-column-2p.pdf").read_bytes()
    text = extracted(data).content.text
    assert "\ufffe" not in text
    assert "embeddings are learned" in text
