"""Encoded contents, shared by every run and batch whose documents have the same bytes.

A content may be deleted once no document refers to it. Who stores documents that refer to contents, and who
deletes contents, holds the lock (`keep_contents`, `delete_unused`) to the end of the transaction: so neither
sees the other half done. On SQLite there is one writing transaction at a time anyway, over both files.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, update

from docstage.domain.content import Content, ImagePart
from docstage.domain.receipt import Receipt, receipt_from_json
from docstage.store.content_tables import content, content_image, content_members
from docstage.store.documents import Verdict, needs_sight, upsert
from docstage.store.picture_texts import MARK, forget_unused_words, is_made_of, own_key
from docstage.store.tables import document
from docstage.store.values import ColumnValue
from docstage.stored_text import decompress

log = logging.getLogger(__name__)
_LOCK = int.from_bytes(b"ds_conte")  # any number that nothing else locks
_HASH_CHARACTERS = 64  # with which every key begins

_VERDICT = [content.c[name] for name in Verdict.__slots__]


@dataclass(frozen=True, slots=True)
class NewContent:
    """A content that is to be stored; without text and receipt where its bytes could not be encoded."""

    key: str
    verdict: Verdict
    text_zstd: bytes | None
    created_at: float
    receipt_zstd: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewMembers:
    """The files in the bytes of a content that are documents of their own."""

    content_key: str
    members_zstd: bytes


@dataclass(frozen=True, slots=True)
class NewImage:
    """A picture of a content, at its place among them."""

    content_key: str
    position: int
    media_type: str
    data: bytes


def verdicts(c: Connection, keys: Iterable[str]) -> dict[str, Verdict]:
    """What is known under these keys: status, reason and sizes, without the content itself."""
    statement = select(content.c.key, *_VERDICT).where(content.c.key.in_(list(keys)))
    return {key: Verdict(*verdict) for key, *verdict in c.execute(statement)}


def recount(c: Connection, keys: Iterable[str]) -> None:
    """Count the tokens of contents that an earlier version stored, whose texts are as they were."""
    for key, stored in load_contents(c, keys).items():
        counted = stored.text_tokens
        sizes = {"least_tokens": counted.least, "most_tokens": counted.most, "tokens": stored.tokens}
        c.execute(update(content).where(content.c.key == key).values(sizes))


def insert_contents(
    c: Connection,
    new: Sequence[NewContent],
    images: Sequence[NewImage],
    members: Sequence[NewMembers] = (),
) -> None:
    """Store contents, their pictures and members. A key that is there already has the same content."""
    if new:
        c.execute(upsert(c, content).on_conflict_do_nothing(), [_row(one) for one in new])
    if images:
        pictures = [
            {name: getattr(one, name) for name in NewImage.__slots__}
            | {"digest": hashlib.sha256(one.data).hexdigest()}
            for one in images
        ]
        c.execute(upsert(c, content_image).on_conflict_do_nothing(), pictures)
    if members:
        rows = [{name: getattr(one, name) for name in NewMembers.__slots__} for one in members]
        statement = upsert(c, content_members)
        again = {"members_zstd": statement.excluded.members_zstd}
        c.execute(statement.on_conflict_do_update(index_elements=["content_key"], set_=again), rows)


def load_members(c: Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """The members of contents that have some, as they were stored; empty where they were forgotten since."""
    table = content_members.c
    statement = select(table.content_key, table.members_zstd).where(table.content_key.in_(list(keys)))
    return {row.content_key: row.members_zstd for row in c.execute(statement)}


def forget_members(c: Connection, hashes: Collection[str]) -> None:
    """Forget what lies in files with these hashes, until they are read again: names of what was deleted."""
    hashed = func.substr(content_members.c.content_key, 1, _HASH_CHARACTERS)
    c.execute(update(content_members).where(hashed.in_(list(hashes))).values(members_zstd=b""))


def _row(new: NewContent) -> dict[str, ColumnValue]:
    own = {name: getattr(new, name) for name in ("key", "text_zstd", "receipt_zstd", "created_at")}
    return own | {name: getattr(new.verdict, name) for name in Verdict.__slots__}


def keep_contents(c: Connection, keys: Iterable[str]) -> set[str]:
    """Which of these contents are stored; until the end of the transaction none of them is deleted."""
    if c.dialect.name == "postgresql":
        c.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))
    return set(c.execute(select(content.c.key).where(content.c.key.in_(set(keys)))).scalars())


def delete_unused(c: Connection, keys: Iterable[str]) -> int:
    """Delete those of these contents that no document refers to; returns how many went."""
    if c.dialect.name == "postgresql":
        c.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    own = {own_key(key) for key in keys}
    made = [_is_made_of_key(key) for key in own]
    gone = 0
    for which in (*made, content.c.key.in_(own)):  # what was made of a content before the content
        gone += c.execute(delete(content).where(which, is_unused())).rowcount
    if gone:
        forget_unused_words(c)
    return gone


def _is_made_of_key(key: str) -> ColumnElement[bool]:
    """Whether a content was made of this one; looked for among those with the same hash, by the index."""
    near = content.c.key.between(hash_of(key), f"{hash_of(key)}zzzz")  # in any order of the alphabet
    beginning = f"{key}{MARK}"
    return and_(near, func.substr(content.c.key, 1, len(beginning)) == beginning)


def unused_keys(c: Connection, before: float, after: str, limit: int) -> tuple[list[str], str | None]:
    """Look for contents that no document refers to, among the next `limit` keys behind `after`.

    Args:
        before: they must have been stored before this time, in seconds since the epoch.

    Returns:
        The keys, and the last key that was looked at, None at the end.
    """
    # The keys come first, from their index alone: the other columns lie behind the texts.
    page = select(content.c.key).where(content.c.key > after).order_by(content.c.key).limit(limit)
    keys = list(c.execute(page).scalars())
    if not keys:
        return [], None
    between = and_(content.c.key >= keys[0], content.c.key <= keys[-1])
    unused = list(c.execute(select(content.c.key).where(between, is_unused())).scalars())
    old = select(content.c.key).where(content.c.key.in_(unused), content.c.created_at < before)
    return list(c.execute(old).scalars()), keys[-1]


def is_unused() -> ColumnElement[bool]:
    """The condition that no document refers to a content.

    Documents that could not be used have no content's key; what is known of their bytes is kept all the same.
    """
    same = document.c.sha256 == func.substr(content.c.key, 1, _HASH_CHARACTERS)
    refers = or_(document.c.content_key == content.c.key, document.c.content_key.is_(None), is_made_of())
    return ~select(document.c.id).where(same, refers).exists()


def bytes_of_keys(c: Connection, keys: Iterable[str]) -> int:
    """Bytes of the contents under these keys, compressed, with their pictures."""
    wanted = list(set(keys))
    return sum(_bytes(c, wanted[first : first + 1_000]) for first in range(0, len(wanted), 1_000))


def bytes_of_runs(c: Connection, run_ids: Collection[int]) -> int:
    """Bytes of the contents that documents of these runs have, and none of other runs."""
    other = document.alias("other")
    shared = select(other.c.id).where(other.c.sha256 == document.c.sha256, other.c.run_id.not_in(run_ids))
    mine = document.c.run_id.in_(run_ids), document.c.content_key.is_not(None)
    return _bytes(c, select(document.c.content_key).where(*mine, ~shared.exists()))


def _bytes(c: Connection, keys: Sequence[str] | Select[str]) -> int:
    texts = select(func.coalesce(func.sum(func.length(content.c.text_zstd)), 0)).where(
        content.c.key.in_(keys)
    )
    data = func.coalesce(func.sum(func.length(content_image.c.data)), 0)
    pictures = select(data).where(content_image.c.content_key.in_(keys))
    return int(c.execute(texts).scalar_one()) + int(c.execute(pictures).scalar_one())


def hash_of(key: str) -> str:
    """The SHA-256 of the bytes that a content was made of."""
    return key[:_HASH_CHARACTERS]


def load_contents(c: Connection, keys: Iterable[str]) -> dict[str, Content]:
    """The contents under these keys; what is damaged is left out, as what is not there."""
    wanted = list(keys)
    columns = content.c.key, content.c.images, content.c.text_zstd, needs_sight(content).label("sight")
    loaded = {row.key: row for row in c.execute(select(*columns).where(content.c.key.in_(wanted)))}
    pictures = _load_images(c, [own_key(key) for key, row in loaded.items() if row.images])
    texts = {key: _text(key, row.text_zstd) for key, row in loaded.items()}
    return {
        key: Content(text, tuple(pictures.get(own_key(key), ())), bool(loaded[key].sight))
        for key, text in texts.items()
        if text is not None
    }


def load_receipt(c: Connection, key: str) -> Receipt | None:
    """The receipt of a content; None where an earlier version encoded it, or it is damaged or gone."""
    packed = c.execute(select(content.c.receipt_zstd).where(content.c.key == key)).scalar()
    told = _text(key, packed) if packed else None
    try:
        return receipt_from_json(json.loads(told)) if told else None
    except ValueError as error:
        log.error("The receipt of the content %s is damaged: %s", key, error)
        return None


def _text(key: str, packed: bytes | None) -> str | None:
    try:
        return decompress(packed) if packed else ""
    except ValueError as error:
        log.error("The content %s is damaged: %s", key, error)
        return None


def _load_images(c: Connection, keys: Sequence[str]) -> dict[str, list[ImagePart]]:
    pictures: dict[str, list[ImagePart]] = {}
    if keys:
        order = (content_image.c.content_key, content_image.c.position)
        statement = select(content_image).where(content_image.c.content_key.in_(keys)).order_by(*order)
        for row in c.execute(statement):
            pictures.setdefault(row.content_key, []).append(ImagePart(row.media_type, row.data))
    return pictures
