"""Rich Text Format as it is written (RTF 1.9.1, "RTF Syntax"): words with numbers, bytes, braces."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

# Breaks of lines in the file mean nothing and go with what stands before them.
_TOKEN = re.compile(
    rb"(?:\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|([^\\{}\r\n\x00]+)|([{}])"
    rb"|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|\\|)"
    rb"[\r\n\x00]*",
    re.DOTALL,
)
_BRACES = re.compile(rb"\\[{}\\]|\\bin(\d{1,9}) ?|[{}]")
OPEN, CLOSE = "{", "}"


@dataclass(slots=True)
class Token:
    """One piece of the file.

    Attributes:
        word: a control word such as `par`, a control symbol such as `*`, or a brace; empty for bytes.
        number: what stands behind the word.
        data: bytes of text, or those that follow the word `bin`.
    """

    word: str
    number: int | None = None
    data: bytes = b""


class Tokens:
    """The pieces of a file in their order.

    Args:
        meant: words that are told; others only where a group begins with them.
    """

    def __init__(self, rtf: bytes, meant: Set[str]) -> None:
        self._rtf = rtf
        self._meant = frozenset(word.encode() for word in meant)
        self._at = 0

    def __iter__(self) -> Iterator[Token]:
        is_first = False
        rtf, meant, match = self._rtf, self._meant, _TOKEN.match
        while (found := match(rtf, self._at)) and found.end() > self._at:
            self._at = found.end()
            word, number, text, brace, byte, symbol = found.groups()
            if word is not None:
                if word == b"bin":
                    yield self._binary(found)
                elif is_first or word in meant:
                    yield Token(word.decode("ascii"), None if number is None else int(number))
                is_first = False
            elif text is not None:
                is_first = False
                yield Token("", None, text)
            elif brace is not None:
                is_first = brace == b"{"
                yield Token(OPEN if is_first else CLOSE)
            elif byte is not None:
                is_first = False
                yield Token("", None, bytes((int(byte, 16),)))
            elif symbol is not None:
                is_first = is_first and symbol == b"*"
                yield Token("", None, symbol) if symbol in b"{}\\" else Token(symbol.decode("latin-1"))

    def skip(self) -> None:
        """Go on with the end of the group that is open."""
        depth = 1
        while found := _BRACES.search(self._rtf, self._at):
            depth += (found[0] == b"{") - (found[0] == b"}")
            self._at = found.end() + int(found[1] or 0)
            if not depth:
                self._at = found.start()
                return
        self._at = len(self._rtf)

    def _binary(self, found: re.Match[bytes]) -> Token:
        """Bytes as they are, of which the word before them tells how many there are."""
        number = int(found[2] or 0)
        start = max(found.end(1), found.end(2)) + 1
        self._at = start + min(max(number, 0), max(len(self._rtf) - start, 0))
        return Token("bin", number, self._rtf[start : self._at])
