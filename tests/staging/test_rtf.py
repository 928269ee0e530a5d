"""Rich Text Format: numbers of lists, tables, pictures where they stand."""

from tests.staging.word_samples import png

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors import Extracted, Limits, extract


def read(body: bytes) -> Extracted:
    """What becomes of a document."""
    return extract(b"{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Times;}}" + body + b"}", "a.rtf", Limits())


def test_numbers_of_lists() -> None:
    """Numbers that the file keeps for readers that do not count are there."""
    body = rb"\pard{\listtext\tab 1.2\tab}First\par{\pntext\f0 (b)\tab}Second\par{\listtext 3.\tab}Third\par"
    words = read(body).text.split()
    assert words == ["1.2", "First", "(b)", "Second", "3.", "Third"]


def test_pictures_where_they_stand() -> None:
    """A picture is a picture at its place, once, though the file has it for older programs too."""
    shown = b"{\\pict{\\*\\blipuid 00112233445566778899aabbccddeeff}\\pngblip\\picwgoal2000\\pichgoal1000\n"
    shown += png().hex().encode() + b"}"
    body = b"\\pard Before {\\*\\shppict" + shown + b"}{\\nonshppict" + shown + b"} after\\par"
    document = read(body)
    assert " ".join(document.text.split()) == "Before after"
    (part,) = document.parts
    assert part.text.index("Before") < part.text.index(PICTURE_MARK) < part.text.index("after")
    assert [image.data for image in document.images] == [png()]


def test_pictures_that_are_left_out() -> None:
    """Drawings that cannot be shown, and damaged pictures, are told; groups that never end do no harm."""
    body = (
        b"\\pard x{\\pict\\emfblip "
        + b"00" * 60
        + b"}{\\pict\\pngblip "
        + b"89" * 60
        + b"}{\\pict\\pngblip 00"
    )
    kinds = [sentence.partition(" left out")[0] for sentence in read(body).left_out]
    assert kinds == ["A drawing (EMF or WMF) is", "2 pictures are"]
