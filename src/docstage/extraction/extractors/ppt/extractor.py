"""PowerPoint of before 2007 ([MS-PPT]): each slide with its notes and comments, in their order."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from docstage.domain.content import DocumentReason, Part, PartKind
from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable, check_length, tidy
from docstage.extraction.extractors.compound import CompoundFile, Storage
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.reading_order import Box
from docstage.extraction.extractors.ppt.files import PictureStore, embedded_files
from docstage.extraction.extractors.ppt.records import (
    DOCUMENT,
    MASTER,
    NOTES,
    SLIDE,
    Persisted,
    Record,
    records,
)
from docstage.extraction.extractors.ppt.slides import Item, SlideReader, lines
from docstage.extraction.extractors.ppt.text import Words, string, texts
from docstage.extraction.extractors.sentences import sentences
from docstage.extraction.extractors.text.decoding import decode

_LOCKED = "The presentation is locked with a password. Save a copy without one."
_DAMAGED = "The presentation is damaged or cut off. Open it in its program and save it anew."
_TOO_OLD = "It was saved by PowerPoint 4 or earlier, which cannot be read. Save it anew as .pptx."
_OF_95 = (
    "It was saved by PowerPoint 95: only its words are read, in one piece, without pictures, tables and "
    "charts. Save it anew as .pptx."
)
# A file for PowerPoint 95 and 97 has the newer presentation in a folder of its own ([MS-PPT] 2.1).
_STREAM, _BOTH, _WORDS_OF_95, _OF_4 = "PowerPoint Document", "PP97_DUALSTORAGE", "Text_Content", "PP40"
_ABOUT_DOCUMENT, _LISTED, _PERSIST = 0x03E9, 0x0FF0, 0x03F3
_SLIDES, _MASTERS, _NOTES = 0, 1, 2
_ABOUT_SLIDE, _SHOWN = 0x03EF, 0x03F9
_HIDDEN, _MASTER_SHAPES = 0x4, 0x1
_MARGINS, _ABOUT_MARGINS = 0x0FD9, 0x0FDA
_HAS_DATE, _HAS_USER_DATE, _HAS_FOOTER = 0x1, 0x4, 0x20
_TAGS, _TAG, _TAG_DATA, _COMMENT = 0x1388, 0x138A, 0x138B, 0x2EE0
_SIZE = Box(0, 0, 5_760, 4_320)  # 10 by 7.5 inches in units of 576 to an inch
_COVERED, _FEW = 0.5, 60  # see `slides`


class OldSlideExtractor:
    """PPT and PPS."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read each slide as a part. See `Extractor.extract`."""
        root = CompoundFile(data).root
        both = root.storage(_BOTH)
        try:
            return _read(both if both is not None and both.stream(_STREAM) else root, media_type, limits)
        except Unreadable as problem:
            words = root.stream(_WORDS_OF_95)
            if problem.reason is not DocumentReason.DAMAGED or (words is None and root.stream(_OF_4) is None):
                raise
            if not words:
                raise Unreadable(DocumentReason.DAMAGED, _TOO_OLD) from problem
            return _words_of_95(words, media_type)


EXTRACTOR = OldSlideExtractor


def _read(root: Storage, media_type: str, limits: Limits) -> Extracted:
    stream = root.stream(_STREAM)
    if stream is None:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
    persisted = Persisted(stream, root.stream("Current User") or b"")
    if persisted.is_encrypted:
        raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
    return _Deck(stream, persisted, root.stream("Pictures") or b"", Pictures(limits)).read(media_type)


