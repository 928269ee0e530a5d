"""How the simulator counts tokens: four characters each, but one for each wide character, word and number.

It is a tokenizer of its own, as every model has one: docstage's estimates may differ from it.
"""

import re

CHARACTERS_PER_TOKEN = 4
# Scripts without spaces between words, such as Thai, Chinese and Japanese.
_WIDE = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")
# Letters become "a", digits "1", and all else a blank, in which words and numbers can be counted.
_KINDS = bytes(
    ord("1")
    if chr(byte).isdigit() and byte < 0x80
    else ord("a")
    if chr(byte).isalpha() or byte >= 0x80
    else ord(" ")
    for byte in range(256)
)


def count(text: str) -> int:
    """Tokens of a text, rounded up."""
    wide = 0 if text.isascii() else len(_WIDE.findall(text))
    by_length = wide + -(-(len(text) - wide) // CHARACTERS_PER_TOKEN)
    return max(by_length, _words(text))


def _words(text: str) -> int:
    """Words and numbers: no model's tokenizer puts two of them into one token."""
    kinds = b" " + text.encode("utf-8", "replace").translate(_KINDS)
    return sum(kinds.count(begun) for begun in (b" a", b" 1", b"1a", b"a1"))


def cut_to(text: str, tokens: int) -> str:
    """The beginning of a text that has no more than so many tokens."""
    shorter = text[: tokens * CHARACTERS_PER_TOKEN]
    while (number := count(shorter)) > tokens:
        shorter = shorter[: min(len(shorter) - 1, len(shorter) * tokens // number)]
    return shorter


def end_of(text: str, tokens: int) -> str:
    """The end of a text that has no more than so many tokens."""
    return cut_to(text[::-1], tokens)[::-1]
