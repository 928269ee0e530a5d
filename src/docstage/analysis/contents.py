"""Contents on their way to models: read in groups, and kept a while for the next prompt or connection."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable

from docstage.domain.content import Content
from docstage.store.contents import load_contents
from docstage.store.database import Database
from docstage.store.tasks import QueuedTask

MOST_BYTES = 64 * 1024 * 1024
_BYTES_OF_IMAGE = 200_000  # a page rendered at 144 dpi has 183 kB


class ContentCache:
    """The contents used last, up to a number of bytes."""

    def __init__(self, database: Database, most_bytes: int = MOST_BYTES) -> None:
        self._database = database
        self._most = most_bytes
        self._held: OrderedDict[str, Content] = OrderedDict()
        self._bytes = 0

    async def get(self, keys: Collection[str]) -> dict[str, Content]:
        """The contents under these keys; one that is not stored any more is left out."""
        found = {key: self._held[key] for key in keys if key in self._held}
        for key in found:
            self._held.move_to_end(key)
        missing = [key for key in set(keys) if key not in found]
        if missing:
            loaded = await asyncio.to_thread(self._load, missing)
            for key, content in loaded.items():
                self._keep(key, content)
            found |= loaded
        return found

    async def read_ahead(self, tasks: Iterable[QueuedTask]) -> None:
        """Read the contents of tasks whose turn comes soon, if they are small: at once costs much less."""
        sizes = {task.content_key: task.most_tokens + task.images * _BYTES_OF_IMAGE for task in tasks}
        if sum(sizes.values()) <= self._most // 4:
            await self.get(sizes)

    def _load(self, keys: list[str]) -> dict[str, Content]:
        with self._database.read() as c:
            return load_contents(c, keys)

    def _keep(self, key: str, content: Content) -> None:
        if key in self._held:
            return
        self._held[key] = content
        self._bytes += _size(content)
        while self._bytes > self._most and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(content: Content) -> int:
    return len(content.text) + sum(len(image.data) for image in content.images)
