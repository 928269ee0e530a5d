"""The second part of staging: encoding documents, or finding that they were encoded before.

A document whose path, size and time of change are as they were when it was last read is taken to be
unchanged; one that was moved or copied is recognised by its hash. Only what is new is extracted.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docstage.clock import Clock
from docstage.extraction.files import FileProblem, fingerprint
from docstage.extraction.members import Member, read_members
from docstage.extraction.pool import ExtractionJob, ExtractionPool
from docstage.own_files import OwnFiles
from docstage.staging.run_guard import Fence
from docstage.staging.staging_writes import Outcomes, content_key, is_settled
from docstage.staging.unpacking import Unpacking
from docstage.store import contents, documents
from docstage.store.documents import Verdict
from docstage.store.records import Document

PAGE = 1_000
GROUP_ROWS = 200
RECOUNTED = 50  # contents that are counted anew in one transaction
GROUP_BYTES = 8 * 1024 * 1024
GROUP_SECONDS = 0.25


class Encoder:
    """Encodes the PENDING documents of a run."""

    def __init__(
        self,
        fence: Fence,
        roots: Mapping[int, Path],
        pool: ExtractionPool,
        clock: Clock,
        unpacking: Unpacking,
        check: Callable[[], object],
        *,
        own: OwnFiles | None = None,
    ) -> None:
        """Make an encoder.

        Args:
            roots: the folders' paths by id, with links resolved.
            unpacking: what becomes of files in files. Larger ones than its limits say are not read.
            check: raises when it is no use to go on; asked before each page of documents.
            own: docstage's own files, which are not read.
        """
        self._fence = fence
        self._roots = roots
        self._pool = pool
        self._clock = clock
        self._unpacking = unpacking
        self._check = check
        self._own = own
        self.done = 0  # documents that were settled
        self._new: asyncio.Queue[Document | None] = asyncio.Queue(maxsize=pool.workers * 4)
        self._outcomes = Outcomes(unpacking)
        self._begun = time.monotonic()
        self._writing = asyncio.Lock()

    async def encode_all(self) -> None:
        """Encode every PENDING document.

        Raises:
            Superseded: the batch was cancelled meanwhile.
            DocstageError: what `check` raises.
            Unavailable: workers cannot be started, or the database cannot be written.
        """
        # One more than there are workers, so that a worker finds its next document waiting.
        width = self._pool.workers + 1
        extractors = [asyncio.create_task(self._extract()) for _ in range(width)]
        sifter = asyncio.create_task(self._sift(width))
        try:
            await _all_or_first_failure([sifter, *extractors])
        finally:
            for task in (sifter, *extractors):
                task.cancel()
            await asyncio.gather(sifter, *extractors, return_exceptions=True)
        await self._write()

    async def _sift(self, width: int) -> None:
        after = 0
        while page := await self._next(after):
            after = page[-1].id
            await asyncio.to_thread(self._check)
            for document in await asyncio.to_thread(self._reuse, page):
                await self._new.put(document)
        for _ in range(width):
            await self._new.put(None)

    async def _next(self, after: int) -> list[Document]:
        """The next documents; where there are none, those that come out of what is still being opened."""
        page = await asyncio.to_thread(self._pending, after)
        if not page:
            await self._new.join()
            await self._write()
            page = await asyncio.to_thread(self._pending, after)
        return page

    def _pending(self, after: int) -> list[Document]:
        with self._fence.database.read() as c:
            return documents.pending(c, self._fence.run_id, after, PAGE)

    def _reuse(self, page: Sequence[Document]) -> list[Document]:
        """Settle the documents whose content is stored already; returns the others."""
        outcomes = Outcomes(self._unpacking)
        hashes = self._unchanged(page) | {one.id: one.sha256 for one in page if one.sha256}
        for document in page:
            if document.id not in hashes:
                self._hash(document, hashes, outcomes)
        keys = {one.id: self._key(one, hashes[one.id]) for one in page if one.id in hashes}
        known, members = self._known(set(keys.values()))
        new = []
        for document in page:
            key = keys.get(document.id, "")
            verdict = known.get(key)
            if verdict is None:
                new.append(document)
            else:
                outcomes.reused(document, hashes[document.id], verdict, members.get(key, ()))
        lost = set(outcomes.write(self._fence))
        self.done += len(outcomes.rows)
        return new + [document for document in page if document.id in lost]

    def _key(self, document: Document, sha256: str) -> str:
        return content_key(sha256, document.path, self._unpacking.handling(document.folder_id))

    def _known(self, keys: set[str]) -> tuple[dict[str, Verdict], dict[str, tuple[Member, ...]]]:
        """What is stored under these keys, counted in the present way, and the files that lie in it."""
        with self._fence.database.read() as c:
            known = contents.verdicts(c, keys)
            packed = contents.load_members(c, keys)
        uncounted = [key for key, verdict in known.items() if not verdict.is_counted]
        for first in range(0, len(uncounted), RECOUNTED):
            with self._fence.write() as c:
                contents.recount(c, uncounted[first : first + RECOUNTED])
        if uncounted:
            with self._fence.database.read() as c:
                known |= contents.verdicts(c, uncounted)
        forgotten = {key for key, members in packed.items() if not members}
        members = {key: read_members(one) for key, one in packed.items() if one}
        return {key: one for key, one in known.items() if key not in forgotten}, members

    def _unchanged(self, page: Sequence[Document]) -> dict[int, str]:
        """Hashes of the documents that are as they were when they were last read."""
        hashes: dict[int, str] = {}
        with self._fence.database.read() as c:
            for folder_id, root in self._roots.items():
                mine = [document for document in page if document.folder_id == folder_id]
                seen = documents.seen_files(c, str(root), [document.path for document in mine])
                for document in mine:
                    known = seen.get(document.path)
                    same = known and (known.size, known.mtime_ns) == (document.size, document.mtime_ns)
                    if known and same and is_settled(known.seen_at, known.mtime_ns):
                        hashes[document.id] = known.sha256
        return hashes

    def _hash(self, document: Document, hashes: dict[int, str], outcomes: Outcomes) -> None:
        root = self._roots[document.folder_id]
        at = self._clock.now()
        try:
            read = fingerprint(root, document.path, self._unpacking.limits.file_bytes, self._own)
        except FileProblem:
            return  # the worker meets the same problem and puts it into words
        hashes[document.id] = read.sha256
        outcomes.seen(root, document.path, read.sha256, read.size, read.mtime_ns, at)

    async def _extract(self) -> None:
        while (document := await self._new.get()) is not None:
            root, handling = self._roots[document.folder_id], self._unpacking.handling(document.folder_id)
            outcome = await self._pool.extract(ExtractionJob(root, document.path, self._own, handling))
            self._outcomes.extracted(document, outcome, self._clock.now())
            if self._is_due():
                await self._write()
            self._new.task_done()

    def _is_due(self) -> bool:
        return (
            len(self._outcomes.rows) >= GROUP_ROWS
            or self._outcomes.bytes >= GROUP_BYTES
            or time.monotonic() - self._begun >= GROUP_SECONDS
        )

    async def _write(self) -> None:
        outcomes, self._outcomes = self._outcomes, Outcomes(self._unpacking)
        self._begun = time.monotonic()
        async with self._writing:
            await asyncio.to_thread(outcomes.write, self._fence)
        self.done += len(outcomes.rows)


async def _all_or_first_failure(tasks: Sequence["asyncio.Task[None]"]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
