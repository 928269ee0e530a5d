"""Office documents and their containers."""

import struct
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.hostile.compound import Storage, Stream, compound_file
from tests.hostile.open_document import odp_groups, odt_deep, odt_lists
from tests.hostile.open_xml import slide_groups
from tests.staging.samples import docx, relationships, xlsx, zipped

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits, Unreadable, archive, extract


def reason(data: bytes, name: str) -> DocumentReason:
    """Why a document cannot be read."""
    with pytest.raises(Unreadable) as caught:
        extract(data, name, Limits())
    return caught.value.reason


def members(path: Path) -> dict[str, bytes]:
    """What a ZIP file holds."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_running_headers_and_footers() -> None:
    """Headers and footers of a Word document stand above and below its text, once."""
    document = extract(docx("Body", "Above &amp; all", "Below"), "a.docx", Limits())
    assert document.text == "Header: Above & all\n\nBody\n\nFooter: Below"


def test_large_sheet() -> None:
    """A sheet of more than 100,000 cells is read to its last cell."""
    text = extract(xlsx(25_000, 5), "a.xlsx", Limits()).text
    assert "| 24999.0 | 24999.1 | 24999.2 | 24999.3 | 24999.4 |" in text


def test_speaker_notes(corpus: Path) -> None:
    """Notes below a slide are in the text, and slides are counted."""
    parts = members(corpus / "test.pptx")
    name = "ppt/slides/_rels/slide1.xml.rels"
    link = (
        relationships({"../notesSlides/notesSlide1.xml": "notesSlide"})
        .split("<Relationship ")[1]
        .split("/>")[0]
    )
    link = link.replace('"r0"', '"rNotes"')
    parts[name] = parts[name].replace(b"</Relationships>", f"<Relationship {link}/></Relationships>".encode())
    parts["ppt/notesSlides/notesSlide1.xml"] = (
        b'<p:notes xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>'
        b"<p:sp><p:nvSpPr>"
        b'<p:cNvPr id="2" name="Notes"/><p:cNvSpPr/><p:nvPr><p:ph type="body" idx="1"/></p:nvPr></p:nvSpPr>'
        b"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>Remember to smile here.</a:t></a:r></a:p></p:txBody>"
        b"</p:sp></p:spTree></p:cSld></p:notes>"
    )
    document = extract(zipped(parts), "a.pptx", Limits())
    assert "Remember to smile here." in document.text
    assert document.pages == 6


def test_encrypted_opendocument(corpus: Path) -> None:
    """An OpenDocument whose manifest names encrypted parts is locked."""
    parts = members(corpus / "fake.odt")
    manifest = parts["META-INF/manifest.xml"]
    parts["META-INF/manifest.xml"] = manifest.replace(
        b"</manifest:manifest>", b"<manifest:encryption-data/>", 1
    )
    assert reason(zipped(parts), "a.odt") is DocumentReason.PASSWORD


def test_encrypted_doc(corpus: Path) -> None:
    """A Word 97 document whose header says that it is encrypted is locked."""
    data = bytearray((corpus / "fake.doc").read_bytes())
    start = data.index(b"\xec\xa5", 512)
    data[start + 11] |= 0x01
    assert reason(bytes(data), "a.doc") is DocumentReason.PASSWORD


def test_damaged() -> None:
    """A cut file is damaged, and its name decides of what kind it was meant to be."""
    data = docx("Body")
    assert reason(data[:-200], "a.docx") is DocumentReason.DAMAGED
    assert reason(zipped({"word/document.xml": "<w:document"}), "a.docx") is DocumentReason.DAMAGED


def test_without_words() -> None:
    """A document without words has no text."""
    assert reason(docx(""), "a.docx") is DocumentReason.NO_TEXT


def test_container_that_declares_too_much() -> None:
    """A container that says it unpacks to more than the limit is not opened."""
    data = bytearray(docx("Body"))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, archive.MAX_UNPACKED + 1)
    assert reason(bytes(data), "a.docx") is DocumentReason.TOO_COMPLEX


def test_container_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes in the directory are not believed: what really comes out is counted."""
    monkeypatch.setattr(archive, "MAX_UNPACKED", 5_000_000)
    for size, refused in ((5_000_000, False), (5_000_001, True)):
        bomb = bytearray(zipped({"word/document.xml": b"\x00" * size}))
        struct.pack_into("<I", bomb, bomb.index(b"PK\x01\x02") + 24, 10)
        with pytest.raises(Unreadable) if refused else nullcontext() as caught:
            archive.check_archive(bytes(bomb))
        assert caught is None or caught.value.reason is DocumentReason.TOO_COMPLEX


def test_container_whose_members_overlap() -> None:
    """Members that share their bytes, as in bombs without nesting, are refused."""
    data = docx("Body")
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[start:end] * 200
    count = 200 * struct.unpack_from("<H", data, end + 10)[0]
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(entries), start, 0)
    with pytest.raises(Unreadable) as caught:
        archive.check_archive(data[:start] + entries + tail)
    assert caught.value.reason in (DocumentReason.TOO_COMPLEX, DocumentReason.DAMAGED)


def test_reader_that_gives_up() -> None:
    """A workbook over which the reader itself fails is damaged, in words, and costs no worker."""
    bound = struct.pack("<HHIHBB", 0x85, 9, 0xFFFFFFF0, 0, 1, 0) + b"S"  # a sheet far beyond the file
    begin = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0, 0x7CC, 0, 6)
    book = (begin + bound + struct.pack("<HH", 0x0A, 0)).ljust(4_096, b"\0")
    data = compound_file(Storage({"Workbook": Stream(book), "Short": Stream(bytes(64))}))
    with pytest.raises(Unreadable) as caught:
        extract(data, "a.xls", Limits())
    assert caught.value.reason is DocumentReason.DAMAGED


@pytest.mark.parametrize(
    ("name", "make"),
    [("a.odp", odp_groups), ("a.odt", odt_deep), ("b.odt", odt_lists), ("a.pptx", slide_groups)],
)
def test_deep_nesting(name: str, make: Callable[[int], bytes]) -> None:
    """Deeper than anybody groups things is read; what would end its reader is refused before."""
    assert extract(make(200), name, Limits()).text
    with pytest.raises(Unreadable, match="Its parts lie more than 500 deep") as caught:
        extract(make(3_000), name, Limits())
    assert caught.value.reason is DocumentReason.TOO_COMPLEX
