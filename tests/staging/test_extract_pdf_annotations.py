"""What is written onto PDF pages, entered into forms, and attached to them."""

import zlib

import pytest
from tests.staging.pdf_samples import FONTS, PROSE, Page, document, said, stream, written

from docstage.extraction.extractors.base import Limits
from docstage.extraction.extractors.pdf.annotations import MOST_ANNOTATIONS
from docstage.extraction.extractors.pdf.extractor import EXTRACTOR, PORTFOLIO
from docstage.extraction.known_types import PDF

FORM = "/AcroForm << /Fields [{}] >>"


def text(annotations: dict[int, str | bytes], content: str = "", catalog: str = "") -> str:
    """The text of a page with these annotations; other objects have numbers from 250 on."""
    shown = " ".join(f"{number} 0 R" for number in annotations if number < 250)
    data = document([Page(content or written(PROSE), f"/Annots [{shown}]")], annotations, catalog)
    return EXTRACTOR().extract(data, PDF, Limits()).parts[0].text


def fields(*entries: str, extra: dict[int, str | bytes] | None = None) -> str:
    """The text of a page with these form fields."""
    written_fields: dict[int, str | bytes] = {
        200
        + number: f"<< /Type /Annot /Subtype /Widget /Rect [50 {700 - 20 * number} 150 {714 - 20 * number}] "
        f"{entry} >>"
        for number, entry in enumerate(entries)
    }
    references = " ".join(f"{number} 0 R" for number in written_fields)
    return text({**written_fields, **(extra or {})}, said(50, 780, "Form"), FORM.format(references))


def test_typed_onto_the_page() -> None:
    """What was typed onto a form stands after the line beside which it was typed, once, and is marked."""
    page = said(50, 700, "Name: ______") + said(50, 660, "IBAN: ______")
    typed = "<< /Type /Annot /Subtype /FreeText /Rect [100 695 300 712] /Contents (Maria Sample) >>"
    assert text({200: typed}, page) == "Name: ______\n[Typed onto the page: Maria Sample]\nIBAN: ______"


def test_comments() -> None:
    """Comments say whose they are, and whom they answer; decisions likewise."""
    found = text(
        {
            200: "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /T (Ann) /Contents (wrong IBAN) >>",
            201: "<< /Type /Annot /Subtype /Text /Rect [300 680 320 700] /T (Bob) /Contents (mended) "
            "/IRT 200 0 R >>",
            202: "<< /Type /Annot /Subtype /Text /Rect [300 660 320 680] /T (Cid) "
            "/Contents (Accepted by Cid) /IRT 200 0 R /State (Accepted) /StateModel (Review) >>",
        }
    )
    assert "[Comment by Ann: wrong IBAN]" in found
    assert "[Reply by Bob to Ann: mended]" in found
    assert "[Accepted by Cid, in reply to Ann: Accepted by Cid]" in found


def test_marked_text() -> None:
    """What is highlighted or struck out is quoted, with what was remarked about it."""
    page = said(50, 700, "Delivery within thirty days")
    quad = "/QuadPoints [50 712 250 712 50 696 250 696] /Rect [50 696 250 712]"
    found = text(
        {
            200: f"<< /Type /Annot /Subtype /Highlight {quad} /T (Ann) /Contents (too late) >>",
            201: f"<< /Type /Annot /Subtype /StrikeOut {quad} /T (Bob) >>",
        },
        page,
    )
    assert '[Highlighted by Ann: "Delivery within thirty days", with the comment: too late]' in found
    assert '[Struck out by Bob: "Delivery within thirty days"]' in found


def test_rich_text_and_insertions() -> None:
    """Comments that are written in rich text alone are read, and insertions say what they are."""
    rich = "<body><p>see <b>clause 4</b> &amp; 5</p></body>"
    found = text(
        {
            200: f"<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /RC ({rich}) >>",
            201: "<< /Type /Annot /Subtype /Caret /Rect [300 660 320 680] /Contents (and its heirs) >>",
        }
    )
    assert "[Comment: see clause 4 & 5]" in found
    assert "[To be inserted: and its heirs]" in found


def test_hidden_and_silent() -> None:
    """What readers do not show is not read, and popups do not say it twice."""
    found = text(
        {
            200: "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /F 2 /Contents (secret) >>",
            201: "<< /Type /Annot /Subtype /Popup /Rect [300 660 320 680] /Contents (secret) >>",
            202: "<< /Type /Annot /Subtype /Square /Rect [300 660 320 680] >>",
        }
    )
    assert "secret" not in found
    assert "[" not in found


def appearance(words: str) -> bytes:
    """A form XObject that draws words."""
    return stream(
        said(2, 4, words), f"/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << {FONTS} >>"
    )


@pytest.mark.parametrize(
    ("entries", "label"),
    [
        ("/Subtype /Stamp", "Stamp"),
        ("/Subtype /FreeText", "Typed onto the page"),
        ("/Subtype /Widget /FT /Sig /T (sig)", "Signature"),
    ],
)
def test_words_of_appearances(entries: str, label: str) -> None:
    """Words that only an annotation's appearance says are read, once, and marked."""
    annotation = f"<< /Type /Annot {entries} /Rect [50 400 350 420] /AP << /N 250 0 R >> /F 4 >>"
    found = text(
        {200: annotation, 250: appearance("Digitally signed by Ann")},
        said(50, 700, "Agreed"),
        FORM.format("200 0 R"),
    )
    assert found.count("Digitally signed by Ann") == 1
    assert f"[{label}: Digitally signed by Ann]" in found


