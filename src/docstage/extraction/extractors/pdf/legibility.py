"""Whether the text of a PDF page says what is printed: fonts may give letters no meaning, or a wrong one."""

import string
from collections import Counter

from pypdfium2 import raw  # type: ignore[import-untyped]  # it ships no types

from docstage.extraction.extractors.base import garbage_in
from docstage.extraction.extractors.pdf.text import PageText

# How many characters of a page are asked whether their font says what they mean.
_SAMPLE = 32
_LETTERS = 400
_LATIN = frozenset(string.ascii_letters)
_VOWELS = "AEIOUYaeiouy"
# Bullets and ticks are private characters, signs of formulas may have no meaning: more is a bad font.
_ODD_SHARE = 0.05
_UNREADABLE_SHARE = 0.3
# Languages in Latin letters have 30 to 50 % vowels; shifted or shuffled letters 5 to 20 %.
_LEAST_VOWELS = 0.18
_LEAST_LETTERS = 100
_ONE_LETTER_SHARE = 0.6
_LEAST_CHARACTERS = 20


def unreadable_share(text: PageText) -> float:
    """How much of a page's text is not what is printed, 0 to 1, judged by its fonts and its letters."""
    letters = Counter(text.characters[:: len(text.characters) // _LETTERS + 1])
    for blank in [character for character in letters if character.isspace() or character == "\ufffe"]:
        del letters[blank]
    total = letters.total()
    if not total:
        return 0.0
    garbage = sum(letters[character] for character in garbage_in("".join(letters)))
    if garbage > _UNREADABLE_SHARE * total or _is_scrambled(letters, total):
        return 1.0
    private = sum(times for character, times in letters.items() if "\ue000" <= character <= "\uf8ff")
    return max(_unmapped_share(text), private / total)


def is_odd(share: float) -> bool:
    """Whether enough of a text is unreadable that a reader should see the page, too."""
    return share > _ODD_SHARE


def is_unreadable(share: float) -> bool:
    """Whether the text is of no use."""
    return share > _UNREADABLE_SHARE


def _unmapped_share(text: PageText) -> float:
    """How many characters have no meaning in their font, of those that are looked at."""
    count = len(text.characters)
    places = range(0, count, max(count // _SAMPLE, 1))
    chosen = [index for index in places if not text.characters[index].isspace()]
    handle, has_failed = text.handle.raw, raw.FPDFText_HasUnicodeMapError
    failed = sum(has_failed(handle, index) == 1 for index in chosen)
    return float(failed / max(len(chosen), 1))


def _is_scrambled(letters: Counter[str], total: int) -> bool:
    """Whether the letters are one and the same, or such as no language has."""
    commonest = max(letters, key=letters.__getitem__)
    if total >= _LEAST_CHARACTERS and commonest.isalpha() and letters[commonest] > _ONE_LETTER_SHARE * total:
        return True
    latin = sum(times for letter, times in letters.items() if letter in _LATIN)
    if latin < max(_LEAST_LETTERS, total / 2):
        return False
    return sum(letters[vowel] for vowel in _VOWELS) < _LEAST_VOWELS * latin
