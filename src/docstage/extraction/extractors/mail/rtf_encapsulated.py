"""HTML and plain text that Outlook keeps wrapped in RTF ([MS-OXRTFEX])."""

import re
from dataclasses import dataclass, replace
from itertools import islice

from docstage.extraction.extractors.text.code_pages import codec_of

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
# The words that tell are among the first ten tokens.
_FIRST = 10
_BRANDS = {b"fromhtml": True, b"fromtext": False}
_WORDS = {
    b"par": "\n",
    b"line": "\n",
    b"tab": "\t",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
    b"endash": "\u2013",
    b"emdash": "\u2014",
}
_SYMBOLS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": "\xa0", b"_": "\xad", b"\r": "\n", b"\n": "\n"}
# Groups that are no part of the text, though no star says so.
_HIDDEN = frozenset({b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"pntext", b"listtext"})
# RTF 1.9.1, "Font Table": code pages by \fcharset. 0 and 1 leave it to the document.
_CHARSETS = {
    77: 10000,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
    255: 437,
}
_ANSI = "cp1252"


@dataclass(frozen=True, slots=True)
class Original:
    """What was wrapped."""

    text: str
    is_html: bool


def unwrap(rtf: bytes) -> Original | None:
    """What RTF is only the wrapping of, None when it is the document itself."""
    for token in islice(_TOKEN.finditer(rtf), _FIRST):
        if token["word"] in _BRANDS:
            return Original(_Reader(rtf).text(), _BRANDS[token["word"]])
    return None


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group and is as before after it.

    Attributes:
        hidden: it is no part of the text.
        muted: it is there for readers of RTF alone (`htmlrtf`).
        fonts: it is the table of fonts.
        fallback: how many characters after a Unicode one stand for it elsewhere.
        font: which font is chosen, None for the usual one.
    """

    hidden: bool = False
    muted: bool = False
    fonts: bool = False
    fallback: int = 1
    font: int | None = None


class _Reader:
    def __init__(self, rtf: bytes) -> None:
        self._rtf = rtf
        self._state = _State()
        self._outer: list[_State] = []
        self._starred = False
        self._to_skip = 0
        self._codecs: dict[int | None, str] = {}
        self._ansi = _ANSI
        self._usual_font: int | None = None
        self._bytes = bytearray()
        self._pieces: list[str] = []

    def text(self) -> str:
        """All that is to be seen."""
        place = 0
        while token := _TOKEN.match(self._rtf, place):
            place = token.end()
            if word := token["word"]:
                number = None if token["number"] is None else int(token["number"])
                if word == b"bin":
                    place += max(0, number or 0)
                self._word(word, number)
            elif token["byte"]:
                self._written(bytes.fromhex(token["byte"].decode()))
            elif token["brace"]:
                self._brace(token["brace"])
            elif token["symbol"]:
                self._symbol(token["symbol"])
            elif token["text"]:
                self._written(token["text"])
        self._decode()
        # Characters beyond the first 65,536 come as two halves.
        return "".join(self._pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _brace(self, brace: bytes) -> None:
        self._decode()
        self._starred, self._to_skip = False, 0
        if brace == b"{":
            self._outer.append(self._state)
        elif self._outer:
            self._state = self._outer.pop()

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in _SYMBOLS:
            self._shown(_SYMBOLS[symbol])

    def _word(self, word: bytes, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if (starred and word != b"htmltag") or word in _HIDDEN:
            self._state = replace(self._state, hidden=True)
        elif word == b"fonttbl":
            self._state = replace(self._state, hidden=True, fonts=True)
        elif word == b"htmlrtf":
            self._decode()
            self._state = replace(self._state, muted=number != 0)
        elif word == b"uc":
            self._state = replace(self._state, fallback=max(0, number or 0))
        elif word == b"u":
            self._shown(chr((number or 0) & 0xFFFF))
            self._to_skip = self._state.fallback
        elif word in _WORDS:
            self._shown(_WORDS[word])
        else:
            self._about_fonts(word, number)

    def _about_fonts(self, word: bytes, number: int | None) -> None:
        font = self._state.font
        if word in (b"f", b"plain"):
            self._decode()
            self._state = replace(self._state, font=number if word == b"f" else None)
        elif word == b"deff":
            self._usual_font = number
        elif word == b"ansicpg":
            self._ansi = codec_of(number) or _ANSI
        elif self._state.fonts and word in (b"fcharset", b"cpg"):
            page = number if word == b"cpg" else _CHARSETS.get(number or 0)
            if codec := codec_of(page):
                self._codecs[font] = codec

    def _written(self, data: bytes) -> None:
        """Bytes of the text, in the code page of their font. Two of them may be one character."""
        skipped = min(self._to_skip, len(data))
        self._to_skip -= skipped
        if not self._state.hidden and not self._state.muted:
            self._bytes += data[skipped:]

    def _shown(self, text: str) -> None:
        self._decode()
        if self._to_skip:
            self._to_skip -= 1
        elif not self._state.hidden and not self._state.muted:
            self._pieces.append(text)

    def _decode(self) -> None:
        if self._bytes:
            font = self._usual_font if self._state.font is None else self._state.font
            self._pieces.append(self._bytes.decode(self._codecs.get(font, self._ansi), "replace"))
            self._bytes.clear()
