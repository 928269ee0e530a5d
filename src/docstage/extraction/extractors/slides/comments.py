"""Comments on slides, those of old ([MS-PPTX] 2.6, `p:cm`) and those in threads (`p188:cm`)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import body_text, child, local
from docstage.extraction.extractors.office.package import Package


def comments_text(package: Package, slide: str) -> str:
    """The comments on a slide, each with its author, answers below what they answer."""
    lines = []
    for name in package.related(slide, "comments"):
        listed = package.xml(name)
        if listed is not None:
            authors = _authors(package)
            lines += [line for line in _comments(listed, authors) if line.strip()]
    return "\n".join(lines)


def _authors(package: Package) -> dict[str, str]:
    main = package.main or ""
    found = {}
    for kind in ("commentAuthors", "authors"):
        for name in package.related(main, kind):
            listed = package.xml(name)
            for author in () if listed is None else listed:
                found[author.get("id", "")] = author.get("name", "")
    return found


def _comments(listed: Element, authors: dict[str, str]) -> Iterator[str]:
    for comment in listed:
        if local(comment) == "cm":
            yield _comment(comment, authors, "Reply" if _answers(comment) else "Comment")
            replies = child(comment, "replyLst")
            for reply in () if replies is None else replies:
                yield "  " + _comment(reply, authors, "Reply")


def _answers(comment: Element) -> bool:
    return any(local(one) == "parentCm" for one in comment.iter())


def _comment(comment: Element, authors: dict[str, str], what: str) -> str:
    plain, body = child(comment, "text"), child(comment, "txBody")
    text = (plain.text or "" if plain is not None else "") or ("" if body is None else body_text(body))
    author = authors.get(comment.get("authorId", ""), "")
    return f"{what} by {author or 'an unnamed author'}: {text.strip()}" if text.strip() else ""
