"""Pieces of contents, for those who read documents: nobody needs 500 pictures to look at one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from docstage.domain.content import ImagePart
from docstage.store.content_tables import content, content_image
from docstage.store.picture_texts import own_key
from docstage.stored_text import decompress


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A picture of a content, without its bytes, of which there are `size`; numbers begin at 1."""

    number: int
    media_type: str
    size: int


def load_text(c: Connection, key: str) -> str | None:
    """The text of a content; None where it is gone or damaged."""
    row = c.execute(select(content.c.text_zstd).where(content.c.key == key)).one_or_none()
    try:
        return None if row is None else decompress(row.text_zstd) if row.text_zstd else ""
    except ValueError:
        return None


def list_images(c: Connection, key: str) -> Sequence[StoredImage]:
    """The pictures of a content in order."""
    image = content_image.c
    columns = image.media_type, func.length(image.data)
    statement = select(*columns).where(image.content_key == own_key(key)).order_by(image.position)
    return [StoredImage(number, *row) for number, row in enumerate(c.execute(statement), 1)]


def load_image(c: Connection, key: str, number: int) -> ImagePart | None:
    """The picture of this number, counted from 1; None where there is none."""
    image = content_image.c
    statement = select(image.media_type, image.data).where(image.content_key == own_key(key))
    row = c.execute(statement.order_by(image.position).offset(number - 1).limit(1)).one_or_none()
    return None if row is None else ImagePart(row.media_type, row.data)
