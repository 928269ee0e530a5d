"""Pictures and files inside Rich Text Format (RTF 1.9.1, "Pictures" and "Objects")."""

import hashlib
import struct

from docstage.extraction.extractors.base import Attachment
from docstage.extraction.extractors.rtf.groups import Group
from docstage.extraction.extractors.word.embedded import embedded
from docstage.extraction.extractors.word.pictures import Pictures, Shown

_TWIP = 635  # 914,400ths of an inch
_NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_METAFILES = frozenset({"emfblip", "wmetafile", "macpict", "pmmetafile"})
_OLE = b"\xd0\xcf\x11\xe0"
_NAMES = 3  # class, topic and item, each with its length ([MS-OLEDS] 2.2.4)


def picture_of(group: Group, pictures: Pictures) -> str:
    """A mark for a picture, nothing where it is left out, which is told."""
    width, height = (group.numbers.get(name, 0) * _TWIP for name in ("picwgoal", "pichgoal"))
    shown = Shown((width, height) if width > 0 and height > 0 else None)
    data = _bytes(group)
    if not data:
        return ""
    if not _METAFILES.isdisjoint(group.numbers):
        return pictures.take(f"picture {hashlib.sha256(data).hexdigest()}", b"\1\0\0\0", shown)
    return pictures.take(hashlib.sha256(data).hexdigest(), data, shown)


def object_file(group: Group, number: int) -> Attachment | None:
    """The file that an object holds, None where it is none that can be read.

    Args:
        number: of the object, for one without a name.
    """
    data = _bytes(group)
    try:
        at = 8  # version and kind of the object
        for _ in range(_NAMES):
            (length,) = struct.unpack_from("<I", data, at)
            at += 4 + length
        (size,) = struct.unpack_from("<I", data, at)
    except struct.error:
        return None
    native = data[at + 4 : at + 4 + size]
    return embedded(native, f"object {number}.bin") if native.startswith(_OLE) else _packaged(native)


def _packaged(native: bytes) -> Attachment | None:
    """A file that a packager put in, as it stands in a compound file's stream of this name."""
    from docstage.extraction.extractors.word.embedded import from_native

    return from_native(struct.pack("<I", len(native)) + native)


def _bytes(group: Group) -> bytes:
    """The bytes of a group, written as hexadecimal digits or as they are."""
    digits = group.raw.translate(None, _NOT_DIGITS)
    if len(digits) < len(group.raw) // 2 or not digits:
        return bytes(group.raw)
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
