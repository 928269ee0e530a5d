"""Which files are archives, told by their bytes."""

import io
import struct
import tarfile
import zipfile

from docstage.extraction.packed_streams import PACKED, beginning, packed_type

ZIP, TAR = "application/zip", "application/x-tar"
ARCHIVES = frozenset({ZIP, TAR, *PACKED})
"""Those that can be opened."""

UNOPENED = {
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "RAR",
    "application/vnd.ms-cab-compressed": "CAB",
    "application/x-arj": "ARJ",
    "application/x-archive": "ar, as .deb and .a are",
    "application/x-rpm": "RPM",
    "application/x-compress": "compress, .Z",
    "application/x-lzip": "lzip",
    "application/x-ace-compressed": "ACE",
    "application/x-lha": "LHA",
}
"""Those that cannot, with what people call them."""

_OTHERS = (
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (0, b"\x60\xea", "application/x-arj"),
    (0, b"!<arch>\n", "application/x-archive"),
    (0, b"\xed\xab\xee\xdb", "application/x-rpm"),
    (0, b"\x1f\x9d", "application/x-compress"),
    (0, b"LZIP\x01", "application/x-lzip"),
    (2, b"-lh", "application/x-lha"),
    (7, b"**ACE**", "application/x-ace-compressed"),
)
_ZIPPED = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # members, none, the first of several files
_CROWD = 100_000
_DIRECTORY_ENTRY, _DIRECTORY_END = b"PK\x01\x02", b"PK\x05\x06"
_END = struct.Struct("<4s4H2LH")
_LONGEST_END = _END.size + 0xFFFF  # with its comment
_IS_ZIP64 = 0xFFFFFFFF
_BLOCK = 512
_CHECKSUM = slice(148, 156)
# Programs keep their documents in ZIP files too, whose members mean nothing to a reader: these lie in such.
_OF_A_PROGRAM = frozenset(
    {
        "[content_types].xml",
        "mimetype",
        "meta-inf/manifest.mf",
        "meta-inf/container.xml",
        "androidmanifest.xml",
        "index.zip",
    }
)


def archive_type(data: bytes, extension: str) -> str | None:
    """The media type of an archive, None when it is none, or the package of a program.

    Args:
        extension: of its name, in lower case.
    """
    if data.startswith(_ZIPPED):
        is_archive = extension == "zip" or is_crowded(data) or not _is_of_a_program(data)
        return ZIP if is_archive else None
    if packed := packed_type(data):
        return TAR if is_tar(beginning(data)) else packed
    if is_tar(data[:_BLOCK]):
        return TAR
    return next((kind for at, magic, kind in _OTHERS if data.startswith(magic, at)), None)


def why_unknown(media_type: str | None) -> str:
    """What to say of a file that cannot be read: of some archives it is known what they are."""
    name = UNOPENED.get(media_type or "")
    if name is None:
        return "docstage cannot read documents of this kind."
    return f"docstage cannot open archives of this kind ({name}). Unpack it, or pack it anew as ZIP."


def is_crowded(data: bytes) -> bool:
    """Whether the directory of a ZIP file has so many entries that merely to read it would take long."""
    end = data.rfind(_DIRECTORY_END, max(0, len(data) - _LONGEST_END))
    if end < 0 or end + _END.size > len(data):
        return False
    size = _END.unpack_from(data, end)[5]
    return data.count(_DIRECTORY_ENTRY, 0 if size == _IS_ZIP64 else max(0, end - size)) > _CROWD


def is_tar(head: bytes) -> bool:
    """Whether what begins so is a tar archive: its first header says so, and its checksum is right."""
    if len(head) < _BLOCK or not head[_CHECKSUM].strip(b" \0").isdigit():
        return False
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def _is_of_a_program(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    ours = (name for name in names if name.endswith(".iwa") or name.startswith("quicklook/"))
    return not names.isdisjoint(_OF_A_PROGRAM) or any(ours)
