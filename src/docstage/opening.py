"""Opens files step by step from the root, so that no link that was put on the way leads astray."""

import os
from pathlib import Path

# With O_PATH, which only Linux has, folders that may be entered but not listed are no obstacle.
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_below(root: Path, parts: tuple[str, ...], flags: int) -> int:
    """A descriptor of what the parts of a path lead to, each opened relative to the one above it.

    Args:
        flags: those of the last part; with O_NOFOLLOW it is no link either.

    Raises:
        OSError: one of them is missing, is a link, or may not be opened.
    """
    folder = os.open(root, _FOLDER_FLAGS)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1] if parts else ".", flags, dir_fd=folder)
    finally:
        os.close(folder)
