"""Headers and footers of Word documents: each once, where its section begins or ends."""

from xml.etree.ElementTree import Element

from docstage.extraction.extractors.word.document import Block, Document
from docstage.extraction.extractors.word.notes import part
from docstage.extraction.extractors.word.story import Story
from docstage.extraction.extractors.word.xml import R, W, switch

_NAMES = {"header": "Header", "footer": "Footer"}


class Margins:
    """Headers and footers as sections name them.

    Args:
        main: the name of the document's main part.
        settings: `w:settings`, None where there are none.
    """

    def __init__(self, document: Document, main: str, settings: Element | None) -> None:
        self._document = document
        self._links = document.package.relationships(main)
        self._has_even = bool(switch(settings, "evenAndOddHeaders"))
        self._told: set[tuple[str, str]] = set()

    def of(self, section: Element, name: str) -> list[Block]:
        """Headers or footers of a section that were not told yet.

        Args:
            section: `w:sectPr`.
            name: `header` or `footer`.
        """
        told = []
        for reference in section.findall(f"{W}{name}Reference"):
            kind = reference.get(f"{W}type", "default")
            is_shown = {"first": bool(switch(section, "titlePg")), "even": self._has_even}.get(kind, True)
            link = self._links.get(reference.get(f"{R}id", ""))
            if is_shown and link is not None and not link.external:
                told += self._words(link.target, name)
        return told

    def _words(self, target: str, name: str) -> list[Block]:
        key = target.lower(), ""
        if key in self._told:
            return []
        self._told.add(key)
        root = part(self._document, target, f"A {name}")
        if root is None:
            return []
        self._document.pictures.in_margin = True
        blocks = Story(self._document, target, root).read()
        self._document.pictures.in_margin = False
        words = "\n".join(block.words for block in blocks if block.words.strip())
        if not any(map(str.isalnum, words)) or (name, words) in self._told:
            return []
        self._told.add((name, words))
        footnotes = [mark for block in blocks for mark in block.footnotes]
        gap = "\n\n" if words.startswith("|") else " "
        return [Block(f"{_NAMES[name]}:{gap}{words}", footnotes=footnotes)]