def test_unsigned() -> None:
    """A signature field without a signature says nothing."""
    assert "Signature" not in fields("/FT /Sig /T (sig)")


def test_entries() -> None:
    """Entries have the name of their field, and what it means where it is told."""
    found = fields("/FT /Tx /T (City) /V (Reykjavik)", "/FT /Tx /T (t2) /TU (Postal code) /V (101)")
    assert "City: Reykjavik" in found
    assert "t2 (Postal code): 101" in found


def test_password_entries() -> None:
    """What is not to be seen on the page is not read."""
    assert "hunter2" not in fields("/FT /Tx /T (pin) /Ff 8192 /V (hunter2)")


def test_boxes_and_choices() -> None:
    """Boxes are ticked or not, and choices have the words that the page shows."""
    states = "/AP << /N << /Yes 250 0 R /Off 250 0 R >> >>"
    found = fields(
        f"/FT /Btn /T (agree) /V /Yes /AS /Yes {states}",
        f"/FT /Btn /T (news) /V /Off /AS /Off {states}",
        "/FT /Ch /Ff 131072 /T (country) /V (is) /Opt [[(de) (Germany)] [(is) (Iceland)]]",
        extra={250: appearance("")},
    )
    assert "agree: checked" in found
    assert "news: not checked" in found
    assert "country: Iceland" in found


def embedded(data: bytes, packed: str = "") -> dict[int, str | bytes]:
    """Objects of an embedded file, `folder/prices.txt`."""
    content = b"<< /Type /EmbeddedFile /Length %d %b >>\nstream\n%b\nendstream" % (
        len(data),
        packed.encode(),
        data,
    )
    return {
        260: "<< /Type /Filespec /F (folder/prices.txt) /UF (folder/prices.txt) /EF << /F 261 0 R >> >>",
        261: content,
    }


NAMES = "/Names << /EmbeddedFiles << /Names [(a) 260 0 R] >> >>"


def test_embedded_files() -> None:
    """Files within are handed on, once, wherever they are attached."""
    at_page = {200: "<< /Type /Annot /Subtype /FileAttachment /Rect [50 400 60 410] /FS 260 0 R >>"}
    data = document(
        [Page(written(PROSE), "/Annots [200 0 R]")], {**at_page, **embedded(b"price list 77 EUR")}, NAMES
    )
    document_ = EXTRACTOR().extract(data, PDF, Limits())
    assert [(file.name, file.data) for file in document_.attachments] == [
        ("prices.txt", b"price list 77 EUR")
    ]
    assert "[Attached file: prices.txt]" in document_.parts[0].text
    assert document_.left_out == ()


def test_portfolio() -> None:
    """The cover of a portfolio is told to be one."""
    catalog = NAMES + " /Collection << /Type /Collection >> /PageMode /UseAttachments"
    found = EXTRACTOR().extract(
        document([Page(said(50, 700, "Open me"))], embedded(b"x"), catalog), PDF, Limits()
    )
    assert found.notes == (PORTFOLIO,)


@pytest.mark.parametrize("times", [1, 2])
def test_endless_files(times: int) -> None:
    """A file that unpacks without end is left out and told, and the pages are read."""
    data = bytes(30_000_000)
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = "/Filter [" + "/FlateDecode " * times + "]"
    found = EXTRACTOR().extract(
        document([Page(written(PROSE))], embedded(data, filters), NAMES), PDF, Limits(file_bytes=1_000_000)
    )
    assert PROSE[7] in found.parts[0].text
    assert found.attachments == ()
    assert found.left_out == ("The embedded file prices.txt was not read: it is too large or damaged.",)


def test_films() -> None:
    """What can only be played is told."""
    data = document(
        [Page(written(PROSE), "/Annots [200 0 R]")],
        {200: "<< /Type /Annot /Subtype /Screen /Rect [50 400 60 410] >>"},
    )
    (part,) = EXTRACTOR().extract(data, PDF, Limits()).parts
    assert part.left_out == ("It holds a film or a sound, which cannot be read.",)


def test_forms_of_livecycle() -> None:
    """Of a form that only Adobe's programs show, what was entered is read, and what is missing is told."""
    entries = "<xfa:data xmlns:xfa='x'><form><Surname>Doe &amp; Sons</Surname><Empty/></form></xfa:data>"
    catalog = "/NeedsRendering true /AcroForm << /Fields [] /XFA [(datasets) 270 0 R] >>"
    data = document([Page(said(50, 700, "Please wait..."))], {270: stream(entries)}, catalog)
    found = EXTRACTOR().extract(data, PDF, Limits())
    assert found.parts[-1].text == "Surname: Doe & Sons"
    assert found.parts[-1].left_out
    assert "LiveCycle" in found.notes[0]


def test_many_annotations_take_no_time() -> None:
    """However many remarks there are, they are looked at once."""
    remark = "<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /Contents (one of many) >>"
    data = document([Page(written(PROSE), "/Annots [" + "200 0 R " * 20_000 + "]")], {200: remark})
    (part,) = EXTRACTOR().extract(data, PDF, Limits()).parts
    assert part.text.count("one of many") == MOST_ANNOTATIONS
    assert part.left_out
