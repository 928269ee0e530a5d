"""ZIP archives (PKWARE's APPNOTE.TXT), by Python's zipfile."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from itertools import islice

from docstage.domain.content import DocumentReason
from docstage.extraction.archive_types import is_crowded
from docstage.extraction.containers.base import (
    Bomb,
    Entry,
    Opened,
    Overfull,
    damaged,
    damaged_member,
    locked_member,
    unknown_packing,
)
from docstage.extraction.containers.names import decoded, safe_paths
from docstage.extraction.extractors.base import Unreadable

_IS_UTF8, _IS_ENCRYPTED = 0x800, 0x1
_UNICODE_PATH = 0x7075  # 4.6.9: an extra field with the name in UTF-8
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 97: "WavPack", 98: "PPMd"}
_SYMLINK, _KIND = 0o120000, 0o170000  # of the mode of Unix, in the upper half of the external attributes
_UNIX = 3
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, IndexError)


def open_zip(data: bytes, _name: str, most: int, _room: int) -> Opened:
    """Open a ZIP archive. See `Opener`."""
    if is_crowded(data):
        raise Unreadable(DocumentReason.TOO_COMPLEX, "It holds more than 100,000 files, so it is not opened.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (*_BROKEN, NotImplementedError, RuntimeError) as error:
        raise damaged() from error
    if sum(member.compress_size for member in members) > len(data):
        raise Bomb("Its files share their bytes")
    files = [member for member in members if not member.is_dir() and not _is_link(member)]
    links = sum(map(_is_link, members))
    entries = [
        Entry(path, member.file_size, _reader(archive, member))
        for path, member in islice(zip(safe_paths(_names(files)), files, strict=True), most)
    ]
    notes = (f"{links:,} links in it are not followed.",) if links else ()
    return Opened(entries, len(files), notes)


def _is_link(member: zipfile.ZipInfo) -> bool:
    return member.create_system == _UNIX and (member.external_attr >> 16) & _KIND == _SYMLINK


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """The members' names as their writers meant them: many write other code pages than the format has."""
    raw = [b"" if member.flag_bits & _IS_UTF8 else _raw(member) for member in members]
    told = [member.orig_filename if not one else None for member, one in zip(members, raw, strict=True)]
    meant = [_unicode_path(member, one) for member, one in zip(members, raw, strict=True)]
    guessed = decoded(raw, "cp437")
    chosen = (one or two or three for one, two, three in zip(told, meant, guessed, strict=True))
    return [name.replace("\0", "_") for name in chosen]


def _raw(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("cp437", "replace")


def _unicode_path(member: zipfile.ZipInfo, raw: bytes) -> str | None:
    """The name in UTF-8 that stands beside the other, if it is of that one."""
    extra = member.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[1:5] == struct.pack("<L", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "replace")
    return None


def _reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[int], bytes]:
    return partial(_read, archive, member)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    if member.flag_bits & _IS_ENCRYPTED:
        raise locked_member()
    if member.file_size > most:
        raise Overfull(_too_large(member.file_size, most))
    try:
        with archive.open(member) as file:
            data = file.read(most + 1)
    except NotImplementedError as error:
        method = _METHODS.get(member.compress_type, f"number {member.compress_type}")
        raise unknown_packing(method) from error
    except (*_BROKEN, RuntimeError) as error:
        raise damaged_member() from error
    except Exception as error:  # lzma's, which is imported only where it is needed
        raise damaged_member() from error
    if len(data) > most:  # the directory lied
        raise Overfull(_too_large(len(data), most))
    return data


def _too_large(size: int, most: int) -> str:
    return f"It unpacks to {size / 2**20:,.0f} MiB or more; the limit is {most / 2**20:,.0f} MiB."
