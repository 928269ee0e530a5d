"""Tables of encoded contents, in a schema of their own: on SQLite a file beside the database."""

from sqlalchemy import Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from docstage.store.tables import CONTENT_SCHEMA, metadata

content = Table(
    "content",
    metadata,
    Column("key", Text, primary_key=True),  # SHA-256 of the bytes and the encoder's version
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("media_type", Text),
    Column("pages", Integer),
    Column("images", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("text_zstd", LargeBinary),
    Column("created_at", Double, nullable=False),
    Column("least_tokens", Integer),  # of its text; null: an earlier version counted them
    Column("most_tokens", Integer),
    Column("parts", Integer),  # null: an earlier version encoded it
    Column("pictured_parts", Integer),
    Column("losses", Integer),
    Column("receipt_zstd", LargeBinary),
    schema=CONTENT_SCHEMA,
)


def _content_key() -> Column[str]:
    """The content that a row belongs to, and goes with."""
    key = ForeignKey(f"{CONTENT_SCHEMA}.content.key", ondelete="CASCADE")
    return Column("content_key", Text, key, primary_key=True)


content_image = Table(
    "content_image",
    metadata,
    _content_key(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("digest", Text),  # SHA-256 of its data; null: an earlier version stored it
    Index("ix_content_image_digest", "digest"),
    schema=CONTENT_SCHEMA,
)

# What OCR made of a picture, wherever it stands. It goes with the last content that has the picture.
picture_text = Table(
    "picture_text",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("engine", Text, primary_key=True),  # `OcrEngine.key`
    Column("text", Text),  # null where it could not be read
    Column("turned", Integer, nullable=False),  # degrees that it had to be turned by
    Column("problem", Text),  # why it could not be read
    Column("created_at", Double, nullable=False),
    schema=CONTENT_SCHEMA,
)

# What lies in the bytes of a content as files that are documents of their own.
content_members = Table(
    "content_members",
    metadata,
    _content_key(),
    Column("members_zstd", LargeBinary, nullable=False),
    schema=CONTENT_SCHEMA,
)
