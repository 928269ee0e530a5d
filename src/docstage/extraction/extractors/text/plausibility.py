"""How words look that were decoded: wrong encodings put signs, capitals and foreign letters into them."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")
_CJK = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH", "IDEOGRAPHIC"})
_OPENING, _CLOSING, _DASHES = "“„«‘‚‹", "”»›…™", "–—"
_APOSTROPHE, _ANY_CURRENCY = "’", "¤"
# What a fault weighs against a letter beyond ASCII: one in a short word is enough to prefer another reading.
_GRAVE, _FAULT, _ODDER, _ODD, _SLIGHT = 3.0, 1.5, 0.5, 0.3, 0.1


def implausibility(text: str) -> float:
    """Faults for each character beyond ASCII: 0 where all words look like words."""
    wide = faults = 0.0
    for match in _WORD.finditer(text):
        word = match[0]
        wide += sum(not char.isascii() for char in word)
        faults += _faults_of_word(word)
    return faults / max(wide, 1)


def _faults_of_word(word: str) -> float:
    scripts: set[str] = set()
    faults, was_small = 0.0, False
    for before, char, after in zip(f" {word}", word, f"{word[1:]} ", strict=False):
        kind = _kind(char)
        if kind[0] == "L":
            scripts.add(_script(char))
            faults += _FAULT * (was_small and kind == "Lu")
            was_small = kind == "Ll"
        elif kind[0] != "M":
            was_small = False
            faults += (
                0.0 if char.isascii() else _faults_of_sign(char, kind, before.isalpha(), after.isalpha())
            )
    return faults + _FAULT * max(len(scripts) - 1, 0)


def _faults_of_sign(char: str, kind: str, follows: bool, goes_on: bool) -> float:
    """Faults of a sign that follows a letter, and after which the word goes on."""
    if kind in ("Cc", "Cn", "Co") or char == "\ufffd":
        return _GRAVE
    if char in _OPENING or char in _CLOSING:
        return _FAULT * (follows if char in _OPENING else goes_on)
    if char in _DASHES:
        return _ODDER * (follows and goes_on)
    if kind[0] == "P" or _script(char) in _CJK:
        return 0.0 if char == _APOSTROPHE else _SLIGHT * (follows and goes_on)
    if follows or goes_on:
        return _FAULT
    return 0.0 if kind == "Sc" and char != _ANY_CURRENCY else _ODD


@lru_cache(4_096)
def _kind(char: str) -> str:
    """Its general category; accents that stand alone are signs, whatever Unicode calls them."""
    kind = unicodedata.category(char)
    is_accent = kind == "Lm" and not char.isascii() and _script(char) not in (*_CJK, "THAI")
    return "Sk" if is_accent else kind


@lru_cache(4_096)
def _script(char: str) -> str:
    """The script by the first word of the character's name, one for all of Chinese and Japanese."""
    if char.isascii():
        return "LATIN"
    name = unicodedata.name(char, "?").split()[0].partition("-")[0]
    return "CJK" if name in _CJK else name
