"""PDF documents."""

from pathlib import Path

import pytest
from tests.staging.samples import filled_form, pdf, text_page

from docstage.domain.content import DocumentReason, PartKind
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract

DRAWING = "0 0 200 200 re f"
LONG = "This page has quite some text on it."


def extracted(data: bytes, limits: Limits | None = None) -> Extracted:
    """What a PDF is turned into."""
    return extract(data, "a.pdf", limits or Limits())


def test_pages_are_parts() -> None:
    """Each page is a part with its number, an empty one as well."""
    document = extracted(pdf(text_page(LONG), "", text_page("The third page has text, too.")))
    assert [part.text for part in document.parts] == [LONG, "", "The third page has text, too."]
    assert [(part.kind, part.number) for part in document.parts] == [(PartKind.PAGE, n) for n in (1, 2, 3)]
    assert (document.pages, document.left_out) == (3, ())


def test_mixed() -> None:
    """A page of text is text, and a page without any is a picture beside it."""
    document = extracted(pdf(text_page(LONG), DRAWING, DRAWING))
    assert [(part.text, len(part.images), part.pictured) for part in document.parts] == [
        (LONG, 0, False),
        ("", 1, True),
        ("", 1, True),
    ]


def test_scan() -> None:
    """Pages without text become pictures, up to the limit, blank pages left out."""
    document = extracted(pdf(DRAWING, "", DRAWING, DRAWING), Limits(images=2))
    assert len(document.images) == 2
    assert [bool(part.images) for part in document.parts] == [True, False, True, False]
    assert [part.left_out for part in document.parts] == [
        (),
        (),
        (),
        ("Its picture is not included: a document has at most 2.",),
    ]


def test_short_text() -> None:
    """A single word that is drawn as text may look poor, but a picture of it loses nothing."""
    document = extracted(pdf(text_page("Hi")))
    assert document.text == "Hi" or document.images


def test_blank() -> None:
    """A PDF of blank pages has no text."""
    with pytest.raises(Unreadable) as caught:
        extracted(pdf("", ""))
    assert caught.value.reason is DocumentReason.NO_TEXT


def test_form_values() -> None:
    """What was filled into a form is in the text."""
    assert "City: Reykjavik" in extracted(filled_form()).text


def test_huge_page_is_scaled() -> None:
    """A poster is rendered no larger than the limit."""
    poster = pdf(DRAWING).replace(b"[0 0 300 300]", b"[0 0 9999 300]")
    (image,) = extracted(poster, Limits(image_side=400)).images
    assert len(image.data) < 20_000


def test_words_are_joined_across_lines(corpus: Path) -> None:
    """A hyphen that only breaks a word at the end of a line goes away."""
    data = (corpus / "multi-column-2p.pdf").read_bytes()
    text = extracted(data).text
    assert "\ufffe" not in text
    assert "embeddings are learned" in text
