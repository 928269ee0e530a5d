"""What the stories of a Word document (its body, notes, headers) have in common while it is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from xml.etree.ElementTree import Element

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Attachment, Limits, Unreadable
from docstage.extraction.extractors.office.number_forms import number_form
from docstage.extraction.extractors.office.package import Package
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.numbers import Numbering
from docstage.extraction.extractors.word.pictures import Pictures
from docstage.extraction.extractors.word.styles import Styles

DEEPEST = 40
"""Tables, text boxes and fields in each other; people's documents have some five."""


@dataclass(slots=True)
class Block:
    """A paragraph or a table.

    Attributes:
        text: its words, without its number.
        level: level of a heading from 0, None where it is none.
        label: its number or bullet.
        gap: what separates that from the words.
        indent: level in a list from 0.
        is_table: whether it is one, in Markdown.
        footnotes: marks of notes that it refers to.
        goes_on: whether the next paragraph stands on the same line.
    """

    text: str
    level: int | None = None
    label: str = ""
    gap: str = " "
    indent: int = 0
    is_table: bool = False
    footnotes: list[str] = field(default_factory=list)
    goes_on: bool = False

    @property
    def words(self) -> str:
        """The words with their number before them."""
        gap = self.gap or (" " if self.label[-1:].isalnum() and self.text[:1].isalnum() else "")
        return f"{self.label}{gap if self.text else ''}{self.text}" if self.label else self.text


class Host(Protocol):
    """A story, as what it consists of sees it."""

    document: "Document"
    source: str
    depth: int

    def blocks(self, container: Element) -> list[Block]:
        """The paragraphs and tables in an element.

        Raises:
            Unreadable: TOO_COMPLEX, when it is nested too deeply.
        """
        ...


@dataclass(slots=True)
class Document:
    """A document that is being read.

    Attributes:
        comments: the text of each comment by its id, with its author and its replies.
        footnotes: notes by kind (`footnote`, `endnote`) and id, with the name of their part.
        marks: the text of each note that was referred to, by its mark.
        chunk: reads a document of another kind that is embedded as a part of this name.
        forms: how notes of a kind are numbered.
        told: ids of comments that stand in the text.
        counted: how many notes of a kind, and inner tables, there were.
        authors: who made changes that are tracked.
        nested: how many documents this one lies in.
    """

    package: Package
    styles: Styles
    numbering: Numbering
    pictures: Pictures
    remarks: Remarks
    limits: Limits
    chunk: Callable[["Document", str], list[Block]]
    forms: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    footnotes: dict[tuple[str, str], tuple[str, Element]] = field(default_factory=dict)
    marks: dict[str, tuple[str, Element]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    nested: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    authors: dict[str, None] = field(default_factory=dict)

    def refer(self, kind: str, note_id: str, custom: bool) -> str | None:
        """The mark of a note that is referred to; None where there is no such note."""
        note = self.footnotes.get((kind, note_id))
        if note is None:
            return None
        if custom:
            mark = f"[^*{len(self.marks) + 1}]"
        else:
            self.counted[kind] = self.counted.get(kind, 0) + 1
            default = "lowerRoman" if kind == "endnote" else "decimal"
            mark = f"[^{number_form(self.counted[kind], self.forms.get(kind, default))}]"
        while mark in self.marks:
            mark = f"{mark[:-1]}*]"
        self.marks[mark] = note
        return mark


def check_depth(depth: int) -> None:
    """Make sure that it is not endless.

    Raises:
        Unreadable: TOO_COMPLEX.
    """
    if depth > DEEPEST:
        detail = f"Its tables and text boxes lie more than {DEEPEST} deep in each other. Take them apart."
        raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
