"""Encodes one document and asks one question about it, outside of any batch, as a run would.

It runs where it is asked for: somebody waits for the answer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docstage.domain.errors import Unavailable
from docstage.domain.handling import USUAL, Handling
from docstage.models.reasoning import output_limit

# Every command opens the services, and few try a prompt: what staging and calls need comes when one does.
if TYPE_CHECKING:
    from docstage.asking.ask import StoredAnswer
    from docstage.asking.beside import Beside
    from docstage.asking.question import Question
    from docstage.clock import Clock
    from docstage.domain.usage import Usage
    from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure
    from docstage.settings import Settings
    from docstage.staging.encode_one import SingleDocument
    from docstage.store.database import Database

# Each may keep an extraction worker busy, and the money of many could not be overseen.
AT_ONCE = 3
TURN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        root: the folder.
        path: the document's `FoundFile.path` in it.
        handling: what the folder says of files in files.
    """

    question: "Question"
    config: "ConnectionConfig"
    sees_images: bool
    root: Path
    path: str
    handling: Handling = USUAL


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it.

    Attributes:
        outcome: None when the document cannot be used, so that nothing was asked.
        latency_ms: how long the call took.
    """

    document: "SingleDocument"
    outcome: "StoredAnswer | ModelFailure | None" = None
    latency_ms: float | None = None


class Trials:
    """Carries out trials, a few at once."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._beside: Beside | None = None
        self.linger = 0.0
        """Seconds for which a model that was started for a trial is kept for the next."""

    def beside(self, settings: "Settings") -> "Beside":
        """The models that are started for trials, and for tests of connections."""
        from docstage.asking.beside import Beside

        if self._beside is None:
            self._beside = Beside(settings, self.linger)
        return self._beside

    async def stop(self) -> None:
        """End the models that were started."""
        if self._beside:
            await self._beside.stop()

    async def carry_out(
        self,
        trial: Trial,
        database: "Database",
        settings: "Settings",
        clock: "Clock",
        on_call: "Callable[[Usage], None]",
    ) -> Tried:
        """Encode the document and ask. A call that fails is an outcome too; it is not tried again.

        Args:
            on_call: called when the model is about to be asked, with the tokens that it takes at most.

        Raises:
            DocstageError: no worker can be started, the connection lacks what it needs, or too much is being
                tried already.
        """
        from docstage.asking.ask import Reach, ask
        from docstage.asking.question import at_most_tokens
        from docstage.domain.usage import Usage
        from docstage.extraction.limits import limits_of
        from docstage.extraction.pool import ExtractionJob
        from docstage.own_files import OwnFiles
        from docstage.staging.encode_one import encode_one

        async with self._turn():
            limits = limits_of(settings)
            own = OwnFiles.of(settings)
            job = ExtractionJob(trial.root, trial.path, own, trial.handling)
            document = await encode_one(database, limits, job, clock.now())
            if document.content is None:
                return Tried(document)
            async with _client(self.beside(settings), trial.config) as client:
                content = document.content
                pictures = len(content.images) if trial.sees_images else 0
                most = at_most_tokens(trial.question, content.text_tokens.most, pictures, trial.path)
                on_call(Usage(most, 0, output_limit(trial.config)))
                began = time.perf_counter()
                outcome = await ask(
                    client,
                    trial.question,
                    trial.path,
                    content,
                    Reach.of(trial.config, sees_images=trial.sees_images),
                    least=content.text_tokens.least,
                )
            return Tried(document, outcome, (time.perf_counter() - began) * 1_000)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable(
                f"{AT_ONCE} prompts are being tried at the moment. Try again when one of them is done."
            ) from None
        try:
            yield
        finally:
            self._turns.release()


@asynccontextmanager
async def _client(beside: "Beside", config: "ConnectionConfig") -> "AsyncIterator[ModelClient]":
    client = await beside.client(config)
    try:
        yield client
    finally:
        await client.close()
