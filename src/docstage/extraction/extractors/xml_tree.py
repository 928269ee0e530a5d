"""XML as a tree, within bounds: without entities of its own, and no deeper than our readers can go down."""

from xml.etree import ElementTree

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

DEEPEST = 500
"""Elements in each other; people's documents have some thirty."""

_ENTITY = "<!ENTITY"
# expat reads these encodings by itself; what it asks Python for is of one byte a character.
_WIDE = ("utf-16-le", "utf-16-be")
_DAMAGED = "A part of the file is damaged. Open it in its program and save it anew."


def parse(data: bytes, *, deepest: int = DEEPEST) -> ElementTree.Element:
    """The root element.

    Args:
        deepest: elements that may lie in each other.

    Raises:
        Unreadable: DAMAGED when it is no XML, TOO_COMPLEX when it declares entities or is nested too deeply.
    """
    if any(mark in data for mark in (_ENTITY.encode(), *(_ENTITY.encode(wide) for wide in _WIDE))):
        detail = "It declares entities, which no program needs to save a document. Save it anew."
        raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
    try:
        # Without entities, what is unpacked is no more than what is there (and expat bounds it by itself).
        root = ElementTree.fromstring(data)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED) from error
    _check_depth(root, deepest)
    return root


def _check_depth(root: ElementTree.Element, deepest: int) -> None:
    level = [root]
    for _ in range(deepest):
        level = [child for element in level for child in element]
        if not level:
            return
    detail = f"Its parts lie more than {deepest} deep in each other. Ungroup them, and save it anew."
    raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
