"""Files that lie inside a document as objects ([MS-OLEDS], or whole Office files) as what they are."""

import struct

from docstage.extraction.extractors.base import Attachment, Unreadable
from docstage.extraction.extractors.compound import CompoundFile, Storage

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NATIVE = "\x01Ole10Native"
_STREAMS = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)
_INNER = ("Package", "CONTENTS")
_MAGIC = ((b"%PDF", "pdf"), (b"PK\x03\x04", "zip"))
_MOST_NAME = 260


def embedded(data: bytes, name: str) -> Attachment | None:
    """The file in an object; None where it is no file but a drawing or a formula.

    Args:
        data: the part of the package that holds it.
        name: the name of that part.
    """
    name = name.rpartition("/")[2]
    if not data.startswith(_OLE):
        return Attachment(name, data) if "." in name and not name.endswith(".bin") else None
    stem = name.rpartition(".")[0] or name
    try:
        root = CompoundFile(data).root
        kept = kept_in(root, stem)
        kind = None if kept is not None else program_of(root)
    except Unreadable:
        return None
    return kept if kind is None else Attachment(f"{stem}.{kind}", data)


def kept_in(storage: Storage, stem: str) -> Attachment | None:
    """The file that a program has put into an object as it was; None where there is none.

    Args:
        stem: what it is called where it has no name of its own.

    Raises:
        Unreadable: DAMAGED, when it is not all there.
    """
    native = storage.stream(_NATIVE)
    if native is not None:
        return from_native(native)
    for stream in _INNER:
        inner = storage.stream(stream)
        kind = next((kind for magic, kind in _MAGIC if inner and inner.startswith(magic)), None)
        if inner is not None and kind is not None:
            return Attachment(f"{stem}.{_office(inner) if kind == 'zip' else kind}", inner)
    return None


def program_of(storage: Storage) -> str | None:
    """The extension of the files of the program whose document an object is, None for other objects.

    Raises:
        Unreadable: DAMAGED, when it is not all there.
    """
    return next((kind for stream, kind in _STREAMS if storage.stream(stream) is not None), None)


def _office(data: bytes) -> str:
    """What an Office file in a ZIP is called, by the folder that it has."""
    for folder, extension in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if folder in data:
            return extension
    return "zip"


def from_native(native: bytes) -> Attachment | None:
    """The file that a packager put in: names in the code page of its system, then its bytes."""
    try:
        at = 6  # the size of all, and two bytes of flags
        label, at = _ended(native, at)
        path, at = _ended(native, at)
        at += 4  # flags again
        (length,) = struct.unpack_from("<I", native, at)
        at += 4 + length  # a temporary path
        (size,) = struct.unpack_from("<I", native, at)
    except (struct.error, ValueError):
        return None
    data = native[at + 4 : at + 4 + size]
    name = (label or path).replace("\\", "/").rpartition("/")[2]
    return Attachment(name or "embedded file", data) if data and len(data) == size else None


def _ended(data: bytes, start: int) -> tuple[str, int]:
    end = data.index(b"\0", start, start + _MOST_NAME + 1)
    name = data[start:end]
    try:
        return name.decode(), end + 1
    except UnicodeDecodeError:
        return name.decode("cp1252", "replace"), end + 1
