"""Mails of Outlook that are small on disk, or endless, or lie about what they hold."""

import struct
from collections.abc import Mapping
from functools import partial

from tests.hostile.bomb import GB, MB, Bomb, made
from tests.hostile.compound import Fault, Storage, Stream, compound_file
from tests.hostile.containers import blown_up, member, zip_file
from tests.hostile.outlook import (
    attached_message,
    attachment,
    blown_up_rtf,
    compressed,
    fields,
    message,
    stored_rtf,
    text_field,
)

_FAR = 1 << 40


def _zip(size: int) -> bytes:
    """A ZIP file that unpacks to so many bytes, and further ones in it."""
    inner = zip_file([blown_up(f"{n}.txt", b"", b"x", b"", size) for n in range(3)])
    for depth in range(10):
        inner = zip_file([member(f"{depth}-{n}.zip", inner) for n in range(3)])
    return inner


def _gzip(size: int) -> bytes:
    whole = blown_up("", b"", b"x", b"", size)
    return (
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
        + whole.packed
        + struct.pack("<II", whole.crc, whole.size & 0xFFFFFFFF)
    )


def _word(size: int) -> bytes:
    part = blown_up("word/document.xml", b"<x>", b"<w:p><w:r><w:t>x</w:t></w:r></w:p>", b"</x>", size)
    return zip_file([member("[Content_Types].xml", "<Types/>"), part])


def _with_files(files: dict[str, bytes]) -> bytes:
    return compound_file(message(fields(), [attachment(name, Stream(data)) for name, data in files.items()]))


def _nested(depth: int) -> bytes:
    """Mails inside mails, as objects."""
    mail = message(fields("innermost"), embedded=True)
    for level in range(depth):
        mail = message(fields("a"), [attached_message("a", mail)], embedded=level < depth - 1)
    return compound_file(mail)


def _nested_files(depth: int) -> bytes:
    """Mails inside mails, as files."""
    data = compound_file(message(fields("innermost")))
    for _ in range(depth):
        data = _with_files({"inner.msg": data})
    return data


def _branching(depth: int, width: int) -> bytes:
    """Each mail holds the next one several times: `width` to the power `depth` documents."""
    data = _with_files({"a.docx": _word(20 * MB)})
    for _ in range(depth):
        data = _with_files({f"{n}.msg": data for n in range(width)})
    return data


def _body(**bodies: Stream) -> bytes:
    return compound_file(message(fields(None, **bodies)))


def _page(body: bytes, times: int = 1) -> Stream:
    return Stream(b"<html><body>" + body * times + b"</body></html>")


def _text(stream: Stream, fault: Fault | None = None) -> bytes:
    """A mail whose body is this stream."""
    return compound_file(message(fields(None) | {0x1000001F: stream}), fault)


def _crowd(attachments: int, recipients: int) -> bytes:
    return compound_file(Storage(_crowd_of(attachments, recipients)))


def _crowd_of(attachments: int, recipients: int = 0) -> Mapping[str, Stream | Storage]:
    files = [attachment(f"{n}.txt", Stream(b"words")) for n in range(attachments)]
    return message(fields(), files, recipients).entries


def _circle_of_storages() -> bytes:
    mail = message(fields(), [attachment("a.txt", Stream(b"words"))])
    inner = Storage(dict(message(fields()).entries), circle=True)
    return compound_file(Storage({**mail.entries, "__attach_version1.0_#00000001": inner}))


def _endless_rtf() -> bytes:
    """References that repeat themselves, with a length that no stream has."""
    return compressed(b"\0{\\rtf1 x" + (b"\xff" + b"\x0d\x6f" * 8) * 200_000, 0xFFFFFFFF)


def _wrapped(rest: bytes) -> bytes:
    """RTF that says it is HTML at heart."""
    return b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}x" + rest


