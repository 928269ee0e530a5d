"""Documents of Word (Office Open XML), as a reader sees them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.etree.ElementTree import Element

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.office.package import Package, parse_part, zip_package
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.document import Block, Document
from docstage.extraction.extractors.word.margins import Margins
from docstage.extraction.extractors.word.notes import (
    load_comments,
    load_notes,
    note_text,
    part,
    untold_comments,
)
from docstage.extraction.extractors.word.numbers import Numbering
from docstage.extraction.extractors.word.parts import parts_of, placed
from docstage.extraction.extractors.word.pictures import Pictures
from docstage.extraction.extractors.word.story import Story
from docstage.extraction.extractors.word.styles import Styles, parse_styles

_DAMAGED = "The file is damaged or cut off. Open it in Word and save it anew."
_USUAL_NAME = "word/document.xml"
_MAIN_TYPE = ".main+xml"
_WORD_TYPE = "wordprocessingml.document"
_MOST_NESTED = 3
# What else may be embedded as text (ECMA-376 part 1, 17.17.2.1), by its type or by its extension.
_EXTENSIONS = {
    "message/rfc822": "eml",
    "mht": "eml",
    "mhtml": "eml",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "txt",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
}


class WordExtractor:
    """DOCX and its kin."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read the document. See `Extractor.extract`."""
        return read_word(zip_package(data), media_type, limits)


EXTRACTOR = WordExtractor


def read_word(package: Package, media_type: str, limits: Limits) -> Extracted:
    """The document in a package, of a ZIP file or of a flat document.

    Raises:
        Unreadable: DAMAGED or TOO_COMPLEX.
    """
    remarks = Remarks()
    document = _open(package, Pictures(limits, remarks), remarks, limits, 0)
    blocks = _read(document)
    parts = parts_of(blocks, document.pictures, partial(note_text, document))
    if authors := [author for author in document.authors if author]:
        remarks.note(f"It has tracked changes by {', '.join(authors[:5])}: read as if all were accepted.")
    elif document.authors:
        remarks.note("It has tracked changes: read as if all were accepted.")
    notes, left_out = remarks.sentences(missing=False), remarks.sentences(missing=True)
    return Extracted(parts, media_type, notes, left_out, tuple(document.attachments))


def _open(package: Package, pictures: Pictures, remarks: Remarks, limits: Limits, nested: int) -> Document:
    main = _main(package)
    document = Document(
        package, Styles(None), Numbering(None, Styles(None)), pictures, remarks, limits, _chunk
    )
    document.nested = nested
    document.styles = Styles(_only(document, main, "styles", "The styles", parse_styles))
    document.numbering = Numbering(
        _only(document, main, "numbering", "The numbers of lists"), document.styles
    )
    return document


def _read(document: Document) -> list[Block]:
    """All that the document says, with its headers and footers."""
    main = _main(document.package)
    root = document.package.xml(main)
    if root is None:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
    settings = _only(document, main, "settings", "The settings")
    load_notes(document, main, settings)
    load_comments(document, main)
    story = Story(document, main, root)
    blocks = story.read()
    margins = Margins(document, main, settings)
    written: list[Block] = []
    start = 0
    for end, section in story.sections:
        written += [*margins.of(section, "header"), *blocks[start:end], *margins.of(section, "footer")]
        start = end
    return [*written, *blocks[start:], *untold_comments(document)]


def _main(package: Package) -> str:
    """The name of the main part, as the package says, or by what it looks like where it says nothing."""
    if (named := package.main) is not None:
        return named
    typed = (name for name in package.names if package.content_type(name).endswith(_MAIN_TYPE))
    return next(typed, _USUAL_NAME)


def _only(
    document: Document, main: str, kind: str, what: str, parse: Callable[[bytes], Element] = parse_part
) -> Element | None:
    names = [name for name in document.package.related(main, kind) if name in document.package]
    return part(document, names[0], what, parse) if names else None


def _chunk(document: Document, name: str) -> list[Block]:
    """A document that is embedded in another one as a part of its text."""
    data = document.package.read(name)
    if data is None:
        raise Unreadable(DocumentReason.DAMAGED, "It is missing.")
    if document.nested >= _MOST_NESTED:
        raise Unreadable(DocumentReason.TOO_COMPLEX, "It lies too deep in others.")
    if _WORD_TYPE in document.package.content_type(name) or data.startswith(b"PK\x03\x04"):
        inner = _open(
            zip_package(data), document.pictures, document.remarks, document.limits, document.nested + 1
        )
        inner.attachments, inner.authors = document.attachments, document.authors
        blocks = _read(inner)
        notes = [Block(note_text(inner, mark)) for block in blocks for mark in block.footnotes]
        return [*(replace(block, footnotes=[]) for block in blocks), *notes]
    from docstage.extraction.extractors import extract

    kind = document.package.content_type(name).partition(";")[0]
    extension = _EXTENSIONS.get(kind) or _EXTENSIONS.get(name.rpartition(".")[2].lower())
    read = extract(data, f"chunk.{extension}" if extension else name.rpartition("/")[2], document.limits)
    document.attachments += read.attachments
    for sentence in read.left_out:
        document.remarks.leave_out(sentence)
    text = placed(document.pictures, read.parts)
    return [Block(text)] if text else []
