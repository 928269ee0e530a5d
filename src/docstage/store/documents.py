"""Documents of a run, and what was learnt about files."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Integer,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import NotFound
from docstage.domain.json_values import JsonObject
from docstage.store.paging import Marks, Page, PageRequest, fetch_marks, fetch_page
from docstage.store.records import Document
from docstage.store.rows import json_rows, packed
from docstage.store.tables import document, run, seen_file
from docstage.store.values import ColumnTypes, ColumnValues, Expression, Rows

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_SORTS: Mapping[str, Expression] = {
    **{name: document.c[name] for name in ("id", "path", "size", "status", "tokens")},
    "milliseconds": func.coalesce(document.c.milliseconds, 0.0),
    "losses": func.coalesce(document.c.losses, 0),
}
_BYTES_OF_CHARACTER = 4
_OUTCOME: ColumnTypes = {
    "id": BigInteger(),
    "status": Text(),
    "reason": Text(),
    "detail": Text(),
    "sha256": Text(),
    "content_key": Text(),
    "media_type": Text(),
    "pages": Integer(),
    "images": Integer(),
    "characters": Integer(),
    "tokens": Integer(),
    "least_tokens": Integer(),
    "most_tokens": Integer(),
    "parts": Integer(),
    "pictured_parts": Integer(),
    "losses": Integer(),
    "milliseconds": Double(),
    "size": BigInteger(),
    "mtime_ns": BigInteger(),
}


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents of a run are wanted. Empty means all.

    Attributes:
        reason: why it cannot be used.
        search: a part of the path.
        whole: only those of which nothing is left out, or only the others; None means all.
    """

    statuses: Sequence[str] = ()
    reason: str | None = None
    search: str | None = None
    whole: bool | None = None


EVERY_DOCUMENT = DocumentFilter()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What encoding made of some bytes: sizes where they are ENCODED, else why they are not.

    Attributes:
        tokens: as expected, with those of pictures.
        least_tokens: of the text, see `TokenCount`; None where an earlier version stored it.
        most_tokens: likewise.
        parts: numbered parts that have something in them; None where an earlier version encoded it.
        pictured_parts: those that are pictures.
        losses: sentences about what is left out.
    """

    status: str
    reason: str | None
    detail: str | None
    media_type: str | None
    pages: int | None
    images: int
    characters: int
    tokens: int
    least_tokens: int | None = None
    most_tokens: int | None = None
    parts: int | None = None
    pictured_parts: int | None = None
    losses: int | None = None

    @property
    def is_counted(self) -> bool:
        """Whether its tokens were counted in the present way."""
        return self.status != DocumentStatus.ENCODED or self.most_tokens is not None


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """What encoding made of a document, and what its file was like.

    Attributes:
        milliseconds: how long it took; None: it was known.
    """

    id: int
    verdict: Verdict
    sha256: str | None
    content_key: str | None
    milliseconds: float | None
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What a file below a root held when it was read, `seen_at` seconds since the epoch."""

    root: str
    path: str
    size: int
    mtime_ns: int
    sha256: str
    seen_at: float
    media_type: str | None = None


