"""The beginning of a text that is too long for a model: as many of its parts as fit.

It ends between two parts; where the first part alone is too long, at the end of a paragraph, line or
sentence of it. The same text and room always make the same beginning, whatever is asked about it.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from docstage.domain.content import TOKENS_PER_IMAGE, Content
from docstage.domain.outline import Outline, Place, outline_of
from docstage.domain.token_counts import TokenCount, count_tokens

LEAST_ROOM = 256
"""Tokens of room below which a beginning is none: its tags and its note would take most of them."""

_OF_NOTE = TokenCount(expected=60, least=0, most=1_024)  # what is said of a beginning, with closing tags
_CHARACTERS_OF_TOKEN = 4  # to begin to look with
_MOST_LOOKS = 16
_NEAR_ENOUGH = 0.02  # of the room, which may stay unused
_LEAST_STEP = 64  # characters that are taken even where they do not fit
_TAIL = 0.15  # of what would fit, in which a good place is looked for
_OF_REFERENCE = 48  # characters that a picture's reference has at most
_BREAKS = tuple(map(re.compile, (r"\n\s*\n", r"\n", r"[.!?]['\")\]]*\s|[\u3002\uff01\uff1f]", r"\s")))


class TooLong(StrEnum):
    """What becomes of a document that is too long for a model."""

    REFUSE = "refuse"  # it is not sent, and the task fails
    FIRST_PARTS = "first_parts"  # the first parts that fit are sent, and that is told


@dataclass(frozen=True, slots=True)
class Stretch:
    """The beginning of a content.

    Attributes:
        characters: of the content's text.
        pictures: how many of the content's stand in it.
        covers: what it is of the document, in words, such as "pages 1 to 7 of 40".
        tokens: of its text as it is sent, with what is said of it.
    """

    characters: int
    pictures: int
    covers: str
    tokens: TokenCount


def first_stretch(content: Content, room: int, *, sees: bool = True) -> Stretch | None:
    """The longest beginning of a content that fits; None where the whole content does, or hardly anything.

    Args:
        room: tokens, as expected, that it may take.
        sees: its pictures are sent, and take their tokens.
    """
    if room < LEAST_ROOM or not content.text:
        return None
    text, outline = content.text, outline_of(content.text, len(content.images))

    def tokens_to(end: int) -> int:
        pictures = outline.pictures_before(end) if sees else 0
        return count_tokens(text[:end]).expected + TOKENS_PER_IMAGE * pictures

    if len(text) <= room * _CHARACTERS_OF_TOKEN * 4 and tokens_to(len(text)) <= room:
        return None
    end = _end(text, outline, _farthest(len(text), room - _OF_NOTE.expected, tokens_to))
    return _stretch(text, outline, end) if end < len(text) else None


def beginning_of(content: Content, stretch: Stretch) -> Content:
    """The beginning of a content as a model receives it: what is open is closed, and it is told."""
    text = content.text[: stretch.characters]
    outline = outline_of(content.text, 0)
    closings = "".join(f"\n</{kind}>" for kind in reversed(_opened(outline, stretch.characters)))
    images = content.images[: stretch.pictures]
    return Content(f"{text}{closings}\n[{_note(stretch.covers)}]", images, content.needs_sight)


def _note(covers: str) -> str:
    return f"This document is too long to be sent whole. Here are {covers}; the rest is not included."


def _stretch(text: str, outline: Outline, end: int) -> Stretch:
    tokens = count_tokens(text[:end]) + _OF_NOTE
    return Stretch(end, outline.pictures_before(end), _in_words(outline, end), tokens)


def _opened(outline: Outline, position: int) -> tuple[str, ...]:
    place = outline.places[outline.index_at(position)]
    return place.before if position <= place.start else place.within


def _farthest(length: int, room: int, tokens_to: Callable[[int], int]) -> int:
    """Up to where a text fits, nearly: from guesses between what fits and what does not."""
    fits, too_far = 0, length
    guess = min(length, room * _CHARACTERS_OF_TOKEN)
    for _ in range(_MOST_LOOKS):
        tokens = tokens_to(guess)
        if tokens <= room:
            fits = guess
        else:
            too_far = guess
        if room * (1 - _NEAR_ENOUGH) <= tokens <= room or too_far - fits <= 1:
            break
        by_ratio = int(guess * room * (1 - _NEAR_ENOUGH / 2) / max(tokens, 1))
        guess = by_ratio if fits < by_ratio < too_far else (fits + too_far) // 2
    return fits


def _end(text: str, outline: Outline, limit: int) -> int:
    """The end of the last part before a limit; within the first part, the last good place."""
    starts = [place.start for place in outline.places[1:]]
    whole = bisect_right(starts, limit)
    return starts[whole - 1] if whole else _inner_end(text, outline.places[0], limit)


def _inner_end(text: str, place: Place, limit: int) -> int:
    last = min(max(limit, place.inner + _LEAST_STEP), max(place.end - 1, place.inner))
    first = last - int((last - place.inner) * _TAIL)
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(text, first, last)]
        if ends:
            return _before_reference(text, ends[-1])
    return _before_reference(text, last)


def _before_reference(text: str, end: int) -> int:
    """The end, or the beginning of the picture's reference that it lies in."""
    begins = text.rfind("[picture ", max(0, end - _OF_REFERENCE), end)
    is_within = begins >= 0 and "]" not in text[begins:end]
    return begins if is_within else end


def _in_words(outline: Outline, end: int) -> str:
    places = outline.places
    last = places[outline.index_at(end - 1)]
    if last.kind is None:
        return f"its first {end:,} of {last.end:,} characters"
    number = outline.index_at(end - 1) + 1
    partly = "" if end > last.end else ", in part"
    is_plain = all(one.kind == last.kind and one.within == (one.kind,) for one in places)
    kind = last.kind if is_plain else "part"
    number = last.number if is_plain else number
    of_all = places[-1].number if is_plain else len(places)
    which = f"{kind}s {places[0].number if is_plain else 1:,} to {number:,}" if number > 1 else f"{kind} 1"
    return f"{which} of {of_all:,}{partly}"
