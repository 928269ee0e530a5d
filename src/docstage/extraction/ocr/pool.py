"""Reads pictures in worker processes."""

import sys
from collections.abc import Sequence
from typing import Any

from docstage.domain.content import DocumentReason, ImagePart, clean_text
from docstage.extraction.extractors import Limits
from docstage.extraction.ocr.engine import OcrEngine
from docstage.extraction.ocr.reading import NotRead, PictureText
from docstage.extraction.worker_messages import BadFrame
from docstage.extraction.worker_pool import Failure, WorkerPool

_COMMAND = (sys.executable, "-P", "-m", "docstage.extraction.ocr.worker")
_PICTURES_A_WORKER = 500
# A worker holds its models, 0.3 GB; to load them again takes a second or two.
_IDLE_SECONDS = 60.0
_TURNS = (0, 90, 180, 270)


class OcrPool(WorkerPool[ImagePart, PictureText | NotRead]):
    """A fixed number of workers, each started when it is first needed and ended when it is not for a minute.

    Args:
        engine: what they read with.
        workers: pictures at once, each on a processor of its own; None means one for each processor.
        limits: what one picture may cost.
        command: how a worker is started; the engine and the limits are added as arguments.
        idle_seconds: a worker that was not needed for so long is ended.
    """

    def __init__(
        self,
        engine: OcrEngine,
        workers: int | None = None,
        limits: Limits | None = None,
        command: Sequence[str] = _COMMAND,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        limits = limits or Limits()
        self.engine = engine
        arguments = (engine.name, ",".join(engine.languages))
        super().__init__(_Reading((*command, *arguments), limits.seconds), workers, limits, idle_seconds)

    async def read(self, picture: ImagePart) -> PictureText | NotRead:
        """Read a picture. See `do`."""
        return await self.do(picture)


class _Reading:
    """Reading as the work of a pool, see `worker_pool.Work`."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self.command = command
        self.jobs_a_worker = _PICTURES_A_WORKER
        self._seconds = seconds

    def asked(self, job: ImagePart) -> tuple[dict[str, Any], list[bytes]]:
        return {"media_type": job.media_type}, [job.data]

    def read(self, header: dict[str, Any], parts: list[bytes]) -> PictureText | NotRead:
        try:
            if "reason" in header:
                return NotRead(str(header["detail"]), DocumentReason(header["reason"]))
            (text,), turned = parts, header["turned"]
            if turned not in _TURNS:
                raise BadFrame("no turn")
            return PictureText(clean_text(text.decode()), turned)
        except (KeyError, ValueError) as error:
            raise BadFrame("no text of a picture") from error

    def failed(self, failure: Failure) -> NotRead:
        return NotRead(self._told(failure), failure.reason)

    def reason(self, outcome: PictureText | NotRead) -> DocumentReason | None:
        return outcome.kind if isinstance(outcome, NotRead) else None

    def _told(self, failure: Failure) -> str:
        if failure.reason is DocumentReason.TIMEOUT:
            return f"To read it takes longer than {self._seconds:g} seconds."
        if failure.reason is DocumentReason.MEMORY:
            return "To read it takes more memory than the limit."
        said = f" Its last words: {failure.last_words[-200:]}" if failure.last_words else ""
        return f"The engine crashed on this picture.{said}"
