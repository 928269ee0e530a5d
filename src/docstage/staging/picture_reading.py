"""The part of staging between encoding and layout: the words of pictures, read by OCR.

A picture is the unit of work and of durability: what was read of one is kept, whatever becomes of the job,
and the same picture is read once, wherever it stands. A document whose pictures were read has another content
than before, made of its own.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from docstage.clock import Clock
from docstage.domain.content import TOKENS_PER_IMAGE, Content, DocumentStatus, ImagePart
from docstage.domain.handling import Ocr
from docstage.domain.picture_words import Words, with_words
from docstage.domain.receipt import in_words
from docstage.domain.snapshot import RunSnapshot
from docstage.extraction.ocr.engine import OcrEngine
from docstage.extraction.ocr.reading import NotRead, PictureText
from docstage.models.catalogue import sees_images
from docstage.staging.run_guard import Fence
from docstage.store import content_pieces, contents, picture_texts
from docstage.store.contents import NewContent, NewMembers
from docstage.store.documents import Verdict
from docstage.store.picture_texts import NewPictureText, Pictured, PictureOfContent
from docstage.stored_text import compress

_DIGEST = 12
DOCUMENTS = 50  # whose pictures are read before their contents are made


class Reads(Protocol):
    """What reads pictures: an `OcrPool`."""

    engine: OcrEngine

    @property
    def workers(self) -> int:
        """Pictures at once."""
        ...

    async def read(self, picture: ImagePart) -> PictureText | NotRead:
        """Read a picture."""
        ...


def folders_to_read(snapshot: RunSnapshot) -> list[int]:
    """The folders of a run in whose pictures words are wanted."""
    is_needed = not all(sees_images(one) for one in snapshot.connections)
    wanted = {Ocr.ALWAYS, Ocr.WHEN_NEEDED} if is_needed else {Ocr.ALWAYS}
    return [one.id for one in snapshot.folders if one.ocr in wanted]


@dataclass(slots=True)
class PictureReader:
    """Reads the pictures of a run's documents.

    Attributes:
        folders: those in whose pictures words are wanted.
        since: the run's beginning; what could not be read before is tried again.
        done: pictures that were read.
    """

    fence: Fence
    pool: Reads
    clock: Clock
    folders: Sequence[int]
    since: float
    done: int = 0

    async def read_all(self) -> None:
        """Read them.

        Raises:
            Superseded: the batch was cancelled meanwhile.
            Unavailable: workers cannot be started, or the database does not answer.
        """
        after = 0
        while page := await asyncio.to_thread(self._next, after):
            after = page[-1].id
            pictures = await asyncio.to_thread(self._pictures, {one.content_key for one in page})
            await self._read(await asyncio.to_thread(self._unread, pictures))
            for one in page:
                mine = [picture for picture in pictures if picture.content_key == one.content_key]
                await asyncio.to_thread(self._take, one, mine)

    def _next(self, after: int) -> list[Pictured]:
        with self.fence.database.read() as c:
            return picture_texts.pictured_documents(c, self.fence.run_id, self.folders, after, DOCUMENTS)

    def _pictures(self, keys: Iterable[str]) -> list[PictureOfContent]:
        with self.fence.write() as c:  # hashes of old ones are stored
            return [one for key in sorted(keys) for one in picture_texts.pictures_of(c, key)]

    def _unread(self, pictures: Sequence[PictureOfContent]) -> list[PictureOfContent]:
        """One place of each picture that is not known."""
        with self.fence.database.read() as c:
            known = self._known(c, pictures)
        return list({one.sha256: one for one in pictures if one.sha256 not in known}.values())

    def _known(self, c: Connection, pictures: Sequence[PictureOfContent]) -> dict[str, Words]:
        hashes = {one.sha256 for one in pictures}
        return picture_texts.known_words(c, hashes, self.pool.engine.key, self.since)

    async def _read(self, pictures: list[PictureOfContent]) -> None:
        async def read_some() -> None:
            while pictures:
                await self._read_one(pictures.pop(0))

        readers = [asyncio.create_task(read_some()) for _ in range(min(self.pool.workers, len(pictures)))]
        try:
            await asyncio.gather(*readers)
        finally:
            for one in readers:
                one.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def _read_one(self, picture: PictureOfContent) -> None:
        image = await asyncio.to_thread(self._load, picture)
        if image is not None:
            outcome = await self.pool.read(image)
            await asyncio.to_thread(self._keep, picture.sha256, outcome)
            self.done += 1

    def _load(self, picture: PictureOfContent) -> ImagePart | None:
        with self.fence.database.read() as c:
            return content_pieces.load_image(c, picture.content_key, picture.number)

    def _keep(self, sha256: str, outcome: PictureText | NotRead) -> None:
        read = outcome if isinstance(outcome, PictureText) else None
        problem = outcome.reason if isinstance(outcome, NotRead) else None
        turned, text = (read.turned, read.text) if read else (0, None)
        new = NewPictureText(sha256, self.pool.engine.key, text, turned, problem, self.clock.now())
        with self.fence.write() as c:
            picture_texts.keep_words(c, [new])

    def _take(self, document: Pictured, pictures: Sequence[PictureOfContent]) -> None:
        """Give the document the content with the words of its pictures, which is stored first."""
        made = self._made(document.content_key, pictures)
        if made is None:
            return  # its content is gone or damaged, which the calls will tell
        new, members = made
        with self.fence.write() as c:
            if contents.keep_contents(c, [document.content_key]):
                contents.insert_contents(c, [new], [], members)
        with self.fence.write() as c:
            if contents.keep_contents(c, [document.content_key, new.key]) == {document.content_key, new.key}:
                picture_texts.take_content(c, document.id, new.key, new.verdict)

    def _made(
        self, key: str, pictures: Sequence[PictureOfContent]
    ) -> tuple[NewContent, list[NewMembers]] | None:
        with self.fence.database.read() as c:
            verdict = contents.verdicts(c, [key]).get(key)
            text, receipt = content_pieces.load_text(c, key), contents.load_receipt(c, key)
            known = self._known(c, pictures)
            members = contents.load_members(c, [key])
        if verdict is None or text is None or receipt is None:
            return None
        words = {one.number: known[one.sha256] for one in pictures if one.sha256 in known}
        read, receipt = with_words(text, receipt, words, self.pool.engine.title)
        counted = Content(read).text_tokens
        made = Verdict(
            status=str(DocumentStatus.ENCODED),
            reason=verdict.reason,
            detail=in_words(receipt),
            media_type=verdict.media_type,
            pages=verdict.pages,
            images=verdict.images,
            characters=len(read),
            tokens=counted.expected + TOKENS_PER_IMAGE * verdict.images,
            least_tokens=counted.least,
            most_tokens=counted.most,
            parts=receipt.filled_parts,
            pictured_parts=receipt.pictured_parts,
            losses=receipt.losses,
        )
        told = json.dumps(receipt.to_json())
        # What a later staging reads that this one could not makes another content.
        digest = hashlib.sha256(f"{read}\0{told}".encode()).hexdigest()[:_DIGEST]
        new_key = picture_texts.read_key(key, f"{self.pool.engine.key}-{digest}")
        new = NewContent(new_key, made, compress(read), self.clock.now(), compress(told))
        return new, [NewMembers(new_key, one) for one in members.values()]
