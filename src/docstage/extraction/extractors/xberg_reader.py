"""The one place that calls xberg."""

import asyncio
import re

import xberg

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable, tidy

# Archive sizes are checked before (see `archive`), time and memory are limited by the worker. xberg's own
# limits come too early: it stops at 100,000 cells, which an ordinary table can have.
_LIMITS = xberg.SecurityLimits(
    max_table_cells=20_000_000, max_archive_size=2**30, max_compression_ratio=1_100
)
# By default xberg leaves out what lies deeper than some 60 elements; with more than 500 its stack overflows.
_HTML_DEPTH = 200
# Where Rust panics, an exception comes whose class no module exports. xberg itself goes on unharmed.
_PANIC = "RustPanic"
_PASSWORD = re.compile("password|encrypt", re.IGNORECASE)
_TOO_MUCH = re.compile("security|limit exceeded|too (?:large|deep|many)|bomb", re.IGNORECASE)
_DATA_URI = re.compile(r"data:[\w.+/-]+(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=]*")
_EMPTY_IMAGE = re.compile(r"!\[(?:SVG Image)?\]\(\)")


def convert(data: bytes, media_type: str) -> xberg.ExtractedDocument:
    """Convert a document to Markdown, without what is attached to it.

    Args:
        data: the document.
        media_type: what it is; xberg's own guess is not to be relied on.

    Raises:
        Unreadable: when it cannot be converted.
    """
    config = xberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        enable_quality_processing=False,
        output_format="markdown",
        max_archive_depth=0,
        escape_markdown=False,
        content_filter=xberg.ContentFilterConfig(
            include_headers=True, include_footers=True, include_footnotes=True, strip_repeating_text=False
        ),
        html_options=xberg.ConversionOptions(
            extract_metadata=False,
            max_depth=_HTML_DEPTH,
            preprocessing=xberg.PreprocessingOptions(enabled=False),
        ),
        security_limits=_LIMITS,
    )
    document = xberg.ExtractInput(kind="bytes", bytes=data, mime_type=media_type)
    try:
        result = asyncio.run(xberg.extract(document, config))
    except (RuntimeError, ValueError, xberg.XbergError) as error:
        raise unreadable(str(error)) from error
    except Exception as error:
        if type(error).__name__ != _PANIC:
            raise
        raise unreadable("Its reader gave up in the middle of it.") from error
    if not result.results:
        raise unreadable("; ".join(str(item) for item in result.errors))
    return result.results[0]


def markdown(text: str) -> str:
    """Converted text, without pictures that lie inside it as base64."""
    # xberg escapes "!" even when it is told not to escape.
    return tidy(_EMPTY_IMAGE.sub("", _DATA_URI.sub("", text.replace("\\!", "!"))))


def unreadable(message: str) -> Unreadable:
    """What a message of xberg's means for people."""
    if _PASSWORD.search(message):
        return Unreadable(
            DocumentReason.PASSWORD, "The file is locked with a password. Save a copy without one."
        )
    if _TOO_MUCH.search(message):
        detail = f"The file is too large or too deeply nested: {message[:300].rstrip('.')}."
        return Unreadable(DocumentReason.TOO_COMPLEX, detail)
    detail = f"The file is damaged. Open it in its program and save it anew. ({message[:300]})"
    return Unreadable(DocumentReason.DAMAGED, detail)
