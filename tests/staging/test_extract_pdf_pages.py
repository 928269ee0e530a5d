"""Whether a page of a PDF is read or looked at."""

import io

import pytest
from PIL import Image
from tests.staging.pdf_samples import (
    IMAGE,
    PROSE,
    Page,
    document,
    drawn,
    picture,
    plain,
    said,
    stream,
    written,
)

from docstage.domain.content import ImagePart, Part
from docstage.extraction.extractors import Extracted, Limits, extract

STAMP = "Case 1:23-cv-04567 Document 12 Filed 05/01/23 Page 1 of 3"
WHOLE = drawn(0, 0, 600, 800)


def extracted(data: bytes, limits: Limits | None = None) -> Extracted:
    """What a PDF is turned into."""
    return extract(data, "a.pdf", limits or Limits())


def page(content: str, image: bytes | None = None, entries: str = "", box: str = "0 0 600 800") -> Part:
    """The only page of a PDF with an image `/I`, before another page of text."""
    pages = [Page(content, entries, IMAGE, box), Page(written(PROSE))]
    return extracted(document(pages, {200: image or picture()})).parts[0]


def size(image: ImagePart) -> tuple[int, int]:
    """Width and height in pixels."""
    return Image.open(io.BytesIO(image.data)).size


@pytest.mark.parametrize("stamp", [STAMP, "ABC-000123", STAMP + " CONFIDENTIAL SUBJECT TO PROTECTIVE ORDER"])
def test_stamped_scan(stamp: str) -> None:
    """A scan with a line of text upon it is a picture, and the line is its text."""
    part = page(WHOLE + said(50, 780, stamp))
    assert (part.text, len(part.images), part.pictured) == (stamp, 1, True)


def test_scan_with_recognised_text() -> None:
    """What a scanner has recognised is text: invisible, or below the image."""
    invisible = page(WHOLE + written(PROSE, mode=3))
    below = page(written(PROSE) + WHOLE)
    for part in (invisible, below):
        assert PROSE[7] in part.text
        assert (part.images, part.pictured) == ((), False)


def test_only_the_title_was_recognised() -> None:
    """A scan of which only some words were recognised is still a picture."""
    part = page(WHOLE + said(50, 780, "CHAPTER TWO", mode=3))
    assert (part.text, len(part.images), part.pictured) == ("CHAPTER TWO", 1, True)


def test_scan_in_strips() -> None:
    """Scanners that cut a page into strips of a few lines make scans all the same."""
    strips = "".join(drawn(0, 8 * number, 600, 8) for number in range(100))
    part = page(strips + said(50, 780, STAMP), picture(2_400, 32))
    assert (len(part.images), part.pictured) == (1, True)


def test_scan_inside_a_form() -> None:
    """An image that a form draws is an image."""
    form = stream(
        drawn(0, 0, 300, 400),
        "/Type /XObject /Subtype /Form /BBox [0 0 300 400] /Matrix [2 0 0 2 0 0] "
        "/Resources << /XObject << /I 200 0 R >> >>",
    )
    pages = [
        Page("/X Do\n" + said(50, 780, STAMP), resources="/XObject << /X 201 0 R >>"),
        Page(written(PROSE)),
    ]
    part = extracted(document(pages, {200: picture(), 201: form})).parts[0]
    assert (len(part.images), part.pictured) == (1, True)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE + written(PROSE),  # letter paper
        drawn(50, 760, 60, 30) + written(PROSE[:20], top=700),  # a logo
    ],
)
def test_decoration(content: str) -> None:
    """Letter paper and logos need not be looked at."""
    part = page(content)
    assert (part.images, part.pictured) == ((), False)


def test_colours_hold_no_words() -> None:
    """A colour that is stretched over the page is no scan, however little text is upon it."""
    part = page(WHOLE + said(50, 780, "Thank you for your attention"), plain(200, 2, 2))
    assert (part.images, part.pictured) == ((), False)


def test_chart_beside_text() -> None:
    """A page of text with a large image is both."""
    part = page(drawn(50, 50, 500, 300) + written(PROSE[:22]))
    assert PROSE[7] in part.text
    assert (len(part.images), part.pictured) == (1, False)


def test_image_outside_the_page() -> None:
    """What the crop box cuts off is not on the page."""
    part = page(
        drawn(300, 0, 300, 800) + written([line[:40] for line in PROSE]), entries="/CropBox [0 0 290 800]"
    )
    assert (part.images, part.pictured) == ((), False)


