"""Elements of a page that have begun and not ended."""

from collections.abc import Callable
from dataclasses import dataclass

from docstage.extraction.extractors.web.flow import Link
from docstage.extraction.extractors.web.tables import Table


@dataclass(slots=True)
class Open:
    """An element that has begun, and what held before it did."""

    name: str
    style: int
    link: Link | None
    muted: bool
    end: Callable[[], None] | None = None
    closed: bool = False


@dataclass(slots=True)
class OpenTable:
    """A table that has begun, and where in the stack."""

    table: Table
    place: int
    is_tagged: bool
    muted: bool = False
