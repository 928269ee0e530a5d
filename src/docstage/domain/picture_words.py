"""The text of a content with the words of its pictures, which OCR read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from docstage.domain.receipt import Receipt, ReceivedPart
from docstage.domain.rendering import escaped, picture_reference

# Words that stand in a picture must not pose as the beginning or end of another.
_FORGED = re.compile(r"\[(?=\s*(?:end of )?picture \d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What OCR made of a picture.

    Attributes:
        text: empty where it has no words.
        problem: why it could not be read, None when it was.
    """

    text: str = ""
    problem: str | None = None


def with_words(
    text: str, receipt: Receipt, pictures: Mapping[int, Words], engine: str
) -> tuple[str, Receipt]:
    """Put the words of pictures where the pictures stand.

    Args:
        text: the content's.
        receipt: the content's; its parts tell where pictures stand.
        pictures: by their numbers in the content.
        engine: what read them, for the receipt.
    """
    pieces: list[str] = []
    parts: list[ReceivedPart] = []
    has_words = any(one.text.strip() for one in pictures.values()) or any(
        part.characters and not part.pictured for part in receipt.parts
    )
    done = length = 0
    for part in receipt.parts:
        before, inside = text[done : part.start], text[part.start : part.start + part.characters]
        read = _read_part(inside, part, pictures)
        pieces += [before, read]
        start = length + len(before)
        parts.append(_received(part, start, len(read), pictures, has_words=has_words))
        length, done = start + len(read), part.start + part.characters
    pieces.append(text[done:])
    return "".join(pieces), replace(
        receipt, parts=tuple(parts), notes=(*receipt.notes, *_notes(pictures, engine))
    )


def _read_part(text: str, part: ReceivedPart, pictures: Mapping[int, Words]) -> str:
    for number in part.pictures:
        one = pictures.get(number)
        if one is None or one.problem is not None:
            continue
        reference = picture_reference(number)
        before, found, after = text.partition(reference)
        if not found and text.strip():
            continue
        text = before + _told(number, one.text, is_last=not after.strip()) + after
    return text


def _told(number: int, words: str, *, is_last: bool) -> str:
    if not words.strip():
        return f"[picture {number}, without words]"
    shown = _FORGED.sub("&#91;", escaped(words.strip()))
    end = "" if is_last else f"\n[end of picture {number}]"
    return f"[picture {number}, read by OCR]\n{shown}{end}"


def _received(
    part: ReceivedPart, start: int, characters: int, pictures: Mapping[int, Words], *, has_words: bool
) -> ReceivedPart:
    mine = [(number, pictures[number]) for number in part.pictures if number in pictures]
    unread = [(number, one.problem) for number, one in mine if one.problem is not None]
    # A page without a word, such as the empty back of a sheet, misleads nobody where others have some.
    is_read = len(mine) == len(part.pictures) and not unread
    clear = bool(mine) and is_read and (has_words or any(one.text.strip() for _, one in mine))
    told = tuple(f"The words of picture {number} could not be read: {problem}" for number, problem in unread)
    return replace(
        part,
        start=start,
        characters=characters,
        pictured=part.pictured and not clear,
        left_out=(*part.left_out, *told),
    )


def _notes(pictures: Mapping[int, Words], engine: str) -> list[str]:
    read = sum(one.problem is None for one in pictures.values())
    if not read:
        return []
    whose = "1 picture were" if read == 1 else f"{read:,} pictures were"
    return [f"The words of {whose} read by OCR ({engine}): they may have mistakes."]
