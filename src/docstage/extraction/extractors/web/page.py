"""A page as a reader sees it, with its title and the pictures that it brings along."""

import re
from dataclasses import dataclass

from docstage.domain.content import ImagePart
from docstage.extraction.extractors.base import Limits, tidy
from docstage.extraction.extractors.web.flow import Block, joined
from docstage.extraction.extractors.web.frames import Frames
from docstage.extraction.extractors.web.pictures import Find, PagePictures
from docstage.extraction.extractors.web.reader import PageReader

_HIDDEN = "The page shows nothing by itself; what it hides until a program runs is included."


@dataclass(frozen=True, slots=True)
class Page:
    """What is on a page.

    Attributes:
        text: Markdown, with a `PICTURE_MARK` where each picture stands.
        images: its pictures.
        notes: sentences worth knowing.
        left_out: sentences about what is missing, and why.
        used: addresses of the files that stand in it as pictures, or were looked at for that.
    """

    text: str
    images: tuple[ImagePart, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()


def read_page(source: str, limits: Limits, find: Find | None = None) -> Page:
    """Read a page.

    Args:
        source: its HTML.
        find: gives the files that came with it.

    Raises:
        Unreadable: TOO_COMPLEX.
    """
    pictures = PagePictures(limits, find)
    reader = PageReader(pictures, Frames(find) if find else None)
    blocks, notes = reader.read(source), pictures.notes()
    if not blocks:
        reader = PageReader(pictures, show_all=True)
        blocks = reader.read(source)
        notes += (_HIDDEN,) if blocks else ()
    text, images = pictures.placed(tidy(joined(_titled(reader.title, blocks))))
    return Page(text, images, notes, tuple(pictures.left_out), frozenset(pictures.used))


def html_to_text(source: str) -> str:
    """The text of a page.

    Raises:
        Unreadable: TOO_COMPLEX.
    """
    reader = PageReader()
    blocks = reader.read(source)
    return tidy(joined(_titled(reader.title, blocks)))


def _titled(title: str, blocks: list[Block]) -> list[Block]:
    heads = {re.sub(r"^#+ ", "", block.text) for block in blocks if block.kind == "heading"}
    return blocks if not title or title in heads else [Block(f"Title: {title}"), *blocks]
