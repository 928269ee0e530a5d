"""Comments, footnotes and endnotes of Word documents."""

from collections import defaultdict
from collections.abc import Callable
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.package import parse_part
from docstage.extraction.extractors.word.document import Block, Document
from docstage.extraction.extractors.word.story import Story
from docstage.extraction.extractors.word.xml import W14, W, value

_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
_KINDS = (("footnote", "footnotes"), ("endnote", "endnotes"))
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})


def part(
    document: Document, name: str, what: str, parse: Callable[[bytes], Element] = parse_part
) -> Element | None:
    """The markup of a part; that it cannot be read is told.

    Args:
        what: what is missing then, such as "The comments".
        parse: makes its markup of its bytes.
    """
    try:
        data = document.package.read(name)
        return None if data is None else parse(data)
    except Unreadable:
        document.remarks.leave_out(f"{what} cannot be read, because the file is damaged there.")
        return None


def load_notes(document: Document, main: str, settings: Element | None) -> None:
    """Find the footnotes and endnotes, whose marks come with the text."""
    for kind, kinds in _KINDS:
        if (form := value(None if settings is None else settings.find(f"{W}{kind}Pr"), "numFmt")) is not None:
            document.forms[kind] = form
        for name in document.package.related(main, kinds):
            root = part(document, name, f"The {kinds}")
            for note in () if root is None else root.findall(W + kind):
                if note.get(f"{W}type") not in _SEPARATORS:
                    document.footnotes[kind, note.get(f"{W}id", "")] = (name, note)


def note_text(document: Document, mark: str) -> str:
    """A note that was referred to, with its mark."""
    source, element = document.marks[mark]
    return f"{mark}: {_line(Story(document, source, element).read())}"


def load_comments(document: Document, main: str) -> None:
    """Read the comments; replies stand with what they answer."""
    roots = [
        (name, part(document, name, "The comments")) for name in document.package.related(main, "comments")
    ]
    found = [(name, one) for name, root in roots if root is not None for one in root.findall(f"{W}comment")]
    parents, done = _threads(document, main)
    answers: dict[str, list[str]] = defaultdict(list)
    begun = []
    for name, comment in found:
        place = _paragraph_id(comment)
        words = _line(Story(document, name, comment).read())
        if not words:
            continue
        author = comment.get(f"{W}author", "").strip() or "somebody"
        if (parent := parents.get(place)) is not None:
            answers[parent].append(f"; reply by {author}: {words}")
            document.told.add(comment.get(f"{W}id", ""))
        else:
            resolved = ", resolved" if place in done else ""
            begun.append((comment.get(f"{W}id", ""), place, f"Comment by {author}{resolved}: {words}"))
    for comment_id, place, words in begun:
        document.comments[comment_id] = f"[{words}{''.join(answers.pop(place, ())) if place else ''}]"
    for place, rest in answers.items():  # what they answer is gone
        document.comments[f"reply {place}"] = f"[{''.join(rest).removeprefix('; ').capitalize()}]"


def untold_comments(document: Document) -> list[Block]:
    """Comments that no place of the text refers to."""
    untold = [words for one, words in document.comments.items() if one not in document.told]
    document.told.update(document.comments)
    return [Block(words) for words in untold]


def _threads(document: Document, main: str) -> tuple[dict[str, str], set[str]]:
    """What each comment answers, by the ids of their last paragraphs, and those that are resolved."""
    parents, done = {}, set()
    for name in document.package.related(main, "commentsExtended"):
        root = part(document, name, "The threads of comments")
        for one in () if root is None else root:
            place, parent = one.get(f"{_W15}paraId", ""), one.get(f"{_W15}paraIdParent")
            if parent:
                parents[place] = parent
            if one.get(f"{_W15}done") in ("1", "true"):
                done.add(place)
    # A reply to a reply is one to the beginning.
    return {place: _top(parents, place) for place in parents}, done


def _top(parents: dict[str, str], place: str) -> str:
    seen = set()
    while place in parents and place not in seen:
        seen.add(place)
        place = parents[place]
    return place


def _paragraph_id(comment: Element) -> str:
    ids = [one.get(f"{W14}paraId") for one in comment.iter(f"{W}p")]
    return (ids[-1] if ids else None) or ""


def _line(blocks: list[Block]) -> str:
    words = (block.text if block.is_table else " ".join(block.words.split()) for block in blocks)
    return " ".join(text for text in words if text)
