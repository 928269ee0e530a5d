"""How many tokens a text is: as expected, at least and at most, whatever the tokenizer.

Tokenizers differ, and by script: a character of English is a fifth of a token, one of Hindi a whole one.
What is expected is a sum over kinds of characters, whose weights were fitted (non-negative least squares of
the relative error) to the geometric mean of five tokenizers over the samples, documents of many formats and
a paragraph in each of 24 languages: cl100k, Claude 2, Llama 3.1, Mistral 7B and SmolLM2.
`benchmarks/tokens.py` measures it against a real model. What a connection really counts corrects it: see
`domain/calibration.py`.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_Ranges = Iterable[tuple[int, int]]
_LOWER: _Ranges = ((0x61, 0x7A),)
_UPPER: _Ranges = ((0x41, 0x5A),)
_DIGITS: _Ranges = ((0x30, 0x39),)
_PUNCTUATION: _Ranges = ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E))
_OTHERS: _Ranges = ((0x80, 0xFF),)

# Tokens of a character, by the first byte of its UTF-8: which is that of a block of scripts.
_OF_LEADS: tuple[tuple[_Ranges, float], ...] = (
    (_LOWER, 0.12),
    (_UPPER, 0.264),
    (_DIGITS, 0.25),
    (_PUNCTUATION, 0.063),
    (((0x09, 0x0D),), 0.36),  # ends of lines
    (((0xC2, 0xCD),), 2.1),  # Latin with accents, whose words are cut more often
    (((0xCE, 0xCF),), 0.83),  # Greek
    (((0xD0, 0xD3),), 0.42),  # Cyrillic
    (((0xD4, 0xD7),), 1.2),  # Armenian, Hebrew
    (((0xD8, 0xDF),), 0.73),  # Arabic and its neighbours
    (((0xE0, 0xE0),), 1.2),  # scripts of India, Thai, Lao
    (((0xE1, 0xE1),), 1.8),  # Vietnamese, Georgian, Amharic, Khmer
    (((0xE2, 0xE2),), 1.7),  # signs
    (((0xE3, 0xE3),), 1.1),  # Japanese syllables
    (((0xE4, 0xE9), (0xEE, 0xEF)), 1.25),  # Chinese characters, full-width forms
    (((0xEA, 0xED),), 1.25),  # Korean
    (((0xF0, 0xFF),), 2.5),  # emoji, rare characters
)
_ASCII_CLASSES = 5
_OF_WORD, _OF_NUMBER, _OF_SIGNS, _OF_GAP = 0.61, 1.5, 0.83, 0.88  # besides their characters

# No known tokenizer puts two words, or two numbers, into one token. Of the scripts without spaces, large
# vocabularies make fewer tokens than characters: 0.55 in Chinese, 0.6 in Japanese, 0.39 in Thai and 0.54 in
# Korean are the least that was measured (o200k, Gemma 3, DeepSeek 3, Tekken).
_LEAST_OF_CHINESE, _LEAST_OF_KOREAN, _LEAST_OF_THAI = 0.3, 0.2, 0.2
_SURELY = 0.9


def _table(ranges: _Ranges, inside: int = ord("a")) -> bytes:
    """Translates bytes within the ranges to `inside`, all others to a blank."""
    inner = {byte for first, last in ranges for byte in range(first, last + 1)}
    return bytes(inside if byte in inner else ord(" ") for byte in range(256))


def _classes() -> bytes:
    """Translates each byte to the number of its entry in `_OF_LEADS`, or to one behind them all."""
    table = bytearray([len(_OF_LEADS)]) * 256
    for number, (ranges, _) in enumerate(_OF_LEADS):
        for first, last in ranges:
            table[first : last + 1] = bytes([number]) * (last + 1 - first)
    return bytes(table)


_CLASSES = _classes()
_IN_WORDS = _table((*_LOWER, *_UPPER, *_OTHERS))
_IN_NUMBERS, _IN_SIGNS, _BLANKS = _table(_DIGITS), _table(_PUNCTUATION), _table(((0x20, 0x20),))
_CHINESE, _KOREAN = _table(((0xE3, 0xE9),)), _table(((0xEA, 0xED),))
_THAI = (b"\xe0\xb8", b"\xe0\xb9", b"\xe0\xba", b"\xe0\xbb")


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of a text, or of several.

    Attributes:
        expected: as usual tokenizers count.
        least: no tokenizer that was tried makes fewer.
        most: no tokenizer makes more of a text than it has bytes, in its own or its compatible form (NFKC).
    """

    expected: int = 0
    least: int = 0
    most: int = 0

    def __add__(self, other: "TokenCount") -> "TokenCount":
        return TokenCount(self.expected + other.expected, self.least + other.least, self.most + other.most)


def count_tokens(text: str) -> TokenCount:
    """The tokens of a text. Reads 20 to 40 MB a second."""
    data = text.encode("utf-8", "replace")
    words, numbers = _runs(data, _IN_WORDS), _runs(data, _IN_NUMBERS)
    expected = _of_characters(data, ascii_only=text.isascii())
    expected += _OF_WORD * words + _OF_NUMBER * numbers + _OF_SIGNS * _runs(data, _IN_SIGNS)
    if b"  " in data:
        expected += _OF_GAP * data.translate(_BLANKS).count(b" aa")
    least = words + numbers + (0.0 if text.isascii() else _least_without_spaces(data))
    return TokenCount(min(-int(-expected // 1), len(data)), int(_SURELY * least), _most(text, data))


def expected_tokens(text: str) -> int:
    """As usual tokenizers count a text."""
    return count_tokens(text).expected


def _of_characters(data: bytes, *, ascii_only: bool) -> float:
    """The tokens of the characters, each for itself."""
    classes = data.translate(_CLASSES)
    present = _ASCII_CLASSES if ascii_only else len(_OF_LEADS)
    return sum(classes.count(number) * _OF_LEADS[number][1] for number in range(present))


def _runs(data: bytes, table: bytes) -> int:
    """How many runs there are of the bytes that the table lets stand."""
    inside = data.translate(table)
    return inside.count(b" a") + inside.startswith(b"a")


def _most(text: str, data: bytes) -> int:
    """Its bytes; more where it has characters that some tokenizers spell out first, such as a fraction."""
    spelt_out = () if text.isascii() else ((one, _growth(one)) for one in set(text) if one > "\x7f")
    return len(data) + sum(text.count(one) * growth for one, growth in spelt_out if growth)


@cache
def _growth(character: str) -> int:
    """Bytes that a character gains in its compatible form (NFKC)."""
    spelt_out = unicodedata.normalize("NFKC", character)
    return max(0, len(spelt_out.encode("utf-8", "replace")) - len(character.encode("utf-8", "replace")))


def _least_without_spaces(data: bytes) -> float:
    thai = sum(map(data.count, _THAI))
    chinese, korean = data.translate(_CHINESE).count(b"a"), data.translate(_KOREAN).count(b"a")
    return _LEAST_OF_CHINESE * chinese + _LEAST_OF_KOREAN * korean + _LEAST_OF_THAI * thai
