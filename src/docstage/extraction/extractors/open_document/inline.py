"""Words of a paragraph in OpenDocument, with what stands among them: notes, comments, links, pictures."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.open_document.names import (
    DRAW,
    DUBLIN,
    LIBRE,
    LINK,
    OFFICE,
    SHOW,
    TEXT,
    find,
    whole,
)
from docstage.extraction.extractors.open_document.styles import Styles

# Blanks in a row (`text:s`); more of them only fill space.
_MOST_BLANKS = 100
_BLANKS = re.compile("[ \t\r\n]+")
_OUTSIDE = re.compile(r"(?:https?|mailto|ftps?|tel):", re.IGNORECASE)
_SELF_TOLD = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
PARAGRAPHS = frozenset({f"{TEXT}p", f"{TEXT}h"})
_UNREAD = frozenset(
    {
        f"{OFFICE}annotation-end",
        f"{OFFICE}forms",
        f"{OFFICE}binary-data",
        f"{OFFICE}event-listeners",
        f"{TEXT}tracked-changes",
        f"{TEXT}ruby-text",
        f"{TEXT}script",
        f"{TEXT}sequence-decls",
        f"{TEXT}variable-decls",
        f"{TEXT}user-field-decls",
        f"{SHOW}notes",
    }
)
_HIDING = frozenset({f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph"})


@dataclass(slots=True)
class Beside:
    """What of a paragraph does not stand in its line.

    Attributes:
        shapes: text boxes, drawings and the like, whose words follow the paragraph.
        notes: footnotes and endnotes: mark and body of each.
    """

    shapes: list[Element] = field(default_factory=list)
    notes: list[tuple[str, Element]] = field(default_factory=list)


@dataclass(slots=True)
class Inline:
    """Reads the words of paragraphs.

    Attributes:
        picture: what is shown for a frame that stands in its line, None for one whose words come after it.
        hidden: how often words were not shown.
    """

    styles: Styles
    picture: Callable[[Element], str | None]
    hidden: int = 0

    def text(self, element: Element, beside: Beside) -> str:
        """The words of a paragraph on as many lines as it has breaks."""
        pieces = list(self._pieces(element, beside))
        lines = "".join(pieces).split("\n")
        return "\n".join(line.strip(" ") for line in lines).strip("\n")

    def _pieces(self, element: Element, beside: Beside) -> Iterator[str]:
        if element.text:
            yield _plain(element.text)
        for one in element:
            yield from self._piece(one, beside)
            if one.tail:
                yield _plain(one.tail)

    def _piece(self, one: Element, beside: Beside) -> Iterator[str]:
        tag = one.tag
        if tag in _UNREAD:
            return
        if tag == f"{TEXT}s":
            yield " " * min(max(whole(one, f"{TEXT}c", 1), 1), _MOST_BLANKS)
        elif tag == f"{TEXT}tab":
            yield "\t"
        elif tag == f"{TEXT}line-break":
            yield "\n"
        elif tag == f"{TEXT}a":
            yield self._link(one, beside)
        elif tag == f"{TEXT}note":
            yield self._note(one, beside)
        elif tag == f"{OFFICE}annotation":
            yield self._comment(one)
        elif tag.startswith(DRAW):
            yield from self._drawn(one, beside)
        elif not self._is_hidden(one):
            yield from self._pieces(one, beside)

    def _is_hidden(self, one: Element) -> bool:
        prompt = one.get(f"{LIBRE}showing-place-holder") == "true"
        unshown = one.get(f"{TEXT}display") == "none"  # a variable that is set
        hidden = (one.tag in _HIDING and one.get(f"{TEXT}is-hidden") == "true") or (
            one.tag == f"{TEXT}span" and self.styles.is_hidden("text", one.get(f"{TEXT}style-name"))
        )
        self.hidden += hidden
        return hidden or unshown or prompt

    def _drawn(self, one: Element, beside: Beside) -> Iterator[str]:
        shown = self.picture(one)
        if shown is None:
            beside.shapes.append(one)
        else:
            yield shown

    def _link(self, one: Element, beside: Beside) -> str:
        text, target = "".join(self._pieces(one, beside)), one.get(f"{LINK}href", "")
        told = _SELF_TOLD.sub("", target).rstrip("/") in text
        if told or not text.strip() or not _OUTSIDE.match(target):
            return text
        return f"{text.rstrip()} ({target}){text[len(text.rstrip()) :]}"

    def _note(self, one: Element, beside: Beside) -> str:
        citation, body = find(one, f"{TEXT}note-citation"), find(one, f"{TEXT}note-body")
        mark = f"[^{''.join(() if citation is None else citation.itertext()).strip()}]"
        if body is not None:
            beside.notes.append((mark, body))
        return mark

    def _comment(self, one: Element) -> str:
        words = [self.text(paragraph, Beside()) for paragraph in one.iter() if paragraph.tag in PARAGRAPHS]
        author = find(one, f"{DUBLIN}creator")
        by = (author.text or "").strip() if author is not None else ""
        said = " ".join(word for word in words if word)
        return f"[Comment by {by or 'an unnamed author'}: {said}]" if said else ""


def comments_beside(element: Element, inline: Inline) -> list[str]:
    """The comments that stand directly in an element, such as a slide."""
    holder = Element("holder")
    holder.extend(one for one in element if one.tag == f"{OFFICE}annotation")
    text = "\n".join(inline.text(_alone(one), Beside()) for one in holder)
    return [line for line in text.split("\n") if line]


def _alone(element: Element) -> Element:
    holder = Element("holder")
    holder.append(element)
    return holder


def _plain(text: str) -> str:
    """Text in which any blanks in a row are one (part 3, 6.1.2)."""
    return _BLANKS.sub(" ", text).replace(PICTURE_MARK, "")