def upsert(c: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the connection's dialect, which knows ON CONFLICT."""
    if c.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def insert_documents(c: Connection, rows: Sequence[ColumnValues]) -> None:
    """Store found files; those that the run has already are left as they are."""
    if rows:
        statement = (
            upsert(c, document).on_conflict_do_nothing().returning(document.c.run_id, document.c.status)
        )
        found = c.execute(statement, list(rows))
        _count(c, Counter((run_id, status) for run_id, status in found))


def record_outcomes(c: Connection, outcomes: Iterable[DocumentOutcome]) -> None:
    """Write what encoding made of PENDING documents."""
    incoming = json_rows(c, _OUTCOME)
    values = {name: incoming.c[name] for name in _OUTCOME if name != "id"}
    still = (document.c.id == incoming.c.id, document.c.status == DocumentStatus.PENDING)
    statement = (
        update(document).values(**values).where(*still).returning(document.c.run_id, document.c.status)
    )
    changes: Counter[tuple[int, str]] = Counter()
    for run_id, status in c.execute(statement, packed(map(_row, outcomes))):
        changes[run_id, status] += 1
        changes[run_id, str(DocumentStatus.PENDING)] -= 1
    _count(c, changes)


def _row(outcome: DocumentOutcome) -> JsonObject:
    own = {name: getattr(outcome, name) for name in DocumentOutcome.__slots__ if name != "verdict"}
    return own | {name: getattr(outcome.verdict, name) for name in Verdict.__slots__}


def _count(c: Connection, changes: Mapping[tuple[int, str], int]) -> None:
    """Add to the counters of documents by run and status."""
    for (run_id, status), number in sorted(changes.items()):
        counter = run.c[status.lower()]
        c.execute(update(run).where(run.c.id == run_id).values({counter: counter + number}))


def pending(c: Connection, run_id: int, after: int, limit: int) -> list[Document]:
    """PENDING documents of a run behind the id `after`, in order."""
    statement = (
        select(document)
        .where(
            document.c.run_id == run_id, document.c.status == DocumentStatus.PENDING, document.c.id > after
        )
        .order_by(document.c.id)
        .limit(limit)
    )
    return [Document.of(row) for row in c.execute(statement).mappings()]


def get_document(c: Connection, run_id: int, document_id: int) -> Document:
    """A document of the run. Raises NotFound."""
    statement = select(document).where(document.c.run_id == run_id, document.c.id == document_id)
    row = c.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound(f"This run has no document {document_id}.")
    return Document.of(row)


def list_documents(
    c: Connection,
    run_id: int,
    request: PageRequest,
    wanted: DocumentFilter = EVERY_DOCUMENT,
) -> Page[Document]:
    """Those documents of a run that are wanted."""
    statement = _listed(run_id, wanted)
    page = fetch_page(c, statement, request, sorts=_SORTS, default="id", key=document.c.id)
    return Page([Document.of(row) for row in page.items], page.next)


def page_marks(
    c: Connection,
    run_id: int,
    request: PageRequest,
    wanted: DocumentFilter = EVERY_DOCUMENT,
    document_id: int | None = None,
) -> Marks:
    """Where the pages of the listing of documents begin, and where in it a document is."""
    statement = _listed(run_id, wanted)
    return fetch_marks(
        c, statement, request, sorts=_SORTS, default="id", key=document.c.id, wanted=document_id
    )


def _listed(run_id: int, wanted: DocumentFilter) -> Rows:
    statement = select(document).where(document.c.run_id == run_id)
    if wanted.statuses:
        statement = statement.where(document.c.status.in_(wanted.statuses))
    if wanted.reason:
        statement = statement.where(document.c.reason == wanted.reason)
    if wanted.search:
        statement = statement.where(document.c.path.icontains(wanted.search, autoescape=True))
    if wanted.whole is not None:
        encoded = document.c.status == DocumentStatus.ENCODED
        statement = statement.where(and_(encoded, is_whole()) if wanted.whole else ~is_whole())
    return statement


def containers(c: Connection, of: Document) -> list[str]:
    """The paths of the documents that a document lies in, the outermost first."""
    parts = of.path.split("/")
    above = ["/".join(parts[:number]) for number in range(1, len(parts))]
    statement = select(document.c.path).where(
        document.c.run_id == of.run_id, document.c.folder_id == of.folder_id, document.c.path.in_(above)
    )
    return sorted(c.execute(statement).scalars(), key=len)


def count_below(c: Connection, of: Document, path: str) -> int:
    """How many documents of the same run and folder lie in the one at this path."""
    statement = select(func.count()).where(
        document.c.run_id == of.run_id,
        document.c.folder_id == of.folder_id,
        document.c.path.startswith(f"{path}/", autoescape=True),
    )
    return int(c.execute(statement).scalar_one())


def is_whole() -> ColumnElement[bool]:
    """Whether nothing of a document is left out, as far as is known."""
    return func.coalesce(document.c.losses, 0) == 0


def seen_files(c: Connection, root: str, paths: Sequence[str]) -> dict[str, SeenFile]:
    """What is known of these paths below a root, by path."""
    columns = (seen_file.c[name] for name in SeenFile.__slots__)
    statement = select(*columns).where(seen_file.c.root == root, seen_file.c.path.in_(paths))
    return {row.path: SeenFile(*row) for row in c.execute(statement)}


def remember_files(c: Connection, files: Sequence[SeenFile]) -> None:
    """Remember what paths held when they were read."""
    if not files:
        return
    rows = [{name: getattr(one, name) for name in SeenFile.__slots__} for one in files]
    statement = upsert(c, seen_file)
    new = {name: statement.excluded[name] for name in ("size", "mtime_ns", "sha256", "media_type", "seen_at")}
    c.execute(statement.on_conflict_do_update(index_elements=["root", "path"], set_=new), rows)


def forget_files(c: Connection, sha256: Iterable[str]) -> None:
    """Forget paths that held these bytes, unless a document has both."""
    same = (document.c.sha256 == seen_file.c.sha256, document.c.path == seen_file.c.path)
    known = select(document.c.id).where(*same).exists()
    c.execute(delete(seen_file).where(seen_file.c.sha256.in_(list(sha256)), ~known))


def forget_places(c: Connection, places: Sequence[tuple[str, str]]) -> None:
    """Forget what files held that lie below roots, each given as root and path."""
    for root, path in places:
        c.execute(delete(seen_file).where(seen_file.c.root == root, seen_file.c.path == path))


def most_of_text() -> ColumnElement[int]:
    """The tokens that a document's text takes at most; a character of UTF-8 has up to four bytes."""
    return func.coalesce(document.c.most_tokens, document.c.characters * _BYTES_OF_CHARACTER)


@dataclass(frozen=True, slots=True)
class Sums:
    """Documents, and what they come to.

    Attributes:
        tokens: as expected, with those of pictures.
        most_tokens: of their texts.
        images: pictures.
        path_characters: of the paths, which models are told.
    """

    documents: int = 0
    tokens: int = 0
    most_tokens: int = 0
    images: int = 0
    path_characters: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)))


