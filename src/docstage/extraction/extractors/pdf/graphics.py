"""What is drawn on a PDF page besides its text: images, and outlines that may be letters or a chart."""

import ctypes
import itertools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.extraction.extractors.pdf.grid import Grid
from docstage.extraction.extractors.pdf.text import Box

# Pages of maps have a million objects, and forms may draw each other: nobody looks at more than these.
_MOST_OBJECTS = 20_000
_MOST_DEPTH = 6
# Print is read from about 70 dots an inch on, headlines from 25; what is coarser is a colour or a shade.
_LEAST_DOTS = 25.0
# Rules are at most so thick, and at least so long, in points; a frame has five segments.
_THIN = 2.5
_SHORTEST_RULE = 6.0
_SEGMENTS_OF_FRAME = 6
_MOST_SEGMENTS = 2_000
_MOST_RULES = 5_000
_MOST_COVERS = 20
_MOST_PIXELS = 100_000_000
# Smaller images are no scans, and hide no text.
_LEAST_COVER = 0.2
_Matrix = tuple[float, float, float, float, float, float]
_UNMOVED: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_Handle = int | None


def _address(function: object) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def _fast(function: object, result: type, *arguments: type) -> Callable[..., Any]:
    """A function of PDFium that takes and gives plain addresses: it is called for every object of a page."""
    return ctypes.CFUNCTYPE(result, ctypes.c_void_p, *arguments)(_address(function))


_kind_of = _fast(raw.FPDFPageObj_GetType, ctypes.c_int)
_count_of_page = _fast(raw.FPDFPage_CountObjects, ctypes.c_int)
_object_of_page = _fast(raw.FPDFPage_GetObject, ctypes.c_void_p, ctypes.c_int)
_count_of_form = _fast(raw.FPDFFormObj_CountObjects, ctypes.c_int)
_object_of_form = _fast(raw.FPDFFormObj_GetObject, ctypes.c_void_p, ctypes.c_ulong)
_bounds_of = _fast(raw.FPDFPageObj_GetBounds, ctypes.c_int, *[ctypes.c_void_p] * 4)
_edges = (ctypes.c_float * 4)()
_places = tuple(ctypes.addressof(_edges) + 4 * index for index in range(4))
_unpack = struct.Struct("4f").unpack_from


@dataclass(slots=True)
class Graphics:
    """What was found.

    Attributes:
        images: where images are that are fine enough to hold words.
        outlines: where paths with bends and slants are.
        segments: of how many segments these paths consist.
        hidden: how long all text is that is invisible or lies below an image, in widths of the page.
        anything: whether anything but text is drawn.
        rules: upright and level lines, the edges of frames among them.
    """

    images: Grid
    outlines: Grid
    segments: int = 0
    hidden: float = 0.0
    anything: bool = False
    rules: list[Box] = field(default_factory=list)


def read_graphics(page: pdfium.PdfPage, frame: Box) -> Graphics:
    """Look at everything that is drawn within the frame."""
    found = Graphics(Grid(frame), Grid(frame))
    texts: list[tuple[int, _Handle, _Matrix]] = []
    images: list[tuple[int, Box]] = []
    for order, (kind, handle, matrix) in enumerate(_objects(page)):
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            texts.append((order, handle, matrix))
            continue
        found.anything = True
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            box = _bounds(handle, matrix)
            if box is not None and _can_hold_words(handle, box):
                found.images.cover(box)
                images.append((order, box))
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _path(found, handle, matrix)
    if texts and found.images.share >= _LEAST_COVER:
        found.hidden = _hidden(texts, images) / max(frame.right - frame.left, 1e-6)
    return found


def cannot_be_drawn(page: pdfium.PdfPage) -> bool:
    """Whether there is an image on a page that PDFium cannot unpack: it leaves its place white."""
    images = (handle for kind, handle, _ in _objects(page) if kind == raw.FPDF_PAGEOBJ_IMAGE)
    return any(not _is_sound(handle) for handle in itertools.islice(images, _MOST_COVERS))


def _is_sound(handle: _Handle) -> bool:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    raw.FPDFImageObj_GetImagePixelSize(_pointer(handle), width, height)
    if width.value * height.value > _MOST_PIXELS:
        return False
    bitmap = raw.FPDFImageObj_GetBitmap(_pointer(handle))
    if bitmap:
        raw.FPDFBitmap_Destroy(bitmap)
    return bool(bitmap)


