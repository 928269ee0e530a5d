"""Styles of OpenDocument: what paragraphs, lists and pages inherit."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.open_document.names import OFFICE, STYLE, TEXT, find, under

_MOST_PARENTS = 50  # styles in a circle end here


class Styles:
    """The styles that hold for one part of a document.

    Args:
        roots: `office:document-styles` and `office:document-content`, of which the last one prevails.
        automatic: the one of them whose automatic styles hold.
    """

    def __init__(self, roots: list[Element], automatic: Element) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self.lists: dict[str, Element] = {}
        self.outline: Element | None = None
        for holder in _holders(roots, automatic):
            for style in holder:
                self._add(style)

    def _add(self, style: Element) -> None:
        name = style.get(f"{STYLE}name", "")
        if style.tag == f"{STYLE}style":
            self._styles[style.get(f"{STYLE}family", ""), name] = style
        elif style.tag == f"{TEXT}list-style":
            self.lists[name] = style
        elif style.tag == f"{TEXT}outline-style":
            self.outline = style

    def inherited(self, family: str, name: str | None, attribute: str) -> str | None:
        """What a style, else the one that it is based on, says in an attribute."""
        for style in self._chain(family, name):
            value = style.get(attribute)
            if value is not None:
                return value
        return None

    def property(self, family: str, name: str | None, kind: str, attribute: str) -> str | None:
        """Likewise, in one of its elements of properties."""
        for style in self._chain(family, name):
            properties = find(style, f"{STYLE}{kind}-properties")
            value = None if properties is None else properties.get(attribute)
            if value is not None:
                return value
        return None

    def is_hidden(self, family: str, name: str | None) -> bool:
        """Whether the words of a style are not shown."""
        return self.property(family, name, "text", f"{TEXT}display") == "none"

    def _chain(self, family: str, name: str | None) -> Iterator[Element]:
        for _ in range(_MOST_PARENTS):
            style = self._styles.get((family, name or ""))
            if style is None:
                return
            yield style
            name = style.get(f"{STYLE}parent-style-name")


def _holders(roots: list[Element], automatic: Element) -> Iterator[Element]:
    for root in roots:
        yield from (one for one in root if one.tag == f"{OFFICE}styles")
    yield from (one for one in automatic if one.tag == f"{OFFICE}automatic-styles")


def master_pages(roots: list[Element]) -> dict[str, Element]:
    """The master pages by their names, in their order."""
    return {
        page.get(f"{STYLE}name", ""): page
        for root in roots
        for page in under(root, f"{OFFICE}master-styles")
        if page.tag == f"{STYLE}master-page"
    }
