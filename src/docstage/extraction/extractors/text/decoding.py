"""From bytes to text, whatever the encoding."""

import codecs
import re

from docstage.extraction.media_types import utf16_without_mark

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_DETECTION_SAMPLE = 256 * 1_024
# The legacy encodings that the web knows (WHATWG Encoding Standard, section 4) and those of DOS. Without this
# choice, short western texts are often taken for one of the many encodings of old Macintoshes or mainframes.
_CANDIDATES = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "cp874",
    "cp866",
    "koi8_r",
    "koi8_u",
    "iso8859_2",
    "iso8859_5",
    "iso8859_6",
    "iso8859_7",
    "iso8859_8",
    "cp932",
    "shift_jis",
    "euc_jp",
    "iso2022_jp",
    "euc_kr",
    "cp949",
    "gb18030",
    "big5",
    "cp437",
    "cp850",
    "cp852",
]
# A cut or patched file may hold a few broken sequences and still be UTF-8.
_TOLERATED_ERRORS = 1_000


def decode(data: bytes, *, markup: bool = False) -> str | None:
    """The text of the data without its byte order mark, or None when it is text in no known encoding.

    Args:
        data: the whole file.
        markup: it is XML or HTML, which may say in its beginning how it is encoded.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if unmarked := utf16_without_mark(data):
        return data.decode(unmarked, "replace")
    try:
        # ISO-2022-JP, still usual in Japanese mail, looks like ASCII with escape sequences.
        return data.decode("iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else "utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(data, markup)


def _decode_legacy(data: bytes, markup: bool) -> str | None:
    text = _decode_as_declared(data) if markup else None
    if text is None:
        text = _almost_utf8(data)
    return _decode_detected(data) if text is None else text


def _decode_as_declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:2_048])
    if found is None:
        return None
    try:
        return data.decode((found[1] or found[2]).decode("ascii"))
    except (LookupError, ValueError):
        return None


def _almost_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")
    errors = text.count("\ufffd")
    wide = sum(len(found) for found in re.findall("[^\x00-\x7f\ufffd]+", text[:_DETECTION_SAMPLE]))
    return text if wide > errors and errors * _TOLERATED_ERRORS <= len(text) else None


def _decode_detected(data: bytes) -> str | None:
    import charset_normalizer

    # Cut after a line, so that the sample does not end inside a character.
    sample = data[: data.rfind(b"\n", 0, _DETECTION_SAMPLE) + 1] if len(data) > _DETECTION_SAMPLE else data
    sample = sample or data[:_DETECTION_SAMPLE]
    found = charset_normalizer.from_bytes(sample, cp_isolation=_CANDIDATES)
    best = (
        found.best() or charset_normalizer.from_bytes(sample, threshold=0.5, cp_isolation=_CANDIDATES).best()
    )
    return None if best is None else data.decode(best.encoding, "replace")