OUTLOOK: dict[str, Bomb] = {
    "circle.msg": made(lambda: _text(Stream(b"x\0" * 10_000, _FAR, circle=True)), harmless=True, quick=True),
    "far.msg": made(lambda: _text(Stream(b"x\0" * 10_000, _FAR)), harmless=True, quick=True),
    "2-gb.msg": made(
        lambda: _text(Stream(b"x\0" * 10_000, 2 * GB - 2, circle=True)), harmless=True, quick=True
    ),
    "storages.msg": made(_circle_of_storages, harmless=True, quick=True),
    "root.msg": made(
        lambda: compound_file(Storage(dict(message(fields()).entries), circle=True)),
        harmless=True,
        quick=True,
    ),
    **{
        f"{fault.name.lower().replace('_', '-')}.msg": made(
            partial(_text, text_field("words"), fault), harmless=True, quick=True
        )
        for fault in Fault
    },
    "tables-of-zeros.msg": made(
        lambda: _text(Stream(bytes(5_000)), Fault.TABLES_CLAIM), harmless=True, quick=True
    ),
    "docx.msg": made(lambda: _with_files({"a.docx": _word(200 * MB)}), harmless=True, quick=True),
    "bomb.msg": made(
        lambda: _with_files({"a.docx": _word(200 * MB), "b.gz": _gzip(GB), "c.zip": _zip(10 * MB)}),
        harmless=True,
    ),
    "zips.msg": made(
        lambda: _with_files({"a.zip": _zip(4 * GB - MB), "b.gz": _gzip(4 * GB - MB)}), harmless=True
    ),
    "bombs.msg": made(lambda: _with_files({f"{n}.docx": _word(90 * MB) for n in range(50)}), harmless=True),
    "far-attachment.msg": made(
        lambda: compound_file(
            message(fields(), [attachment("a.txt", Stream(b"x" * 5_000, _FAR, circle=True))])
        ),
        harmless=True,
        quick=True,
    ),
    "nested-20.msg": made(lambda: _nested(20), harmless=True, quick=True),
    "nested-5000.msg": made(lambda: _nested(5_000), harmless=True),
    "nested-files.msg": made(lambda: _nested_files(50), harmless=True, quick=True),
    "branching.msg": made(lambda: _branching(4, 6), harmless=True),
    "rtf-claim.msg": made(
        lambda: _body(rtf=Stream(compressed(b"\0{\\rtf1 x", 0xFFFFFFF0))), harmless=True, quick=True
    ),
    "rtf-endless.msg": made(lambda: _body(rtf=Stream(_endless_rtf())), harmless=True),
    "rtf-500-mb.msg": made(lambda: _body(rtf=Stream(blown_up_rtf(500 * MB))), harmless=True),
    "rtf-html-deep.msg": made(
        lambda: _body(rtf=Stream(stored_rtf(_wrapped(b"{\\b " * (15 * MB))))), harmless=True
    ),
    "rtf-html-words.msg": made(
        lambda: _body(rtf=Stream(stored_rtf(_wrapped(b"\\u1234?\\f1 " * (7 * MB))))), harmless=True
    ),
    "html-190-mb.msg": made(lambda: _body(html=_page(b"<p>x</p>", 24 * MB)), harmless=True),
    "html-deep.msg": made(lambda: _body(html=_page(b"<div><b>", 100_000)), harmless=True),
    "html-tables.msg": made(lambda: _body(html=_page(b"<table><tr><td>", 20_000)), harmless=True),
    "body-190-mb.msg": made(lambda: _text(Stream(b"x\0" * (95 * MB)))),
    "attachments.msg": made(lambda: _crowd(5_000, 0), harmless=True),
    "attachments-50000.msg": made(lambda: _crowd(50_000, 0), harmless=True),
    "attachments-list.msg": made(
        lambda: compound_file(Storage(_crowd_of(20_000), list=True)), harmless=True, quick=True
    ),
    "recipients.msg": made(lambda: _crowd(0, 50_000), harmless=True),
}
