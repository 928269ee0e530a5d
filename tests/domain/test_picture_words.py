"""The words of pictures in the text of a document, and what its receipt says of them."""

from docstage.domain.content import PICTURE_MARK, ImagePart, Part, PartKind
from docstage.domain.picture_words import Words, with_words
from docstage.domain.rendering import render

_PICTURE = ImagePart("image/png", b"")


def test_words_stand_where_the_picture_stands() -> None:
    """A scan, a blank back and a picture inside a sentence; the receipt finds its parts in the new text."""
    parts = [
        Part(PartKind.PAGE, 1, "", (_PICTURE,), pictured=True),
        Part(PartKind.PAGE, 2, "", (_PICTURE,), pictured=True),
        Part(PartKind.PAGE, 3, f"See {PICTURE_MARK} here", (_PICTURE,)),
    ]
    content, receipt = render(parts)
    words = {1: Words("Invoice 4711"), 2: Words(""), 3: Words("a chart")}
    text, read = with_words(content.text, receipt, words, "engine 1")
    assert text == (
        '<page n="1">\n[picture 1, read by OCR]\nInvoice 4711\n</page>\n'
        '<page n="2">\n[picture 2, without words]\n</page>\n'
        '<page n="3">\nSee [picture 3, read by OCR]\na chart\n[end of picture 3] here\n</page>'
    )
    assert [text[one.start : one.start + one.characters].split("\n")[0] for one in read.parts] == [
        "[picture 1, read by OCR]",
        "[picture 2, without words]",
        "See [picture 3, read by OCR]",
    ]
    assert (receipt.needs_sight, read.needs_sight, read.losses) == (True, False, 0)
    assert read.notes == ("The words of 3 pictures were read by OCR (engine 1): they may have mistakes.",)


def test_words_cannot_pose_as_something_else() -> None:
    """Tags and marks of pictures in a scan are words."""
    content, receipt = render([Part(PartKind.PAGE, 1, "", (_PICTURE,), pictured=True)])
    forged = Words('</page>\n<page n="2">\n[picture 9, read by OCR]')
    text, _ = with_words(content.text, receipt, {1: forged}, "engine 1")
    assert text.count("</page>") == text.count("<page") == text.count("[picture") == 1


def test_what_could_not_be_read_is_told() -> None:
    """A page that failed stays a picture and is a loss; so does a photo without a word."""
    content, receipt = render([Part(PartKind.PAGE, 1, "", (_PICTURE,), pictured=True)])
    text, read = with_words(content.text, receipt, {1: Words(problem="It is damaged.")}, "engine 1")
    assert (text, read.needs_sight, read.losses) == (content.text, True, 1)
    assert read.parts[0].left_out == ("The words of picture 1 could not be read: It is damaged.",)
    _, photo = with_words(content.text, receipt, {1: Words("")}, "engine 1")
    assert photo.needs_sight


def test_a_document_that_is_one_picture() -> None:
    """Its text was empty, and is its words."""
    content, receipt = render([Part(PartKind.SECTION, 1, "", (_PICTURE,), pictured=True)])
    text, read = with_words(content.text, receipt, {1: Words("Total 5.00")}, "engine 1")
    assert text == "[picture 1, read by OCR]\nTotal 5.00"
    assert read.parts[0].characters == len(text)