@dataclass(frozen=True, slots=True)
class UsableSums:
    """ENCODED documents, apart by what they have.

    Attributes:
        pictures: those that must be seen.
        mixed: texts with some pictures.
        texts: those without a picture.
        longest: tokens that the longest text among them takes at least.
        most_of_longest: tokens that the longest text takes at most.
    """

    pictures: Sums = Sums()
    mixed: Sums = Sums()
    texts: Sums = Sums()
    longest: int = 0
    most_of_longest: int = 0

    def __add__(self, other: "UsableSums") -> "UsableSums":
        return UsableSums(
            self.pictures + other.pictures,
            self.mixed + other.mixed,
            self.texts + other.texts,
            max(self.longest, other.longest),
            max(self.most_of_longest, other.most_of_longest),
        )

    @property
    def documents(self) -> int:
        """All of them."""
        return self.pictures.documents + self.mixed.documents + self.texts.documents


def usable_sums(
    c: Connection, run_id: int, room: int | None = None, but: ColumnElement[bool] | None = None
) -> UsableSums:
    """Numbers for the estimate.

    Args:
        room: documents whose text takes more tokens than this at least are left out.
        but: likewise those of which this holds.
    """
    least = func.coalesce(document.c.least_tokens, 0)
    pictures = needs_sight(document)
    mixed = and_(document.c.images > 0, ~pictures)
    texts = document.c.images == 0
    longest = [func.coalesce(func.max(one), 0) for one in (least, most_of_text())]
    kinds = [column for which in (pictures, mixed, texts) for column in _sums(which)]
    statement = select(*kinds, *longest).where(
        document.c.run_id == run_id,
        document.c.status == DocumentStatus.ENCODED,
        document.c.reason.is_distinct_from(DocumentReason.PURGED),
    )
    if room is not None:
        statement = statement.where(least <= room)
    if but is not None:
        statement = statement.where(not_(but))
    row = [int(value) for value in c.execute(statement).one()]
    width = len(fields(Sums))
    pictured, partly, read = (Sums(*row[first : first + width]) for first in range(0, 3 * width, width))
    return UsableSums(pictured, partly, read, *row[-2:])


def needs_sight(of: Table) -> ColumnElement[bool]:
    """Whether documents, or contents, are of use only to a model that sees.

    Where an earlier version encoded it, it is either text or pictures.
    """
    pictured = func.coalesce(of.c.pictured_parts, 0) * 2
    return case((of.c.parts.is_(None), of.c.images > 0), else_=pictured > of.c.parts)


def longer_texts(
    c: Connection, run_id: int, expected: int, room: int, but: ColumnElement[bool] | None = None
) -> int:
    """How many texts have more tokens than this as expected, and at least no more than there is room for."""
    statement = select(func.count()).where(
        document.c.run_id == run_id,
        document.c.status == DocumentStatus.ENCODED,
        document.c.images == 0,
        document.c.tokens > expected,
        func.coalesce(document.c.least_tokens, 0) <= room,
    )
    if but is not None:
        statement = statement.where(not_(but))
    return int(c.execute(statement).scalar_one())


def _sums(which: ColumnElement[bool]) -> list[ColumnElement[int]]:
    """The members of `Sums` over some documents, in their order."""
    summed = (document.c.tokens, most_of_text(), document.c.images, func.length(document.c.path))
    totals = (func.coalesce(func.sum(one).filter(which), 0) for one in summed)
    return [func.count().filter(which), *totals]


@dataclass(frozen=True, slots=True)
class UnusableReason:
    """So many documents that cannot be used, for the same reason."""

    status: str
    reason: str
    documents: int


def unusable_reasons(c: Connection, run_id: int) -> list[UnusableReason]:
    """Why documents cannot be used, the most frequent first."""
    unusable = or_(
        document.c.status == DocumentStatus.UNREADABLE, document.c.status == DocumentStatus.SKIPPED
    )
    count = func.count()
    statement = (
        select(document.c.status, document.c.reason, count)
        .where(document.c.run_id == run_id, unusable)
        .group_by(document.c.status, document.c.reason)
        .order_by(count.desc(), document.c.reason)
    )
    return [UnusableReason(*row) for row in c.execute(statement)]


@dataclass(frozen=True, slots=True)
class PartlyRead:
    """So many documents of a type of which something is left out."""

    media_type: str | None
    documents: int


def partly_read(c: Connection, run_id: int) -> list[PartlyRead]:
    """Documents that are not whole, by their types, the most frequent first."""
    count = func.count()
    statement = (
        select(document.c.media_type, count)
        .where(document.c.run_id == run_id, ~is_whole())
        .group_by(document.c.media_type)
        .order_by(count.desc(), document.c.media_type)
    )
    return [PartlyRead(*row) for row in c.execute(statement)]