def test_letters_as_outlines() -> None:
    """Words that were turned into outlines are looked at, beside a stamp as well."""
    curves = ("{x} {t} {z} {t} {z} {y} c", "{z} {b} {x} {b} {x} {y} c")
    letter = " ".join(("{x} {y} m", *curves, *curves, "f\n"))
    outlines = "".join(
        letter.format(
            x=50 + 8 * column, z=55 + 8 * column, y=100 + 12 * row, t=104 + 12 * row, b=96 + 12 * row
        )
        for row in range(50)
        for column in range(60)
    )
    part = page(outlines + said(50, 780, STAMP))
    assert (part.text, len(part.images), part.pictured) == (STAMP, 1, True)


def test_rules_are_no_outlines() -> None:
    """The rules of a form do not make a picture of it."""
    rules = "".join(f"50 {100 + 15 * row} 500 15 re S\n" for row in range(40))
    part = page(rules + said(50, 780, "Application for a permit"))
    assert (part.images, part.pictured) == ((), False)


def test_fonts_without_meaning() -> None:
    """A page whose font says nothing about its letters is a picture, and its neighbour is text."""
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 100 100] /FontMatrix [0.01 0 0 0.01 0 0] "
        "/FirstChar 65 /LastChar 66 /Widths [60 60] /CharProcs << /g1 201 0 R /g2 202 0 R >> "
        "/Resources << >> /Encoding << /Type /Encoding /Differences [65 /g1 /g2] >> >>"
    )
    glyphs = {
        201: stream("60 0 0 0 60 60 d1 0 0 50 50 re f"),
        202: stream("60 0 0 0 60 60 d1 0 0 50 20 re f"),
    }
    odd = Page("BT /F 12 Tf 50 700 Td (ABBA ABAB BABA) Tj ET", "/Resources << /Font << /F 200 0 R >> >>")
    parts = extracted(document([odd, Page(written(PROSE))], {200: font, **glyphs})).parts
    assert [(part.text[:6], len(part.images), part.pictured) for part in parts] == [
        ("", 1, True),
        ("Line 0", 0, False),
    ]


def test_letters_that_no_language_has() -> None:
    """Letters that stand for others give a picture; the text stays, as nothing proves it wrong."""
    shifted = [
        "".join(chr(97 + (ord(c) - 97 + 3) % 26) if c.isalpha() else c for c in line.lower())
        for line in PROSE
    ]
    part = page(written(shifted))
    assert (len(part.images), part.pictured) == (1, True)


def test_blank_pages() -> None:
    """Neither an empty page nor one with white paper upon it is a picture."""
    for content in ("", WHOLE):
        part = page(content, plain(250))
        assert (part.text, part.images, part.pictured, part.left_out) == ("", (), False, ())


def test_upright() -> None:
    """A turned page is shown as readers see it."""
    (image,) = page(WHOLE, entries="/Rotate 90").images
    assert size(image) == (1_600, 1_200)


def test_tiny_page() -> None:
    """A scan that says to be as large as a stamp is shown large enough to read."""
    (image,) = page(drawn(0, 0, 60, 80), box="0 0 60 80").images
    assert max(size(image)) >= 1_000


def test_long_page() -> None:
    """A web page or receipt on one long sheet is shown piece by piece, all of it legible."""
    part = page(drawn(0, 0, 300, 6_000), box="0 0 300 6000")
    assert len(part.images) > 5
    assert all(size(image)[0] >= 600 for image in part.images)


def test_labels() -> None:
    """A page that the document counts in its own way is named so, beside its number."""
    labels = "/PageLabels << /Nums [0 << /S /r >> 1 << /S /D >>] >>"
    parts = extracted(document([Page(written(PROSE))] * 3, catalog=labels)).parts
    assert [(part.number, part.name) for part in parts] == [(1, "i"), (2, "1"), (3, "2")]


def test_damaged_images() -> None:
    """A page whose image cannot be drawn is not blank in silence."""
    entries = (
        b"/Width 900 /Height 900 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /JPXDecode /Length 4"
    )
    image = b"<< /Type /XObject /Subtype /Image %b >>\nstream\nabcd\nendstream" % entries
    part = page(WHOLE, image)
    assert part.left_out == ("An image on this page is damaged or too large to be drawn, and was not read.",)


def test_no_control_characters() -> None:
    """What fonts leave in a text that is no letter goes away, and leaves the document readable."""
    assert "\x03" not in page(written([line + "\x03\x04" for line in PROSE])).text
