"""Encoded contents, shared by every run and batch whose documents have the same bytes."""

import logging
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from docstage.domain.content import Content, ImagePart
from docstage.store.documents import upsert
from docstage.store.tables import content, content_image

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

log = logging.getLogger(__name__)

_VERDICT = (
    content.c.key,
    content.c.status,
    content.c.reason,
    content.c.detail,
    content.c.media_type,
    content.c.pages,
    content.c.images,
    content.c.characters,
    content.c.tokens,
)


def verdicts(c: Connection, keys: Iterable[str]) -> dict[str, Any]:
    """What is known under these keys: status, reason and sizes, without the content itself."""
    statement = select(*_VERDICT).where(content.c.key.in_(list(keys)))
    return {row.key: row for row in c.execute(statement)}


def insert_contents(c: Connection, rows: Sequence[dict[str, Any]], images: Sequence[dict[str, Any]]) -> None:
    """Store contents and their pictures. A key that is there already has the same content."""
    if rows:
        c.execute(upsert(c, content).on_conflict_do_nothing(), list(rows))
    if images:
        c.execute(upsert(c, content_image).on_conflict_do_nothing(), list(images))


def load_contents(c: Connection, keys: Iterable[str]) -> dict[str, Content]:
    """The contents under these keys; what is damaged is left out, as what is not there."""
    wanted = list(keys)
    rows = c.execute(
        select(content.c.key, content.c.images, content.c.text_zstd).where(content.c.key.in_(wanted))
    )
    loaded = {row.key: (row.text_zstd, row.images) for row in rows}
    pictures = _load_images(c, [key for key, (_text, images) in loaded.items() if images])
    texts = {key: _text(key, packed) for key, (packed, _images) in loaded.items()}
    return {
        key: Content(text, tuple(pictures.get(key, ()))) for key, text in texts.items() if text is not None
    }


def _text(key: str, packed: bytes | None) -> str | None:
    try:
        return zstd.decompress(packed).decode() if packed else ""
    except (zstd.ZstdError, UnicodeDecodeError) as error:
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