def _hidden(texts: list[tuple[int, _Handle, _Matrix]], images: list[tuple[int, Box]]) -> float:
    """How long all text is that nobody sees, in points: the words that a scanner has recognised lie there."""
    length = 0.0
    large = images[-_MOST_COVERS:]
    for order, handle, matrix in texts:
        box = _bounds(handle, matrix)
        if box is None:
            continue
        x, y = (box.left + box.right) / 2, box.middle
        invisible = raw.FPDFTextObj_GetTextRenderMode(_pointer(handle)) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
        if invisible or any(
            after > order and over.left <= x <= over.right and over.bottom <= y <= over.top
            for after, over in large
        ):
            length += max(box.right - box.left, box.height)
    return length


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[int, _Handle, _Matrix]]:
    """The objects of a page and of the forms on it, in the order in which they are drawn."""
    kind_of = _kind_of
    stack = [(_children(_address(page.raw), _count_of_page, _object_of_page), _UNMOVED)]
    left = _MOST_OBJECTS
    while stack:
        children, matrix = stack[-1]
        for handle in children:
            left -= 1
            kind = kind_of(handle)
            if kind != raw.FPDF_PAGEOBJ_FORM:
                yield kind, handle, matrix
            elif len(stack) < _MOST_DEPTH:
                inner = _children(handle, _count_of_form, _object_of_form)
                stack.append((inner, _product(_matrix(handle), matrix)))
                break
            if left <= 0:
                return
        else:
            stack.pop()


def _children(owner: _Handle, count: Callable[..., int], get: Callable[..., _Handle]) -> Iterator[_Handle]:
    return (get(owner, index) for index in range(min(max(count(owner), 0), _MOST_OBJECTS)))


def _can_hold_words(handle: _Handle, box: Box) -> bool:
    """Whether an image is fine enough in both directions."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not raw.FPDFImageObj_GetImagePixelSize(_pointer(handle), width, height):
        return True
    pixels = sorted((width.value, height.value))
    inches = sorted(((box.right - box.left) / 72, box.height / 72))
    return all(count >= _LEAST_DOTS * length for count, length in zip(pixels, inches, strict=True))


def _path(found: Graphics, handle: _Handle, matrix: _Matrix) -> None:
    segments = raw.FPDFPath_CountSegments(_pointer(handle))
    box = _bounds(handle, matrix)
    if box is None:
        return
    if _is_thin(box):
        _rule(found, box)
    elif segments <= _SEGMENTS_OF_FRAME:
        for edge in _sides(box):
            _rule(found, edge)
    else:
        _long_path(found, handle, matrix, min(segments, _MOST_SEGMENTS))


def _long_path(found: Graphics, handle: _Handle, matrix: _Matrix, segments: int) -> None:
    """A path of many lines: the rules of a table if all are upright or level, else outlines."""
    lines: list[Box] = []
    for kind, line in _lines(handle, segments):
        slanted = line.right - line.left > _THIN and line.height > _THIN
        if kind == raw.FPDF_SEGMENT_BEZIERTO or slanted:
            found.outlines.cover(_bounds(handle, matrix) or line)
            found.segments += segments
            return
        lines.append(line)
    for line in lines:
        _rule(found, line if matrix is _UNMOVED else _moved(line, matrix))


def _lines(handle: _Handle, segments: int) -> Iterator[tuple[int, Box]]:
    """The kind of each line of a path, and where it is; lines that close a shape are left out."""
    pointer, place = _pointer(handle), raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(pointer, place)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(pointer, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = (
            place.a * x.value + place.c * y.value + place.e,
            place.b * x.value + place.d * y.value + place.f,
        )
        if before is not None and kind != raw.FPDF_SEGMENT_MOVETO:
            across, up = sorted((before[0], here[0])), sorted((before[1], here[1]))
            yield kind, Box(across[0], up[0], across[1], up[1])
        before = here


def _is_thin(box: Box) -> bool:
    return box.right - box.left <= _THIN or box.height <= _THIN


def _sides(box: Box) -> Iterator[Box]:
    """The four sides of a frame."""
    left, bottom, right, top = box
    yield Box(left, bottom, left, top)
    yield Box(right, bottom, right, top)
    yield Box(left, bottom, right, bottom)
    yield Box(left, top, right, top)


def _rule(found: Graphics, box: Box) -> None:
    if len(found.rules) < _MOST_RULES and max(box.right - box.left, box.height) >= _SHORTEST_RULE:
        found.rules.append(box)


def _pointer(handle: _Handle) -> object:
    return ctypes.cast(handle or 0, raw.FPDF_PAGEOBJECT)


def _bounds(handle: _Handle, matrix: _Matrix) -> Box | None:
    if not _bounds_of(handle, *_places):
        return None
    box = Box(*_unpack(_edges))
    return box if matrix is _UNMOVED else _moved(box, matrix)


def _moved(box: Box, matrix: _Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    across = [a * x + c * y + e for x, y in corners]
    up = [b * x + d * y + f for x, y in corners]
    return Box(min(across), min(up), max(across), max(up))


def _matrix(handle: _Handle) -> _Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(_pointer(handle), matrix):
        return _UNMOVED
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _product(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )
