"""Invariants of documents and of the encoded contents that they share."""

from collections.abc import Iterator

from sqlalchemy import Connection, Row, and_, func, or_, select

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.store.content_tables import content, content_image
from docstage.store.contents import is_unused
from docstage.store.invariants.finding import Broken, Invariant, Place, collected, rows_of
from docstage.store.picture_texts import MARK
from docstage.store.tables import document, engine, event, result, run, task
from docstage.store.values import Rows
from docstage.stored_text import decompress

_AT_ONCE = 200  # contents in memory
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_HASH_CHARACTERS = 64
_DAY = 86_400.0
_SIZES = ("images", "characters", "tokens")


def _miscounted(_: Connection) -> Rows:
    counts = {
        status.lower(): func.count(document.c.id).filter(document.c.status == str(status))
        for status in DocumentStatus
    }
    return (
        select(
            run.c.batch_id.label("batch"),
            run.c.number.label("run"),
            *((count - run.c[name]).label(name) for name, count in counts.items()),
        )
        .outerjoin(document, document.c.run_id == run.c.id)
        .group_by(run.c.id)
        .having(or_(*(count != run.c[name] for name, count in counts.items())))
    )


def _of_document() -> Rows:
    return (
        select(run.c.batch_id.label("batch"), run.c.number.label("run"), document.c.id.label("document"))
        .select_from(document)
        .join(run, run.c.id == document.c.run_id)
    )


def _without_content(_: Connection) -> Rows:
    """ENCODED documents whose content is not stored, or is another than they say."""
    other = or_(*(content.c[name] != document.c[name] for name in _SIZES))
    hashed = func.substr(document.c.content_key, 1, _HASH_CHARACTERS)
    return (
        _of_document()
        .outerjoin(content, content.c.key == document.c.content_key)
        .where(
            document.c.status == DocumentStatus.ENCODED,
            document.c.reason.is_distinct_from(DocumentReason.PURGED),
            or_(
                content.c.key.is_(None),
                content.c.status != DocumentStatus.ENCODED,
                document.c.sha256.is_distinct_from(hashed),
                other,
            ),
        )
    )


def _without_reason(_: Connection) -> Rows:
    """Documents that were left out, and do not say why; or that have a content all the same."""
    unusable = document.c.status.in_([DocumentStatus.UNREADABLE, DocumentStatus.SKIPPED])
    return _of_document().where(
        unusable, or_(document.c.reason.is_(None), document.c.content_key.is_not(None))
    )


def _purged(_: Connection) -> Rows:
    """Documents that were deleted everywhere, of which something is left."""
    left = or_(document.c.sha256.is_not(None), document.c.content_key.is_not(None), document.c.size != 0)
    answered = (
        select(result.c.task_id)
        .join(task, task.c.id == result.c.task_id)
        .where(task.c.document_id == document.c.id, or_(result.c.text != "", result.c.value.is_not(None)))
        .exists()
    )
    return _of_document().where(document.c.reason == DocumentReason.PURGED, or_(left, answered))


def _unused(_: Connection) -> Rows:
    """Contents that no document refers to, a day before the last that is known to have happened."""
    seen = select(func.coalesce(func.max(engine.c.seen_at), 0.0)).scalar_subquery()
    logged = select(func.coalesce(func.max(event.c.at), 0.0)).scalar_subquery()
    day = content.c.created_at + _DAY
    return select(content.c.key.label("content"), content.c.created_at).where(
        or_(day < seen, day < logged), is_unused()
    )


def _image_counts(_: Connection) -> Rows:
    """Contents that have not as many pictures as they say, numbered without a gap."""
    pictures = func.count(content_image.c.position)
    return (
        select(content.c.key.label("content"), content.c.images.label("expected"), pictures.label("pictures"))
        .outerjoin(content_image, content_image.c.content_key == content.c.key)
        .where(content.c.key.not_like(f"%{MARK}%"))
        .group_by(content.c.key, content.c.images)
        .having(
            or_(
                pictures != content.c.images,
                and_(pictures > 0, func.max(content_image.c.position) != pictures - 1),
            )
        )
    )


def _damaged_texts(c: Connection) -> Broken:
    return collected(_texts_that_differ(c))


def _texts_that_differ(c: Connection) -> Iterator[Place]:
    statement = select(
        content.c.key, content.c.status, content.c.images, content.c.characters, content.c.text_zstd
    ).execution_options(yield_per=_AT_ONCE)
    for row in c.execute(statement):
        problem = _problem(row)
        if problem:
            yield {"content": row.key, "problem": problem}


def _problem(row: Row[*tuple[object, ...]]) -> str | None:
    if row.status != DocumentStatus.ENCODED:
        return None if row.text_zstd is None and not row.images else "has a content although unusable"
    try:
        text = decompress(row.text_zstd) if row.text_zstd else ""
    except ValueError:
        return "cannot be decompressed"
    if len(text) != row.characters:
        return f"has {len(text)} characters instead of {row.characters}"
    return None if text or row.images else "is empty"


def _damaged_pictures(c: Connection) -> Broken:
    return collected(_pictures_that_differ(c))


def _pictures_that_differ(c: Connection) -> Iterator[Place]:
    beginning = func.substr(content_image.c.data, 1, 8)
    statement = select(
        content_image.c.content_key, content_image.c.position, content_image.c.media_type, beginning
    ).execution_options(yield_per=_AT_ONCE)
    for key, position, media_type, data in c.execute(statement):
        signature = _SIGNATURES.get(media_type)
        if signature is None or not bytes(data).startswith(signature):
            yield {"content": key, "picture": position, "media_type": media_type}


CONTENTS = (
    Invariant("document counters", rows_of(_miscounted)),
    Invariant("documents", rows_of(_without_content, _without_reason)),
    Invariant("purged documents", rows_of(_purged)),
    Invariant("unused contents", rows_of(_unused)),
    Invariant("texts", _damaged_texts),
    Invariant("pictures", rows_of(_image_counts)),
    Invariant("picture data", _damaged_pictures),
)
