"""Fonts of Rich Text Format: they say which characters bytes stand for (RTF 1.9.1, "Font Table")."""

from dataclasses import dataclass

from docstage.extraction.extractors.office.symbols import is_symbol_font, symbols
from docstage.extraction.extractors.text.code_pages import codec_of

# Code pages by \fcharset; 0 and 1 leave it to the document.
_CHARSETS = {
    77: 10000, 78: 10001, 79: 10003, 80: 10008, 81: 10002, 83: 10005, 84: 10004, 85: 10006, 86: 10081,
    87: 10021, 88: 10029, 89: 10007, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253,
    162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850,
}  # fmt: skip
_SYMBOL = 2
_NAMES = {
    "Cyr": "cp1251", "CE": "cp1250", "Greek": "cp1253", "Tur": "cp1254", "Baltic": "cp1257",
    "(Hebrew)": "cp1255", "(Arabic)": "cp1256", "(Vietnamese)": "cp1258",
}  # fmt: skip
_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


@dataclass(slots=True)
class _Font:
    name: str = ""
    charset: int = 0
    codec: str | None = None


_UNTOLD = _Font()


class Fonts:
    """The table of fonts, and the document's own code page."""

    def __init__(self) -> None:
        self._fonts: dict[int, _Font] = {}
        self._page = "cp1252"
        self._current = _Font()
        self.usual: int | None = None

    def set_page(self, word: str, number: int | None) -> None:
        """Take what the document says of all its text."""
        if word == "ansicpg":
            self._page = codec_of(number) or self._page
        else:
            self._page = _PAGES[word]

    def define(self, word: str, number: int) -> None:
        """Take a word of the table of fonts."""
        if word == "f":
            self._current = self._fonts[number] = _Font()
        elif word == "fcharset":
            self._current.charset = number
            self._current.codec = codec_of(_CHARSETS.get(number))
        elif word == "cpg":
            self._current.codec = codec_of(number) or self._current.codec

    def name(self, text: str) -> None:
        """Take the name of the font that is being defined."""
        self._current.name = (self._current.name + text).partition(";")[0].strip()

    def decode(self, data: bytes, number: int | None) -> str:
        """What bytes stand for in a font."""
        font = self._font(number)
        if font.charset == _SYMBOL or is_symbol_font(font.name):
            return self.shown(data.decode("latin-1"), number)
        codec = font.codec or _NAMES.get(font.name.rpartition(" ")[2]) or self._page
        return data.decode(codec, "replace")

    def shown(self, text: str, number: int | None) -> str:
        """A text in the letters that a font shows for it."""
        font = self._font(number)
        if is_symbol_font(font.name):
            return symbols(text, font.name)
        if font.charset == _SYMBOL:  # its name says nothing: most such are of the kind of Symbol
            return symbols(text, "Symbol")
        return text

    def _font(self, number: int | None) -> _Font:
        chosen = self.usual if number is None else number
        return _UNTOLD if chosen is None else self._fonts.get(chosen, _UNTOLD)
