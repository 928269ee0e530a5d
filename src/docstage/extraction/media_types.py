"""Decides what kind of document a file is: by its contents, and by its name where they do not say."""

import io
import re
import zipfile

from docstage.extraction.archive_types import archive_type, is_crowded
from docstage.extraction.known_types import (
    BY_EXTENSION,
    CALENDAR,
    CARDS,
    DOC,
    DOCX,
    ENCRYPTED_OOXML,
    EPUB,
    HTML,
    JPEG,
    MBOX,
    MHTML,
    MSG,
    NOTEBOOK,
    ODF,
    OLE_EXTENSIONS,
    OOXML,
    PDF,
    PLAIN,
    PNG,
    PPT,
    PPTX,
    RFC822,
    RTF,
    TEXT_TYPES,
    XLS,
    XLSX,
    XML,
)

_SAMPLE = 8_192
# C0 controls that no text has. Tab, line breaks, form feed, backspace and escape do occur.
_CONTROLS = re.compile(rb"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MAGIC = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    # The first record of workbooks that are no compound files: those of Excel 2, 3 and 4, and later streams.
    (b"\x09\x00\x04\x00", XLS),
    (b"\x09\x02\x06\x00", XLS),
    (b"\x09\x04\x06\x00", XLS),
    (b"\x09\x08\x08\x00\x00\x05", XLS),
    (b"\x09\x08\x10\x00\x00\x06", XLS),
)
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif"}

# Streams that tell OLE files apart. A mail may carry whole Office files inside, so it comes first.
_STREAMS = (
    ("__properties_version1.0", MSG),
    ("PowerPoint Document", PPT),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("EncryptedPackage", ENCRYPTED_OOXML),
    ("Book", XLS),
)
_CONTENT_TYPES = re.compile(r"[/\\]?\[content_types\]\.xml", re.IGNORECASE)
_HTML_START = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)
# OpenDocument in one file of markup, whose root names its kind.
_FLAT = re.compile(rb'<office:document\s[^>]*?office:mimetype="([\w./+-]+?)(?:-template)?"')
_XML_START = re.compile(rb"\s*<\?xml\s")
_HEADER = re.compile(
    rb"(?:From|To|Subject|Date|Received|Return-Path|MIME-Version|Message-ID|Delivered-To):", re.IGNORECASE
)


def detect(data: bytes, name: str) -> str | None:
    """The media type of a document, or None when it is of no type that can be read.

    A file whose name promises a known type, but whose contents are of none, keeps the promised type: its
    extractor then says that it is damaged, which helps more than "unknown".
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    named = BY_EXTENSION.get(extension)
    found = _by_magic(data, extension)
    if found is not None:
        return found
    if data.startswith(b"PK\x03\x04"):
        found = _zip_type(data, extension) or (named if named in OOXML or named in ODF else None)
    if found := found or archive_type(data, extension):
        return found
    if looks_like_text(data):
        return _text_type(data, named)
    return named


def looks_like_text(data: bytes) -> bool:
    """Whether the beginning of the data could be text in some encoding."""
    sample = data[:_SAMPLE]
    if sample.startswith(_BYTE_ORDER_MARKS) or utf16_without_mark(sample):
        return True
    return len(_CONTROLS.findall(sample)) * 100 <= len(sample)


def utf16_without_mark(data: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` when every other byte of the beginning is mostly NUL, as in western text."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd * 10 >= half * 7 and even * 20 <= half:
        return "utf-16-le"
    if even * 10 >= half * 7 and odd * 20 <= half:
        return "utf-16-be"
    return None


def _by_magic(data: bytes, extension: str) -> str | None:
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data.startswith(_OLE):
        return _ole_type(data, extension)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    # The size field tells a bitmap from a text that begins with BM.
    if data.startswith(b"BM") and int.from_bytes(data[2:6], "little") in (0, len(data)):
        return "image/bmp"
    # Readers accept a PDF after up to 1,024 bytes of something else (PDF 1.7, annex H, note 13).
    return PDF if b"%PDF-" in data[:1_024] and extension in ("pdf", "") else None


def _ole_type(data: bytes, extension: str) -> str | None:
    """Tell OLE files apart by the names in their directory, which are UTF-16."""
    found = [media_type for stream, media_type in _STREAMS if stream.encode("utf-16-le") in data]
    expected = OLE_EXTENSIONS.get(extension)
    if expected in found:
        return expected
    return found[0] if found else expected


def _zip_type(data: bytes, extension: str) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(b"" if is_crowded(data) else data)) as archive:
            members = set(archive.namelist())
            mimetype = _mimetype_member(archive) if "mimetype" in members else ""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, RuntimeError):
        return BY_EXTENSION.get(extension)
    if mimetype in ODF or mimetype == EPUB:
        return mimetype
    if "META-INF/container.xml" in members:
        return EPUB
    # An archive may have folders of these names too.
    is_package = BY_EXTENSION.get(extension) in OOXML or any(map(_CONTENT_TYPES.fullmatch, members))
    for folder, media_type in (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX)):
        if is_package and any(member.startswith(folder) for member in members):
            named = BY_EXTENSION.get(extension)
            return named if OOXML.get(named or "") == media_type else media_type
    return None


def _mimetype_member(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as member:
        return member.read(100).decode("ascii", "replace").strip().removesuffix("-template")


def _text_type(data: bytes, named: str | None) -> str:
    """The type of a text. Where its name does not say, its beginning does."""
    flat = _FLAT.search(data[:_SAMPLE])
    if flat and flat[1].decode() in ODF:
        return flat[1].decode()
    if named in TEXT_TYPES or named in (HTML, MHTML, RFC822, MBOX, NOTEBOOK, CALENDAR, CARDS):
        assert named is not None
        return named
    head = data[:_SAMPLE].removeprefix(b"\xef\xbb\xbf")
    if _HTML_START.match(head):
        return HTML
    if _XML_START.match(head):
        return XML
    if head.startswith(b"From ") and len(_headers(head)) >= 3:
        return MBOX
    return RFC822 if len(_headers(head)) >= 3 and _HEADER.match(head) else PLAIN


def _headers(head: bytes) -> list[bytes]:
    """The well-known mail header fields before the first empty line."""
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return [line for line in block.splitlines() if _HEADER.match(line)]
