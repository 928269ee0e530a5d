"""Comments of sheets: notes (ECMA-376 part 1, 18.7) and threads ([MS-XLSX] 2.6.205)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import child, local
from docstage.extraction.extractors.office.package import Package
from docstage.extraction.extractors.sheets.model import Comment, area_of
from docstage.extraction.extractors.sheets.xlsx_styles import unescaped

_TRUE = ("1", "true")


def comments_of(package: Package, sheet: str, persons: dict[str, str]) -> list[Comment]:
    """All comments of a sheet, threads in the order in which they were written.

    Args:
        sheet: the name of its part.
        persons: names of those who wrote in threads, by their ids.

    Raises:
        Unreadable: when a part cannot be read.
    """
    threads = [
        one for part in package.related(sheet, "threadedComment") for one in _threads(package, part, persons)
    ]
    threaded = {(one.row, one.column) for one in threads}
    notes = [one for part in package.related(sheet, "comments") for one in _notes(package, part)]
    # Beside each thread lies a note for older programs that repeats it.
    return [*(one for one in notes if (one.row, one.column) not in threaded), *threads]


def persons_of(package: Package, workbook: str) -> dict[str, str]:
    """Names of those who wrote in threads, by their ids."""
    found = {}
    for part in package.related(workbook, "person"):
        root = package.xml(part)
        for person in () if root is None else root:
            found[person.get("id", "")] = person.get("displayName", "")
    return found


def _notes(package: Package, part: str) -> Iterator[Comment]:
    root = package.xml(part)
    authors = [(one.text or "").strip() for one in _below(child(root, "authors"))]
    for one in _below(child(root, "commentList")):
        place, number = area_of(one.get("ref", "")), one.get("authorId", "")
        author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
        text = unescaped(_words(child(one, "text"))).strip()
        if place and text:
            yield Comment(place.top, place.left, _without_author(text, author), author)


def _words(element: Element | None) -> str:
    """The text of runs, without how they are pronounced."""
    pieces: list[str] = []
    for one in _below(element):
        if local(one) == "t":
            pieces.append(one.text or "")
        elif local(one) == "r":
            pieces += [inner.text or "" for inner in one if local(inner) == "t"]
    return "".join(pieces)


def _without_author(text: str, author: str) -> str:
    """The text without the name that Excel writes at the beginning of each note."""
    first, colon, rest = text.partition(":")
    return rest.strip() if colon and first.strip() == author and rest.strip() else text


def _threads(package: Package, part: str, persons: dict[str, str]) -> Iterator[Comment]:
    root = package.xml(part)
    for one in _below(root):
        place = area_of(one.get("ref", ""))
        words = child(one, "text")
        text = (words.text or "").strip() if words is not None else ""
        if place and text:
            author = persons.get(one.get("personId", ""), "")
            date, done = one.get("dT", "")[:10], one.get("done") in _TRUE
            told = ", ".join(piece for piece in (author, date, "resolved" if done else "") if piece)
            yield Comment(place.top, place.left, text, told)


def _below(element: Element | None) -> Iterator[Element]:
    return iter(()) if element is None else iter(element)
