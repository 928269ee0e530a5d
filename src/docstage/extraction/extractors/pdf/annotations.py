"""Annotations of a PDF page: what people typed, marked, struck out and remarked upon it."""

import html
import re
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.pdf.strings import attached_name, read_text
from docstage.extraction.extractors.pdf.text import Box, PageText

MOST_ANNOTATIONS = 5_000
"""How many annotations of a page are looked at."""

# ISO 32000-2, 12.5.3: a reader shows neither annotations that are hidden nor those not to be viewed.
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_QUOTED = {
    raw.FPDF_ANNOT_HIGHLIGHT: "Highlighted",
    raw.FPDF_ANNOT_UNDERLINE: "Underlined",
    raw.FPDF_ANNOT_SQUIGGLY: "Underlined",
    raw.FPDF_ANNOT_STRIKEOUT: "Struck out",
    raw.FPDF_ANNOT_REDACT: "To be blacked out",
}
_NAMED = {
    raw.FPDF_ANNOT_FREETEXT: "Typed onto the page",
    raw.FPDF_ANNOT_CARET: "To be inserted",
    raw.FPDF_ANNOT_STAMP: "Stamp",
    raw.FPDF_ANNOT_FILEATTACHMENT: "Attached file",
    raw.FPDF_ANNOT_WATERMARK: "Watermark",
}
# Popups show what their parents say, links and printer's marks say nothing, fields are read by themselves.
_SILENT = frozenset(
    (raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_PRINTERMARK)
)
_PLAYED = {
    raw.FPDF_ANNOT_SOUND: "a sound",
    raw.FPDF_ANNOT_MOVIE: "a film",
    raw.FPDF_ANNOT_SCREEN: "a film or a sound",
    raw.FPDF_ANNOT_RICHMEDIA: "a film, a sound or an animation",
    raw.FPDF_ANNOT_THREED: "a model in three dimensions",
}
# These may say something by their appearance only.
_SHOWN = (raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_WATERMARK)
_DRAWN = (raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_INK)
_MOST_QUOTED = 160
_MOST_STRETCHES = 100
_TAGS = re.compile("<[^>]*>")
_BREAKS = re.compile(r"<(?:br|/p)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that stands on a page and is not in its text.

    Attributes:
        box: where.
        words: what it says, in brackets that tell what it is.
        said: the words alone; empty when they are not known and have to be read off its appearance.
    """

    box: Box
    words: str
    said: str = ""


@contextmanager
def annotation_at(page: pdfium.PdfPage, index: int) -> Iterator[object]:
    """An annotation of a page; false when there is none."""
    annotation = raw.FPDFPage_GetAnnot(page, index)
    try:
        yield annotation
    finally:
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)


def kinds_of_annotations(page: pdfium.PdfPage) -> list[int]:
    """The kinds of those annotations of the page that are worth looking at, in their order.

    To open one takes long, and most are links: what looks for some kinds opens these only.
    """
    count = min(max(int(raw.FPDFPage_GetAnnotCount(page.raw)), 0), MOST_ANNOTATIONS)
    kinds = []
    for index in range(count):
        with annotation_at(page, index) as annotation:
            kinds.append(int(raw.FPDFAnnot_GetSubtype(annotation)) if annotation else raw.FPDF_ANNOT_UNKNOWN)
    return kinds


def annotations_of(page: pdfium.PdfPage, kinds: Sequence[int], wanted: Container[int]) -> Iterator[object]:
    """The annotations of some kinds, one after the other; each is closed when the next one is asked for.

    Args:
        page: the page.
        kinds: those of all of its annotations, by `kinds_of_annotations`.
        wanted: the kinds that are looked for.
    """
    for index, kind in enumerate(kinds):
        if kind in wanted:
            with annotation_at(page, index) as annotation:
                if annotation:
                    yield annotation


def is_seen(annotation: object) -> bool:
    """Whether a reader shows it."""
    return not raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN


def place_of(annotation: object) -> Box:
    """Where it stands."""
    rect = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, rect)
    return Box(
        min(rect.left, rect.right),
        min(rect.bottom, rect.top),
        max(rect.left, rect.right),
        max(rect.bottom, rect.top),
    )


def drawn_places(page: pdfium.PdfPage, kinds: Sequence[int]) -> Iterator[Box]:
    """Where handwriting and stamps lie upon the page, given the kinds of its annotations."""
    return (place_of(each) for each in annotations_of(page, kinds, _DRAWN) if is_seen(each))


def read_remarks(page: pdfium.PdfPage, kinds: Sequence[int], text: PageText) -> Iterator[Remark]:
    """What the annotations of a page say, in their order."""
    wanted = {kind for kind in kinds if kind not in _SILENT and kind not in _PLAYED}
    for annotation in annotations_of(page, kinds, wanted):
        remark = _remark(annotation, text) if is_seen(annotation) else None
        if remark is not None:
            yield remark


def what_is_played(kinds: Sequence[int]) -> Iterator[str]:
    """What films, sounds and models are on the page, which nobody can read."""
    return (_PLAYED[kind] for kind in kinds if kind in _PLAYED)


def _remark(annotation: object, text: PageText) -> Remark | None:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    said, box = _said(annotation), place_of(annotation)
    if kind in _QUOTED:
        return _quoted(annotation, kind, said, text)
    if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
        name = attached_name(raw.FPDFAnnot_GetFileAttachment(annotation))
        said = name if said == name else ": ".join(filter(None, (name, said)))
    elif kind == raw.FPDF_ANNOT_STAMP and not said:
        said = _named_stamp(annotation)
    if not said and kind not in _SHOWN:
        return None
    label = _NAMED.get(kind)
    if label is None or raw.FPDFAnnot_HasKey(annotation, b"IRT"):
        label = _comment(annotation)
    return Remark(box, f"[{label}: {said}]", said)


def _said(annotation: object) -> str:
    """The words of an annotation; rich text where it has no other."""
    plain = _without_empty_lines(_value(annotation, b"Contents"))
    if plain:
        return plain
    rich = _BREAKS.sub("\n", _value(annotation, b"RC"))
    return _without_empty_lines(html.unescape(_TAGS.sub("", rich)))


def _without_empty_lines(text: str) -> str:
    return "\n".join(line.strip() for line in tidy(text).split("\n") if line.strip())


def _comment(annotation: object) -> str:
    """Whose comment it is, and upon whose; or what its author decided."""
    author = " ".join(_value(annotation, b"T").split())
    by = f" by {author}" if author else ""
    with _linked(annotation) as parent:
        if not parent:
            return f"Comment{by}"
        state = _value(annotation, b"State")
        other = " ".join(_value(parent, b"T").split())
        to = f" to {other}" if other else ""
        return f"{state}{by}{to and f', in reply{to}'}" if state else f"Reply{by}{to}"


@contextmanager
def _linked(annotation: object) -> Iterator[object]:
    """What it is a reply to; false when it is none."""
    parent = raw.FPDFAnnot_GetLinkedAnnot(annotation, b"IRT")
    try:
        yield parent
    finally:
        if parent:
            raw.FPDFPage_CloseAnnot(parent)


def _quoted(annotation: object, kind: int, said: str, text: PageText) -> Remark | None:
    author = " ".join(_value(annotation, b"T").split())
    quote = _shortened(" ".join(filter(None, (text.within(box) for box in _marked(annotation)))))
    what = f'{_QUOTED[kind]}{f" by {author}" if author else ""}: "{quote}"' if quote else ""
    if raw.FPDFAnnot_HasKey(annotation, b"IRT") or not what:
        return Remark(place_of(annotation), f"[{_comment(annotation)}: {said}]", said) if said else None
    # Some programs put the marked words into the comment.
    if said and " ".join(said.split()) != quote:
        what += f", with the comment: {said}"
    return Remark(place_of(annotation), f"[{what}]", said or quote)


def _marked(annotation: object) -> Iterator[Box]:
    """The stretches of text that are marked, a little smaller, so that the lines above and below stay out."""
    points = raw.FS_QUADPOINTSF()
    for index in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), _MOST_STRETCHES)):
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, index, points):
            across = (points.x1, points.x2, points.x3, points.x4)
            up = (points.y1, points.y2, points.y3, points.y4)
            inset = (max(up) - min(up)) / 4
            yield Box(min(across) + 0.5, min(up) + inset, max(across) - 0.5, max(up) - inset)


def _shortened(quote: str) -> str:
    if len(quote) <= _MOST_QUOTED:
        return quote
    half = _MOST_QUOTED // 2
    return f"{quote[:half].rsplit(' ', 1)[0]} ... {quote[-half:].split(' ', 1)[-1]}"


def _named_stamp(annotation: object) -> str:
    """What a stamp of the usual ones says: `#Approved`, `SBApproved`."""
    name = _value(annotation, b"Name").lstrip("#").removeprefix("SB").removeprefix("SH")
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", name) if re.fullmatch("[A-Za-z]{4,40}", name) else ""


def _value(annotation: object, key: bytes) -> str:
    return read_text(raw.FPDFAnnot_GetStringValue, annotation, key)
