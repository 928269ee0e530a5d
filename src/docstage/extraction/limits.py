"""What a document may cost, as the settings say."""

from docstage.extraction.extractors import Limits
from docstage.settings import Settings

_MB = 1024 * 1024


def limits_of(settings: Settings) -> Limits:
    """The limits of extraction workers."""
    return Limits(
        seconds=settings.extract_seconds,
        memory_bytes=settings.extract_memory_mb * _MB,
        file_bytes=settings.max_file_mb * _MB,
        container_files=settings.max_archive_files,
        container_bytes=settings.max_archive_mb * _MB,
        container_ratio=settings.max_archive_ratio,
        container_depth=settings.max_archive_depth,
    )
