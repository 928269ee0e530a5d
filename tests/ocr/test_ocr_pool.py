"""Workers that read pictures: real processes, which crash, hang and are idle."""

import asyncio
import sys
from pathlib import Path

import pytest
from tests.ocr.drawing import LETTER, letter, png
from tests.support.waiting import PATIENCE, is_gone

from docstage.domain.content import DocumentReason, ImagePart
from docstage.extraction.extractors import Limits
from docstage.extraction.ocr.engine import OcrEngine, installed_engine
from docstage.extraction.ocr.pool import OcrPool
from docstage.extraction.ocr.reading import NotRead, PictureText

# A worker whose pictures are orders, such as a hostile one could give in a decoder with a hole.
OBEDIENT_WORKER = """
import os, signal, socket, sys, time
from docstage.extraction.ocr import worker
from docstage.extraction.ocr.reading import PictureText

worker.reader_of = lambda name, languages: None

def obey(picture, reader):
    order, _, mark = picture.decode().partition(" ")
    if order == "hang":
        open(mark, "w").write(str(os.getpid()))
        time.sleep(1_000)
    if order == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "once" and not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "eat":
        hog = [bytearray(1 << 24) for _ in range(1 << 20)]
    if order == "raise":
        raise ValueError("no such picture")
    if order == "connect":
        socket.create_connection(("127.0.0.1", int(mark)))
    return PictureText(str(os.getpid()), 90)

worker.main(obey)
"""
ENGINE = OcrEngine("obedient", "1")


def obedient(limits: Limits | None = None, idle_seconds: float = 60.0) -> OcrPool:
    """A pool of one worker that does what pictures say."""
    return OcrPool(ENGINE, 1, limits, (sys.executable, "-c", OBEDIENT_WORKER), idle_seconds)


async def ask(pool: OcrPool, order: str) -> PictureText | NotRead:
    """Give an order."""
    return await pool.read(ImagePart("image/png", order.encode()))


async def kind(pool: OcrPool, order: str) -> DocumentReason:
    """Why an order has no text."""
    outcome = await ask(pool, order)
    assert isinstance(outcome, NotRead), outcome
    return outcome.kind


async def test_a_picture_is_read_by_the_real_engine() -> None:
    """The words come through the process, with its models and without its limits being felt."""
    engine = installed_engine()
    assert engine is not None
    async with OcrPool(engine, 1) as pool:
        assert await pool.read(png(letter())) == PictureText("\n".join(LETTER), 0)
        broken = await pool.read(ImagePart("image/png", b"broken"))
    assert isinstance(broken, NotRead)
    assert (broken.kind, broken.reason) == (DocumentReason.DAMAGED, "The picture is damaged or cut off.")


async def test_each_picture_costs_itself_alone(tmp_path: Path) -> None:
    """After a crash, a bomb and an error the next picture is read, by a new worker where it must be."""
    async with obedient() as pool:
        first = await ask(pool, "pid")
        assert await kind(pool, "raise") is DocumentReason.CRASHED
        assert await kind(pool, "kill") is DocumentReason.CRASHED
        assert await kind(pool, "eat") is DocumentReason.MEMORY
        assert isinstance(await ask(pool, f"once {tmp_path / 'mark'}"), PictureText)
        last = await ask(pool, "pid")
    assert isinstance(first, PictureText)
    assert isinstance(last, PictureText)
    assert first.text != last.text
    assert last.turned == 90


async def test_a_picture_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After its time its worker is gone."""
    mark = tmp_path / "pid"
    async with obedient(Limits(seconds=2.0)) as pool:
        assert await ask(pool, f"hang {mark}") == NotRead(
            "To read it takes longer than 2 seconds.", DocumentReason.TIMEOUT
        )
        assert is_gone(int(mark.read_text()))


async def test_an_idle_worker_ends_and_another_takes_its_place() -> None:
    """It holds its models only for as long as they are needed."""
    async with obedient(idle_seconds=0.0) as pool:
        first = await ask(pool, "pid")
        assert isinstance(first, PictureText)
        async with asyncio.timeout(PATIENCE):
            while not is_gone(int(first.text)):
                await asyncio.sleep(0.01)
        second = await ask(pool, "pid")
    assert isinstance(second, PictureText)
    assert second.text != first.text


async def test_a_closed_pool_leaves_no_worker() -> None:
    """Also none that was idle."""
    pool = obedient()
    first = await ask(pool, "pid")
    await pool.close()
    assert isinstance(first, PictureText)
    assert is_gone(int(first.text))
    with pytest.raises(RuntimeError):
        await ask(pool, "pid")


async def test_no_worker_uses_the_network() -> None:
    """A library that would load something is refused, whatever listens."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1")
    async with server, obedient() as pool:
        port = server.sockets[0].getsockname()[1]
        outcome = await ask(pool, f"connect {port}")
    assert isinstance(outcome, NotRead)
    assert "uses no network" in outcome.reason
