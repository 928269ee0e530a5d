"""The words of binary Word documents: fields, signs, marks of pictures and notes ([MS-DOC] 2.4.1, 2.8.25)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.office.symbols import symbol
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.fields import (
    NUMBER_MANY,
    NUMBER_ONE,
    is_number,
    link_of,
    unresolved,
)
from docstage.extraction.extractors.word.inline import apart
from docstage.extraction.extractors.word_old.file import OldFile
from docstage.extraction.extractors.word_old.properties import PLAIN, Look, Runs, character_entry

_CHARACTERS = 12
_BEGIN, _SEPARATE, _END = "\x13", "\x14", "\x15"
_PLAIN_SIGNS = {"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": "", "\xad": "", "\t": "\t", PICTURE_MARK: ""}
_SINGLE = re.compile(f"([\x00-\x1f\xad{PICTURE_MARK}])")
_MARKS = frozenset("\x01\x02\x05\x08")
_HIDDEN_ONE = "A hidden character is left out."
_HIDDEN_MANY = "Hidden text is left out: {} characters."
_CHANGED = "It has tracked changes: read as if all were accepted."

Special = Callable[[str, int, Look], str]
"""What a special character stands for, by its place and what is said of it."""


@dataclass(slots=True)
class _Field:
    instruction: list[str] = field(default_factory=list)
    is_shown: bool = False
    start: int = 0


class OldText:
    """Reads the words of a story from its beginning to its end.

    Args:
        story: first and last place. Where fields end less often than they begin, none hides anything.
        special: asked what pictures, and marks of notes and comments, stand for.
        fonts: names of the file's fonts.
    """

    def __init__(
        self,
        file: OldFile,
        story: tuple[int, int],
        runs: Runs[Look] | None,
        remarks: Remarks,
        special: Special,
        fonts: list[str],
    ) -> None:
        self._is_whole = file.text.count(_BEGIN, *story) <= file.text.count(_END, *story)
        self._file = file
        self._runs = runs
        self._remarks = remarks
        self._special = special
        self._fonts = fonts
        self._fields: list[_Field] = []
        self._out: list[str] = []

    def read(self, start: int, end: int) -> str:
        """The words between two places."""
        self._out = []
        for one in self._fields:
            one.start = 0
        for first, last, look in self._looks(start, end):
            self._stretch(first, last, look)
        text = apart("".join(self._out).replace("~~~~", ""))
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _looks(self, start: int, end: int) -> list[tuple[int, int, Look]]:
        """Stretches that look the same, with what is said of them."""
        if self._runs is None:
            return [(start, end, PLAIN)]
        found = []
        for first, last, offset, width in self._file.stretches(start, end):
            at = first
            for begin, stop, look in self._runs.between(offset, offset + (last - first) * width):
                here = first + (begin - offset) // width
                if here > at:
                    found.append((at, here, PLAIN))
                at = min(first + (stop - offset + width - 1) // width, last)
                found.append((here, at, look))
            if at < last:
                found.append((at, last, PLAIN))
        return found

    def _stretch(self, start: int, end: int, look: Look) -> None:
        text = self._file.text[start:end]
        if look.deleted:
            self._remarks.note(_CHANGED)
        before = len(self._out)
        at = start
        for piece in _SINGLE.split(text) if not look.special else text:
            if len(piece) == 1:
                self._character(piece, at, look)
            elif piece:
                self._emit(piece)
            at += len(piece)
        if look is PLAIN or len(self._out) == before:
            return
        words = "".join(self._out[before:])
        del self._out[before:]
        if look.deleted:
            return
        if look.hidden:
            self._remarks.count(_HIDDEN_ONE, _HIDDEN_MANY, len(words.strip()))
        elif look.struck and words.strip():
            self._out.append(f"~~{words}~~")
        elif look.raised and words.strip().isdigit() and self._out and self._out[-1][-1:].isalnum():
            self._out.append(f"^{words}")
        else:
            self._out.append(words)

    def _character(self, character: str, at: int, look: Look) -> None:
        if character >= " " and character not in _PLAIN_SIGNS and not look.special:
            self._emit(character)
        elif character in (_BEGIN, _SEPARATE, _END):
            self._field(character)
        elif look.symbol is not None:
            font, code = look.symbol
            self._emit(symbol(code, self._fonts[font] if font < len(self._fonts) else ""))
        elif character in _MARKS and (look.special or character == "\x08"):
            self._emit(self._special(character, at, look))
        elif character >= " " or character in _PLAIN_SIGNS:
            self._emit(_PLAIN_SIGNS.get(character, character))

    def _emit(self, text: str) -> None:
        silent = next((one for one in self._fields if not one.is_shown and self._is_whole), None)
        if silent is None:
            self._out.append(text)
        elif silent is self._fields[-1]:
            silent.instruction.append(text)

    def _field(self, mark: str) -> None:
        if mark == _BEGIN:
            self._fields.append(_Field())
        elif self._fields and mark == _SEPARATE:
            self._fields[-1].is_shown, self._fields[-1].start = True, len(self._out)
        elif self._fields:
            ended = self._fields.pop()
            instruction = "".join(ended.instruction).strip()
            if not ended.is_shown:
                self._emit(unresolved(instruction))
                if is_number(instruction):
                    self._remarks.count(NUMBER_ONE, NUMBER_MANY)
            elif (address := link_of(instruction)) is not None:
                words = "".join(self._out[ended.start :])
                self._emit("" if address.rpartition("//")[2].rstrip("/") in words else f" ({address})")


def character_runs(file: OldFile) -> Runs[Look]:
    """What is said of the characters of a file."""
    return Runs(file, _CHARACTERS, character_entry)
