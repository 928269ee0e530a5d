"""What OCR read of pictures, and contents that have these words in their text.

Such a content has the key of the one that it was made of, and the engine. Its pictures are those of that one.
What was read of a picture is kept while a content has the picture.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from docstage.domain.content import DocumentStatus
from docstage.domain.picture_words import Words
from docstage.store.content_tables import content, content_image, picture_text
from docstage.store.documents import Verdict, upsert
from docstage.store.tables import document

MARK = "-OCR-"  # endings of files, which keys have, are in small letters


@dataclass(frozen=True, slots=True)
class PictureOfContent:
    """A picture of a content, whose number begins at 1."""

    content_key: str
    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NewPictureText:
    """What an engine made of a picture."""

    sha256: str
    engine: str
    text: str | None
    turned: int
    problem: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class Pictured:
    """A document with pictures, and its content."""

    id: int
    folder_id: int
    content_key: str


def read_key(content_key: str, engine: str) -> str:
    """The key of a content with the words of its pictures."""
    return f"{content_key}{MARK}{engine}"


def own_key(key: str) -> str:
    """The key of the content as it was encoded, whose pictures it has."""
    return key.partition(MARK)[0]


def pictured_documents(
    c: Connection, run_id: int, folders: Collection[int], after: int, limit: int
) -> list[Pictured]:
    """ENCODED documents of these folders with pictures that were not looked at yet, in order."""
    statement = (
        select(document.c.id, document.c.folder_id, document.c.content_key)
        .where(
            document.c.run_id == run_id,
            document.c.status == DocumentStatus.ENCODED,
            document.c.folder_id.in_(folders),
            document.c.images > 0,
            document.c.content_key.not_like(f"%{MARK}%"),
            document.c.id > after,
        )
        .order_by(document.c.id)
        .limit(limit)
    )
    return [Pictured(*row) for row in c.execute(statement)]


def waiting(c: Connection, run_id: int, folders: Collection[int]) -> tuple[int, int]:
    """Parts that are pictures and were not read, and how many documents have them."""
    statement = select(func.coalesce(func.sum(document.c.pictured_parts), 0), func.count()).where(
        document.c.run_id == run_id,
        document.c.status == DocumentStatus.ENCODED,
        document.c.folder_id.in_(folders),
        document.c.pictured_parts > 0,
        document.c.content_key.not_like(f"%{MARK}%"),
    )
    parts, documents = c.execute(statement).one()
    return int(parts), int(documents)


def pictures_of(c: Connection, key: str) -> list[PictureOfContent]:
    """The pictures of a content in order. Those that an earlier version stored get their hash."""
    image = content_image.c
    statement = select(image.position, image.digest).where(image.content_key == key).order_by(image.position)
    rows = c.execute(statement).all()
    hashes = {row.position: row.digest or _hashed(c, key, row.position) for row in rows}
    return [PictureOfContent(key, place, sha256) for place, sha256 in enumerate(hashes.values(), 1)]


def _hashed(c: Connection, key: str, position: int) -> str:
    which = content_image.c.content_key == key, content_image.c.position == position
    sha256 = hashlib.sha256(c.execute(select(content_image.c.data).where(*which)).scalar_one()).hexdigest()
    c.execute(update(content_image).where(*which).values(digest=sha256))
    return sha256


def known_words(c: Connection, hashes: Iterable[str], engine: str, since: float) -> dict[str, Words]:
    """What the engine made of these pictures; what it failed at before `since` is left out."""
    table = picture_text.c
    statement = select(table.sha256, table.text, table.problem).where(
        table.sha256.in_(set(hashes)),
        table.engine == engine,
        table.problem.is_(None) | (table.created_at >= since),
    )
    return {row.sha256: Words(row.text or "", row.problem) for row in c.execute(statement)}


def keep_words(c: Connection, new: Sequence[NewPictureText]) -> None:
    """Keep what was read, but for pictures that no content has any more."""
    had = set(
        c.execute(
            select(content_image.c.digest).where(content_image.c.digest.in_([one.sha256 for one in new]))
        ).scalars()
    )
    rows = [
        {name: getattr(one, name) for name in NewPictureText.__slots__} for one in new if one.sha256 in had
    ]
    if rows:
        statement = upsert(c, picture_text)
        again = {name: statement.excluded[name] for name in ("text", "turned", "problem", "created_at")}
        c.execute(statement.on_conflict_do_update(index_elements=["sha256", "engine"], set_=again), rows)


def take_content(c: Connection, document_id: int, key: str, verdict: Verdict) -> None:
    """Make this the content of an ENCODED document."""
    sizes = ("detail", "characters", "tokens", "least_tokens", "most_tokens", "pictured_parts", "losses")
    values = {name: getattr(verdict, name) for name in sizes}
    c.execute(update(document).where(document.c.id == document_id).values(content_key=key, **values))


def forget_unused_words(c: Connection) -> None:
    """Delete what was read of pictures that no content has."""
    had = select(content_image.c.digest).where(content_image.c.digest == picture_text.c.sha256)
    c.execute(delete(picture_text).where(~had.exists()))


def is_made_of() -> ColumnElement[bool]:
    """Whether a document's content was made of a content, whose pictures it has."""
    beginning = content.c.key + MARK
    return func.substr(document.c.content_key, 1, func.length(beginning)) == beginning
