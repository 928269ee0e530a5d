"""How much memory may still be taken on this machine, or in the container that docstage runs in."""

import os
from pathlib import Path

_CGROUPS = (  # of a container, version 2 and version 1: its limit, what it uses, and for what
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)


def available_memory() -> int | None:
    """Bytes that may still be taken without others being pushed out; None where nobody tells."""
    told = [
        size for size in (_of_machine(), *(_of_container(*files) for files in _CGROUPS)) if size is not None
    ]
    return min(told, default=None)


def _of_machine() -> int | None:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1_024
    try:  # macOS tells no more than what it has in all
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (OSError, ValueError):
        return None


def _of_container(limit: str, used: str, parts: str) -> int | None:
    numbers = [lines[0] for lines in (_lines(limit), _lines(used)) if lines]
    if len(numbers) < 2 or not all(number.isdigit() for number in numbers):  # `max` is no limit
        return None
    # Copies of files count as used, and make room for others when it is needed.
    copies = [int(line.split()[1]) for line in _lines(parts) if line.startswith("inactive_file ")]
    return max(0, int(numbers[0]) - int(numbers[1]) + sum(copies))


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
