"""What the bytes of Word 6 and 95 stand for: these files say so by the language and by their fonts."""

import re
import struct

_WESTERN = "cp1252"
_FONTS = 0xD0  # place and size of the table of fonts in the head of these files
_MACINTOSH = 256  # in the place of the head that tells whose characters these are
# Code pages by the low ten bits of a LANGID, where they are not the western one.
_OF_LANGUAGES = {
    0x01: "cp1256", 0x02: "cp1251", 0x04: "gbk", 0x05: "cp1250", 0x08: "cp1253", 0x0D: "cp1255",
    0x0E: "cp1250", 0x11: "cp932", 0x12: "cp949", 0x15: "cp1250", 0x18: "cp1250", 0x19: "cp1251",
    0x1A: "cp1250", 0x1B: "cp1250", 0x1E: "cp874", 0x1F: "cp1254", 0x22: "cp1251", 0x23: "cp1251",
    0x24: "cp1250", 0x25: "cp1257", 0x26: "cp1257", 0x27: "cp1257",
}  # fmt: skip
# Of these a file says nothing by its language: it is what Word says by itself.
_UNTOLD = frozenset({0x00, 0x09})
# Code pages by the character set of a font ([MS-WMF] 2.1.1.5), and by what names of such fonts end in.
_OF_FONTS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_OF_NAMES = {b"Cyr": "cp1251", b"CE": "cp1250", b"Greek": "cp1253", b"Tur": "cp1254", b"Baltic": "cp1257"}
_LATIN = frozenset({"cp1250", "cp1254", "cp1257", "mac_roman"})
_TWO_BYTES = frozenset({"cp932", "cp949", "gbk", "big5"})
_BEYOND = re.compile("[\x00-\x7f]+")
_FAR_EASTERN = re.compile("[\u2e80-\uff60]")
_LETTERS = re.compile(b"[\xc0-\xff]+")
_MOST_FONTS = 1_000


def old_page(main: bytes, language: int) -> str:
    """The code page of a file's text.

    Args:
        main: its stream `WordDocument`.
        language: the LANGID in its head.
    """
    (characters,) = struct.unpack_from("<H", main, 20)
    if characters == _MACINTOSH:
        return "mac_roman"
    told = _OF_LANGUAGES.get(language & 0x3FF)
    if told is not None:
        return told
    start, end = struct.unpack_from("<II", main, 24)  # fcMin, fcMac
    text = main[start:end]
    for page in _of_fonts(main):
        if page in _LATIN:
            if language & 0x3FF in _UNTOLD:
                return page
        elif _is_of(page, text):
            return page
    return _WESTERN


def decode(raw: bytes, page: str) -> str:
    """Text of which each byte has its place; a character of two bytes is followed by nothing (U+0000)."""
    text = raw.decode(page, "replace")
    if len(text) == len(raw):
        return text
    placed = []
    for one in text:
        placed.append(one)
        placed += "\0" * (len(one.encode(page, "replace")) - 1)
    return "".join(placed)[: len(raw)]


def wide_of_word_95(text: str) -> str:
    """Text of far eastern editions: Unicode, in which western signs kept their bytes."""
    return "".join(map(_wide_sign, text)) if re.search("[\x80-\xff\u1000-\u10ff]", text) else text


def _wide_sign(one: str) -> str:
    code = ord(one)
    is_byte = 0x80 <= code <= 0xFF or 0x1080 <= code <= 0x10FF
    return bytes([code & 0xFF]).decode(_WESTERN, "replace") if is_byte else one


def _is_of(page: str, text: bytes) -> bool:
    """Whether a text is in a script that is not Latin: letters beyond ASCII come in words of their own."""
    if page in _TWO_BYTES:
        try:
            beyond = _BEYOND.sub("", text.decode(page))
        except UnicodeDecodeError:
            return False
        return 2 * len(_FAR_EASTERN.findall(beyond)) > len(beyond)
    runs = _LETTERS.findall(text)
    return 2 * sum(len(run) for run in runs if len(run) > 1) > sum(map(len, runs))


def _of_fonts(main: bytes) -> list[str]:
    """Code pages of the fonts that are not western, in the order of the table (FFN of Word 6)."""
    if len(main) < _FONTS + 8:
        return []
    start, size = struct.unpack_from("<II", main, _FONTS)
    table, at = main[start : start + size], 2
    found: list[str] = []
    while at + 6 < len(table) and len(found) < _MOST_FONTS:
        font = table[at : at + 1 + table[at]]
        at += len(font)
        name = font[6:].partition(b"\0")[0]
        page = _OF_NAMES.get(name.rpartition(b" ")[2]) or (_OF_FONTS.get(font[4]) if len(font) > 4 else None)
        found += [page] if page else []
    return list(dict.fromkeys(found))
