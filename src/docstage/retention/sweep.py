"""Carries on with what was deleted, in short steps, until it is gone from the disk.

Every step is a transaction or two of a fraction of a second, so that nobody waits for long, and begins with
what the database says: several processes may sweep at once, and any of them may die.
"""

import logging
import time
from collections.abc import Iterable, Iterator

from docstage.clock import Clock
from docstage.domain.errors import Unavailable
from docstage.domain.handling import EVERY_HANDLING
from docstage.domain.lifecycle import BatchStatus
from docstage.retention import uploads
from docstage.settings import Settings
from docstage.staging.staging_writes import content_key
from docstage.store import contents, documents, freeing, library, purging, summaries
from docstage.store.database import Database
from docstage.store.erasures import Erasure, is_owed, owe, owe_space, owed, settle
from docstage.store.purging import DeletedDocument

log = logging.getLogger(__name__)

YOUNG_SECONDS = 12 * 3_600.0  # contents and uploads that nothing refers to may be about to be used
REWRITTEN_AT_ONCE = 64 * 1024 * 1024  # bytes of a file whose writing anew takes less than a second
REWRITTEN_IN_IDLENESS = 1024 * 1024 * 1024
_STEP_SECONDS = 0.1
_FEWEST, _MOST = 1, 2_000  # documents of a step
_CONTENTS = 200
_KEYS = 2_000
_BUSY = (BatchStatus.STAGING, BatchStatus.ANALYZING)


