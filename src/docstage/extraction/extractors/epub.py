"""E-books (EPUB 2 and 3): their pages in the order of reading; and what of Office is locked."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from docstage.domain.content import DocumentReason, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, check_length
from docstage.extraction.extractors.office.drawing import children, local
from docstage.extraction.extractors.office.package import Package, zip_package
from docstage.extraction.extractors.sentences import sentences
from docstage.extraction.extractors.text.extractor import decode_text
from docstage.extraction.extractors.web.page import Page, read_page
from docstage.extraction.known_types import ENCRYPTED_OOXML

_LARGEST_PART = 50 * 2**20
_CONTAINER, _LOCKS = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"})
# Fonts are scrambled by these in books that everybody may read (OCF 3.3, 4.4).
_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
# A picture that fills a drawing, as covers do, and an address that leads to another place in the book.
_DRAWN = re.compile(r"""<image\s[^<>]*?\bhref\s*=\s*["']([^"'<>]+)["'][^<>]*>""", re.IGNORECASE)
_INNER_LINK = re.compile(
    r"""(?<=[\s"'])href\s*=\s*(?:"(?![a-z]+:)[^"<>]*"|'(?![a-z]+:)[^'<>]*')""", re.IGNORECASE
)
_MOST_NAME, _MOST_PAGES = 120, 5_000
_LOCKED = "The document is locked with a password. Save a copy without one."
_PROTECTED = "The book is protected against copying. Only its own reader can open it."
_DAMAGED = "There is no book in this file: it is damaged. Save it anew."


class EpubExtractor:
    """E-books, each page of which is a section."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read the pages in the order of reading. See `Extractor.extract`."""
        if media_type == ENCRYPTED_OOXML:
            raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
        return _Book(zip_package(data, _LARGEST_PART), limits).read(media_type)


EXTRACTOR = EpubExtractor


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book, as its list of contents names it."""

    name: str
    kind: str
    properties: str


@dataclass(slots=True)
class _Book:
    """A book that is being read.

    Attributes:
        titles: of pages that were told already: each page of a book often has the book's own.
        shown: pictures that stand on pages before.
    """

    package: Package
    limits: Limits
    titles: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    pictures: int = 0
    characters: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[Unreadable] = field(default_factory=list)

    def read(self, media_type: str) -> Extracted:
        """All pages.

        Raises:
            Unreadable: when there is no book in the file, or none of its pages can be read.
        """
        self._check_locks()
        root, folder = self._contents()
        items = dict(_items(root, folder))
        names = self._names(items, root)
        pages = list(dict.fromkeys(_spine(root, items)))[:_MOST_PAGES]
        parts: list[Part] = []
        for item in pages:
            part = self._part(item, len(parts) + 1, names.get(item.name))
            if part.text.strip() or part.images or part.left_out:
                parts.append(part)
        if self.problems and len(self.problems) == len(pages):
            raise self.problems[0]
        parts = parts or [Part(PartKind.SECTION, 1)]
        return Extracted(tuple(parts), media_type, tuple(sentences(self.notes)))

    def _check_locks(self) -> None:
        root = self.package.xml(_LOCKS)
        for one in () if root is None else root.iter():
            if local(one) == "EncryptionMethod" and one.get("Algorithm") not in _OF_FONTS:
                raise Unreadable(DocumentReason.PASSWORD, _PROTECTED)

    def _contents(self) -> tuple[Element, str]:
        """The list of all files of the book, and the folder of this list."""
        container = self.package.xml(_CONTAINER)
        named = [] if container is None else [one.get("full-path") or "" for one in container.iter()]
        others = [name for name in self.package.names if name.lower().endswith(".opf")]
        name = next((name for name in (*named, *others) if name and name in self.package), None)
        root = None if name is None else self.package.xml(name)
        if name is None or root is None:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        return root, posixpath.dirname(name)

    def _names(self, items: dict[str, _Item], root: Element) -> dict[str, str]:
        """What the table of contents calls pages."""
        spine = next((one for one in children(root) if local(one) == "spine"), None)
        old = items.get("" if spine is None else spine.get("toc", ""))
        new = next((one for one in items.values() if "nav" in one.properties.split()), None)
        found: dict[str, str] = {}
        for item in (new, old):
            if item is None:
                continue
            for target, words in self._entries(item.name):
                if "#" not in target and words:  # others name a place on the page
                    found.setdefault(_resolved(posixpath.dirname(item.name), target), words)
        return found

    def _entries(self, name: str) -> list[tuple[str, str]]:
        """Addresses and words of a table of contents, none where it cannot be read."""
        try:
            table = self.package.xml(name)
        except Unreadable:
            return []
        return [] if table is None else list(_entries(table))

    def _part(self, item: _Item, number: int, name: str | None) -> Part:
        try:
            data = self.package.read(item.name)
            if data is None:
                raise Unreadable(DocumentReason.DAMAGED, "It is not in the file.")
            page = self._page(data, item.name)
        except Unreadable as problem:
            if problem.reason is DocumentReason.TOO_LARGE:
                raise
            self.problems.append(problem)
            told = f"The page {posixpath.basename(item.name)} is not read: {problem.detail}"
            return Part(PartKind.SECTION, number, name=name, left_out=(told,))
        text = self._untitled(page.text)
        self.notes += page.notes
        self.pictures += len(page.images)
        self.characters += len(text)
        check_length(self.characters, self.limits)
        name = name or _heading(text)
        return Part(PartKind.SECTION, number, text, page.images, name, left_out=page.left_out)

    def _page(self, data: bytes, name: str) -> Page:
        folder = posixpath.dirname(name)
        found: set[str] = set()

        def find(address: str) -> bytes | None:
            target = _resolved(folder, address)
            if target.lower() in self.shown or "://" in address:
                return None
            found.add(target.lower())
            return self.package.read(target)

        left = replace(self.limits, images=max(self.limits.images - self.pictures, 0))
        page = read_page(_plain(decode_text(data, markup=True)), left, find)
        self.shown |= found
        return page

    def _untitled(self, text: str) -> str:
        """The text without a title that another page has told."""
        title, _, rest = text.partition("\n")
        if not title.startswith("Title: "):
            return text
        if title in self.titles:
            return rest.lstrip("\n")
        self.titles.add(title)
        return text


def _items(root: Element, folder: str) -> Iterator[tuple[str, _Item]]:
    for one in root.iter():
        if local(one) == "item" and one.get("id") and one.get("href"):
            name = _resolved(folder, one.get("href", ""))
            kind = one.get("media-type", "").lower()
            yield one.get("id", ""), _Item(name, kind, one.get("properties", ""))


def _spine(root: Element, items: dict[str, _Item]) -> Iterator[_Item]:
    """The pages in the order of reading; all pages where the book says none."""
    listed = [one.get("idref", "") for one in root.iter() if local(one) == "itemref"]
    if listed:
        yield from (items[one] for one in listed if one in items)
    else:
        yield from (item for item in items.values() if item.kind in _PAGES)


def _entries(table: Element) -> Iterator[tuple[str, str]]:
    """Addresses and words of a table of contents, as EPUB 3 (`nav`) or 2 (`navMap`) has it."""
    for one in table.iter():
        if local(one) == "a" and one.get("href"):
            yield one.get("href", ""), _words(one)
        elif local(one) == "navPoint":
            label = next((inner for inner in children(one) if local(inner) == "navLabel"), None)
            content = next((inner for inner in children(one) if local(inner) == "content"), None)
            if label is not None and content is not None:
                yield content.get("src", ""), _words(label)


def _plain(source: str) -> str:
    """A page with its pictures in drawings as pictures, and without addresses of other places in the book."""
    return _INNER_LINK.sub("", _DRAWN.sub(r'</svg><img src="\1"/><svg>', source))


def _words(element: Element) -> str:
    words = " ".join("".join(element.itertext()).split())
    return f"{words[:_MOST_NAME]}…" if len(words) > _MOST_NAME else words


def _heading(text: str) -> str | None:
    """The first heading of a page."""
    for line in text.split("\n"):
        if line.startswith("#") and (words := line.lstrip("# ").strip()):
            return f"{words[:_MOST_NAME]}…" if len(words) > _MOST_NAME else words
    return None


def _resolved(folder: str, address: str) -> str:
    """The name of a file from the root, as a file in this folder says it."""
    path = unquote(address.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
