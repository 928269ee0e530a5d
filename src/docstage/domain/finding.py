"""Finding words in a text as people type them: letter case, accents and blanks make no difference."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from docstage.domain.receipt import Receipt, ReceivedPart

MOST_WORDS = 200
"""Characters of what is looked for, at most."""
_AROUND = 60  # characters of an excerpt on either side
# The scan gives way between stretches of this length, so that it can be stopped.
_STRETCH = 1 << 15
_REACH_OF_ONE = 4  # characters that one typed one may stand for, unseen ones between them included
_REACH = _REACH_OF_ONE * MOST_WORDS
_BLANKS = r"\s{1,20}"
# What stands in words unseen: combining accents, soft hyphens, and characters without width.
_UNSEEN = "[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufe0f]{0,3}"
# Letters with accents, and letters and digits in other widths, are in these blocks.
_BLOCKS = ((0x41, 0x250), (0x370, 0x530), (0x1E00, 0x2000), (0xFF10, 0xFF5B))
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where the words stand.

    Attributes:
        part: index of the part, from 1.
        start: characters before it in the content's text.
        text: as it stands there; as far as the end of the part, where the words go on in the next one.
        before: what stands before it, at most 60 characters.
        after: likewise behind it; the rest of the words, where they go on in the next part.
    """

    part: int
    start: int
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        complete: the whole text was looked at, and all hits are among these.
    """

    hits: tuple[Hit, ...]
    complete: bool


def find(
    text: str, receipt: Receipt | None, words: str, limit: int, goes_on: Callable[[], bool] = lambda: True
) -> Found:
    """Look for words in each part of a content, and from the end of one into the next one.

    What stands between parts is none of the document's words.

    Args:
        text: the content's.
        receipt: its receipt; without it the whole text is one part.
        limit: hits at most.
        goes_on: asked again and again; False ends the search.
    """
    pattern = _pattern(words)
    hits: list[Hit] = []
    if pattern is None:
        return Found((), complete=True)
    reach = _REACH_OF_ONE * len(words) if len(words.split()) > 1 else 0
    for found in _hits(pattern, text, _parts(text, receipt), reach):
        if len(hits) + len(found) > limit:
            return Found((*hits, *found[: limit - len(hits)]), complete=False)
        hits += found
        if not goes_on():
            return Found(tuple(hits), complete=False)
    return Found(tuple(hits), complete=True)


def _hits(pattern: re.Pattern[str], text: str, parts: list[_Place], reach: int) -> Iterator[list[Hit]]:
    """The hits of each stretch of each part, and those that begin in it and end in the next one."""
    for index, (start, end) in enumerate(parts, 1):
        last = start
        for matches in _scan(pattern, text, start, end):
            yield [_hit(index, text, match, start, end) for match in matches]
            last = matches[-1].end() if matches else last
        if reach and index < len(parts):
            yield _across(pattern, text, index, parts, max(last, end - reach), reach)


def _across(
    pattern: re.Pattern[str], text: str, index: int, parts: list[_Place], begin: int, reach: int
) -> list[Hit]:
    """The hit that begins behind `begin` in a part and goes on at the beginning of the next one, if any."""
    (start, end), (next_start, next_end) = parts[index - 1 : index + 1]
    here, behind = text[begin:end], text[next_start : min(next_start + max(reach, _AROUND), next_end)]
    for match in pattern.finditer(f"{here}\n{behind}"):
        at = begin + match.start()
        if at < end and match.end() > len(here) + 1:
            before = text[max(start, at - _AROUND) : at]
            return [Hit(index, at, text[at:end].rstrip(), before, behind[:_AROUND])]
    return []


def _parts(text: str, receipt: Receipt | None) -> list[_Place]:
    """From where to where each part stands."""
    parts = receipt.parts if receipt else (None,)
    return [_ends(part, text) for part in parts]


def _ends(part: ReceivedPart | None, text: str) -> _Place:
    return (0, len(text)) if part is None else (part.start, part.start + part.characters)


def _scan(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[list[re.Match[str]]]:
    """The matches that begin in each stretch of the text, in order; none overlaps another."""
    at = start
    while at < end:
        last = min(at + _STRETCH, end)
        matches = [one for one in pattern.finditer(text, at, min(last + _REACH, end)) if one.start() < last]
        yield matches
        at = max(last, matches[-1].end()) if matches else last


def _hit(index: int, text: str, match: re.Match[str], start: int, end: int) -> Hit:
    first, last = match.span()
    before, after = text[max(start, first - _AROUND) : first], text[last : min(end, last + _AROUND)]
    return Hit(index, first, match[0], before, after)


def _pattern(words: str) -> re.Pattern[str] | None:
    """What the words look like in any text; None where there is nothing to look for."""
    typed = unicodedata.normalize("NFD", words[:MOST_WORDS]).split()
    folded = [[_letter(one) for one in word if not unicodedata.combining(one)] for word in typed]
    alike = [_UNSEEN.join(letters) + _UNSEEN for letters in folded if letters]
    return re.compile(_BLANKS.join(alike)) if alike else None


def _letter(one: str) -> str:
    return f"[{''.join(map(re.escape, sorted(_alike(one))))}]"


def _alike(one: str) -> set[str]:
    """The characters that are taken for this one."""
    folded = _fold(one) or one
    found = {one, one.lower(), one.upper(), folded, *_letters_alike().get(folded, ())}
    return {other for other in found if len(other) == 1}


@cache
def _letters_alike() -> Mapping[str, set[str]]:
    """By each letter without case, accent and width, those that are it with them."""
    alike: dict[str, set[str]] = {}
    for first, end in _BLOCKS:
        for one in map(chr, range(first, end)):
            if folded := _fold(one):
                alike.setdefault(folded, set()).add(one)
    for quotes in (
        "'\u2018\u2019\u201a\u02bc`",
        '"\u201c\u201d\u201e\u00ab\u00bb',
        "-\u2010\u2011\u2012\u2013\u2014\u2212",
    ):
        for one in quotes:
            alike[one] = set(quotes)
    return alike


def _fold(one: str) -> str | None:
    """The letter without case, accent and width, where that is one character."""
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", one.casefold()) if not unicodedata.combining(part)
    )
    return plain if len(plain) == 1 else None