class Sweeper:
    """Sweeps one database and its uploads."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._uploads = settings.uploads_folder
        self._clock = clock
        self._documents = 50  # as many at once as take about a tenth of a second

    def is_done(self) -> bool:
        """Whether everything that was deleted is gone, but for files that only `rewrite` may write anew."""
        with self._database.read() as c:
            return not is_owed(c, Erasure.RUN, Erasure.CONTENT, Erasure.UPLOAD, Erasure.SPACE)

    def sweep(self, seconds: float, *, rewritten: int = REWRITTEN_AT_ONCE) -> bool:
        """Carry on for about so many seconds; returns whether everything is gone.

        Args:
            rewritten: SQLite files of at most so many bytes are written anew, if no batch is at work.

        Raises:
            Unavailable: the database does not answer, or uploaded files cannot be deleted.
        """
        ends = time.monotonic() + seconds
        for _ in self.steps(rewritten=rewritten):
            if time.monotonic() >= ends:
                break
        return self.is_done()

    def steps(self, *, rewritten: int = REWRITTEN_AT_ONCE) -> Iterator[None]:
        """Carry on step by step, to the end."""
        yield from self._runs()
        yield from self._contents()
        yield from self._deleted_uploads()
        yield from self._space(rewritten)

    def find_unused(self) -> Iterator[None]:
        """Write down contents and uploads that nothing has referred to for half a day, step by step."""
        before = self._clock.now() - YOUNG_SECONDS
        after: str | None = ""
        while after is not None:
            with self._database.read() as c:
                keys, after = contents.unused_keys(c, before, after, _KEYS)
            self._owe(Erasure.CONTENT, keys)
            yield
        with self._database.read() as c:
            folders = library.folder_paths(c)
        self._owe(Erasure.UPLOAD, uploads.strays(self._uploads, folders, before))
        yield

    def rewrites(self, largest: int | None = None, *, whole: bool = False) -> Iterator[None]:
        """Write SQLite files anew in which copies of deleted rows may be left, step by step.

        Args:
            largest: files of more bytes stay as they are.
            whole: write all files, whether copies may be left in them or not.

        Raises:
            Unavailable: others write, or there is no room for a copy.
        """
        rewritten = False
        for schema in freeing.SCHEMAS if whole else self._owed(Erasure.REWRITE, 2):
            if largest is not None and freeing.size_of(self._database, schema) > largest:
                continue
            freeing.rewrite(self._database, schema)
            with self._database.write() as c:
                settle(c, Erasure.REWRITE, [schema])
                owe(c, Erasure.SPACE, [""], self._clock.now())
            rewritten = True
            yield
        if rewritten:
            yield from self._space(largest=0)

    def _owe(self, kind: Erasure, keys: Iterable[str]) -> None:
        found = list(keys)
        if found:
            with self._database.write() as c:
                owe(c, kind, found, self._clock.now())

    def _runs(self) -> Iterator[None]:
        while run_ids := self._owed(Erasure.RUN, 1):
            while self._delete_documents(int(run_ids[0])):
                yield
            with self._database.write() as c:
                purging.delete_doomed_run(c, int(run_ids[0]))
                settle(c, Erasure.RUN, run_ids)
            yield

    def _delete_documents(self, run_id: int) -> bool:
        began = time.monotonic()
        with self._database.write() as c:
            gone = purging.delete_documents(c, run_id, self._documents)
            owe(c, Erasure.CONTENT, content_keys(gone), self._clock.now())
        took = time.monotonic() - began
        factor = 2.0 if took < _STEP_SECONDS / 2 else 0.5 if took > _STEP_SECONDS else 1.0
        self._documents = max(_FEWEST, min(_MOST, int(self._documents * factor)))
        return bool(gone)

    def _contents(self) -> Iterator[None]:
        if self._database.is_sqlite and self._owed(Erasure.CONTENT, 1):
            # They are in another file: their documents must not come back when the power fails.
            freeing.make_durable(self._database)
        while keys := self._owed(Erasure.CONTENT, _CONTENTS):
            with self._database.write() as c:
                gone = contents.delete_unused(c, keys)
            with self._database.write() as c:
                if gone:
                    owe_space(c, self._clock.now())
                documents.forget_files(c, {contents.hash_of(key) for key in keys})
                settle(c, Erasure.CONTENT, keys)
            yield

    def _deleted_uploads(self) -> Iterator[None]:
        uploads.erase_aside(self._uploads)
        while places := self._owed(Erasure.UPLOAD, 1):
            with self._database.read() as c:
                folders = library.folder_paths(c)
            uploads.erase(self._uploads, places[0], folders)
            with self._database.write() as c:
                settle(c, Erasure.UPLOAD, places)
            yield

    def _space(self, largest: int) -> Iterator[None]:
        if not self._owed(Erasure.SPACE, 1):
            return
        if not self._database.is_sqlite:
            freeing.vacuum(self._database)
        else:
            if largest and self._is_at_rest():
                yield from self.rewrites(largest)
            while freeing.shorten(self._database):
                yield
        # Settled first: what that writes into the log goes with it.
        with self._database.write() as c:
            settle(c, Erasure.SPACE, [""])
        if self._database.is_sqlite and not freeing.empty_log(self._database):
            self._owe(Erasure.SPACE, [""])  # somebody reads; the next who comes tries again
        yield

    def _is_at_rest(self) -> bool:
        with self._database.read() as c:
            counts = summaries.batches_by_status(c)
        return not any(counts.get(status) for status in _BUSY)

    def _owed(self, kind: Erasure, limit: int) -> list[str]:
        with self._database.read() as c:
            return owed(c, kind, limit)


def content_keys(gone: Iterable[DeletedDocument]) -> list[str]:
    """The keys under which contents of deleted documents may be, unusable ones too."""
    return [
        key
        for one in gone
        if one.sha256
        for key in ([one.content_key] if one.content_key else _possible_keys(one.sha256, one.path))
    ]


def _possible_keys(sha256: str, path: str) -> list[str]:
    return [content_key(sha256, path, handling) for handling in EVERY_HANDLING]


def sweep_now(database: Database, settings: Settings, clock: Clock, seconds: float = 5.0) -> None:
    """Sweep for a while after something was deleted. What cannot be done now, the engine does later."""
    try:
        Sweeper(database, settings, clock).sweep(seconds)
    except Unavailable as error:
        log.warning("What was deleted goes from the disk later: %s", error.detail)