def _words_of_95(words: bytes, media_type: str) -> Extracted:
    """What PowerPoint 95 wrote for programs that search: all words, one slide after the other."""
    text = tidy((decode(words) or words.decode("cp1252", "replace")).replace("\x0b", "\n"))
    return Extracted.whole(text, media_type, left_out=(_OF_95,))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A slide as the presentation lists it.

    Attributes:
        outline: the texts that the list holds for it.
    """

    persist_id: int
    slide_id: int
    outline: tuple[Words, ...]


@dataclass(slots=True)
class _Told:
    notes: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


class _Deck:
    def __init__(self, stream: bytes, persisted: Persisted, images: bytes, pictures: Pictures) -> None:
        self._stream = stream
        self._persisted = persisted
        self._document = persisted.find(persisted.document_id, DOCUMENT) or _only_document(stream)
        self._pictures = pictures
        self._store = PictureStore(self._document, images)
        self._files = embedded_files(self._document, persisted)
        self._size = _size(self._document)
        self._lists = {kind: list(self._listed(kind)) for kind in (_SLIDES, _MASTERS, _NOTES)}
        self._once: set[str] = set()
        self._numbers: dict[int, int] = {}
        self._characters = 0
        self._told = _Told()

    def read(self, media_type: str) -> Extracted:
        """All slides.

        Raises:
            Unreadable: DAMAGED, when there are none.
        """
        listed = self._lists[_SLIDES]
        slides = [(one, self._persisted.find(one.persist_id, SLIDE)) for one in listed]
        if not any(slide for _, slide in slides):
            slides = [(_Listed(0, 0, ()), slide) for slide in _all(self._stream, SLIDE)]
        if not slides:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        parts = tuple(self._part(number, *one) for number, one in enumerate(slides, 1))
        notes = (*self._told.notes, *self._pictures.notes())
        return Extracted(parts, media_type, notes, attachments=tuple(self._told.attachments))

    def _listed(self, kind: int) -> Iterator[_Listed]:
        holder = None if self._document is None else self._document.first(_LISTED, kind)
        about: Record | None = None
        atoms: list[Record] = []
        for one in () if holder is None else holder:
            if one.kind == _PERSIST:
                if about is not None:
                    yield _Listed(about.number(0), about.number(12), tuple(texts(atoms)))
                about, atoms = one, []
            else:
                atoms.append(one)
        if about is not None:
            yield _Listed(about.number(0), about.number(12), tuple(texts(atoms)))

    def _part(self, number: int, listed: _Listed, slide: Record | None) -> Part:
        if slide is None:
            return Part(PartKind.SLIDE, number, left_out=("It is not in the file.",))
        if slide.start in self._numbers:
            why = f"It is slide {self._numbers[slide.start]} again, which is read there."
            return Part(PartKind.SLIDE, number, left_out=(why,))
        self._numbers[slide.start] = number
        reader = self._reader(number, listed)
        items = reader.items(slide)
        if not any(item.text.strip() for item in items):
            # Some programs keep the words of a slide in the list of slides alone.
            items = [
                Item(words.text, None, is_title=words.is_title) for words in listed.outline if words.text
            ]
        title = next((item for item in items if item.is_title), None)
        heading = " ".join(title.text.split()) if title else None
        hidden = _is_hidden(slide)
        if hidden:
            self._told.notes.append(f"Slide {number} is hidden in the presentation.")
        pieces = [
            "(This slide is hidden.)" if hidden else "",
            f"# {heading}" if heading else "",
            *lines(item for item in items if item is not title),
            *self._margins(slide),
            *self._notes(slide, reader),
            *_comments(slide),
        ]
        self._told.attachments += reader.attachments
        text = tidy("\n\n".join(piece for piece in pieces if piece.strip()))
        self._characters += len(text)
        check_length(self._characters, self._pictures.limits)
        return Part(
            PartKind.SLIDE,
            number,
            text,
            tuple(image for item in items for image in item.images),
            heading,
            pictured=_is_picture(items, self._size),
            left_out=tuple(sentences(reader.left_out)),
        )

    def _reader(self, number: int, listed: _Listed) -> SlideReader:
        return SlideReader(
            self._store, self._pictures, self._files, self._size, f"slide {number}", listed.outline
        )

    def _notes(self, slide: Record, reader: SlideReader) -> Iterator[str]:
        """What its author wrote below the picture of the slide."""
        about = slide.first(_ABOUT_SLIDE)
        wanted = 0 if about is None else about.number(16)
        for one in self._lists[_NOTES]:
            page = self._persisted.find(one.persist_id, NOTES) if wanted and one.slide_id == wanted else None
            if page is not None:
                own = SlideReader(
                    self._store, Pictures(Limits(images=0)), {}, self._size, reader.where, one.outline
                )
                text = "\n".join(item.text for item in own.items(page))
                yield f"Notes: {text}" if text.strip() else ""

    def _margins(self, slide: Record) -> Iterator[str]:
        """Footers, and what its master shows on the slide, each once in a document."""
        shared = None if self._document is None else self._document.first(_MARGINS, 3)
        found = [*_footers(slide.first(_MARGINS) or shared), *self._of_master(slide)]
        for line in found:
            if line.strip() and line not in self._once:
                self._once.add(line)
                yield line

    def _of_master(self, slide: Record) -> list[str]:
        about = slide.first(_ABOUT_SLIDE)
        if about is None or not about.number(20, "<H") & _MASTER_SHAPES:
            return []
        for one in self._lists[_MASTERS]:
            master = self._persisted.find(one.persist_id, MASTER)
            if master is not None and one.slide_id == about.number(12):
                own = SlideReader(self._store, Pictures(Limits(images=0)), {}, self._size)
                return list(lines(item for item in own.own_items(master)))
        return []


def _only_document(stream: bytes) -> Record | None:
    """The last document in a stream whose edits do not say where it is."""
    found = _all(stream, DOCUMENT)
    return found[-1] if found else None


def _all(stream: bytes, kind: int) -> list[Record]:
    return [one for one in records(stream, 0, len(stream)) if one.kind == kind and one.is_container]


def _size(document: Record | None) -> Box:
    about = None if document is None else document.first(_ABOUT_DOCUMENT)
    width, height = (0, 0) if about is None else (about.number(0, "<i"), about.number(4, "<i"))
    return Box(0, 0, width, height) if width > 0 and height > 0 else _SIZE


def _is_hidden(slide: Record) -> bool:
    shown = slide.first(_SHOWN)
    return shown is not None and bool(shown.number(10, "<H") & _HIDDEN)


def _footers(margins: Record | None) -> Iterator[str]:
    about = None if margins is None else margins.first(_ABOUT_MARGINS)
    if margins is None or about is None:
        return
    flags = about.number(2, "<H")
    if flags & _HAS_FOOTER:
        yield string(margins, 2)
    if flags & _HAS_DATE and flags & _HAS_USER_DATE:
        yield string(margins, 0)


def _comments(slide: Record) -> Iterator[str]:
    """Comments, which lie in tags of later versions (`Comment10Container`, 2.5.19)."""
    tags = slide.first(_TAGS)
    for tag in () if tags is None else tags:
        data = tag.first(_TAG_DATA) if tag.kind == _TAG else None
        for one in () if data is None else records(data.data, data.start, data.end):
            if one.kind == _COMMENT and (text := string(one, 1).replace("\r", "\n").strip()):
                yield f"Comment by {string(one, 0) or 'an unnamed author'}: {text}"


def _is_picture(items: list[Item], size: Box) -> bool:
    """Whether the words of a slide are in its pictures."""
    covered = sum(box.share_of(size) for item in items for box in item.pictured)
    words = sum(len("".join(item.text.split())) for item in items if not item.images)
    return covered >= _COVERED and words < _FEW
