"""Reading pictures: how fast, in how much memory and how well, on pages whose words are known."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image
from tests.ocr.drawing import png, printed

from benchmarks.support.figures import Figure, Options, at_most
from benchmarks.support.processes import cpu_seconds, peak_mb
from docstage.domain.content import ImagePart
from docstage.extraction.ocr import tesseract
from docstage.extraction.ocr.engine import OcrEngine, installed_engine
from docstage.extraction.ocr.pool import OcrPool
from docstage.extraction.ocr.reading import NotRead, PictureText

TEXTS = {
    "en": "The tenant pays the rent of 1,234.50 EUR by the third working day of each month, see clause 4.2.",
    "de": "Die Gesellschaft übernimmt größere Verpflichtungen gemäß § 14 Absatz 3, zahlt 1.234,50 € im März.",
    "fr": "Le maître d'œuvre s'est engagé à exécuter les travaux dès réception de 12 500 €, à Besançon.",
    "es": "El señor Muñoz pidió una explicación sobre la habitación del año próximo. ¿Cuánto cuesta? 300 €.",
}
DATA = {"en": "eng", "de": "deu", "fr": "fra", "es": "spa"}
ANGLES = (0, 90, 180, 270, 3, -5)
_LINE_WORDS = 9
_LINES, _FEW_LINES = 40, 12
_MOST_ERRORS = 1.0


def measure(options: Options) -> list[Figure]:
    """Every figure. Nothing where the extra `ocr` is not installed."""
    engine = installed_engine()
    if engine is None:
        print("ocr: skipped, docstage[ocr] is not installed")
        return []
    return asyncio.run(_measure(engine, options))


async def _measure(engine: OcrEngine, options: Options) -> list[Figure]:
    lines, times = (_FEW_LINES, 1) if options.quick else (_LINES, 3)
    pages = [_page(text, lines)[0] for text in TEXTS.values()] * times
    async with OcrPool(engine, 1) as pool:
        begun = time.monotonic()
        await pool.read(png(Image.effect_noise((64, 64), 100)))
        figures = [Figure("start of a worker, with its models", time.monotonic() - begun, "s")]
        one, _, _ = await _rate(pool, pages)
    async with OcrPool(engine, 2) as pool:
        await asyncio.gather(*(pool.read(page) for page in pages[:2]))
        rate, cpu, memory = await _rate(pool, pages)
    figures += [
        Figure("pages a minute, two workers (reference: one)", rate, "pages", one),
        Figure("processor time of a page", cpu, "s"),
        Figure("peak memory of a worker", memory, "MB"),
    ]
    async with OcrPool(engine) as pool:
        for language in TEXTS:
            for angle in ANGLES if language == "de" else ANGLES[:1]:
                figures.append(await _errors(pool, language, angle))
    return figures


async def _rate(pool: OcrPool, pages: Sequence[ImagePart]) -> tuple[float, float, float]:
    """Pages a minute, processor seconds a page, and the memory of the largest worker in MB."""
    begun, before = time.monotonic(), sum(map(cpu_seconds, _workers()))
    await asyncio.gather(*(pool.read(page) for page in pages))
    workers = list(_workers())
    cpu = (sum(map(cpu_seconds, workers)) - before) / len(pages)
    rate = 60 * len(pages) / (time.monotonic() - begun)
    return rate, cpu, max(map(peak_mb, workers), default=float("nan"))


async def _errors(pool: OcrPool, language: str, angle: int) -> Figure:
    """Characters that are wrong, beside those of tesseract where it is installed with the data."""
    page, text = _page(TEXTS[language], _FEW_LINES, angle)
    program = tesseract.installed()
    reference = None
    if program and DATA[language] in program.languages:
        async with OcrPool(OcrEngine("tesseract", program.version, (language,)), 1) as other:
            reference = _share_of_errors(await other.read(page), text)
    value = _share_of_errors(await pool.read(page), text)
    name = f"characters wrong, {language}, turned by {angle}°"
    return Figure(name, value, "%", reference, at_most(value, _MOST_ERRORS, f"at most {_MOST_ERRORS:g} %"))


def _page(text: str, count: int, angle: int = 0) -> tuple[ImagePart, str]:
    """An A4 page at 200 dpi, and what is on it."""
    words = text.split()
    lines = [
        " ".join(words[(start + place) % len(words)] for place in range(_LINE_WORDS))
        for start in range(count)
    ]
    image = printed(lines, 11, 595, 842, 200).rotate(angle, expand=True, fillcolor="white")
    return png(image), "\n".join(lines)


def _share_of_errors(read: PictureText | NotRead, text: str) -> float:
    """Levenshtein's distance in percent of the text, blanks and line breaks being alike."""
    found = " ".join(read.text.split()) if isinstance(read, PictureText) else ""
    wanted = " ".join(text.split())
    row = list(range(len(found) + 1))
    for number, letter in enumerate(wanted, 1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(found, 1):
            least = min(row[place] + 1, row[place - 1] + 1, diagonal + (letter != other))
            diagonal, row[place] = row[place], least
    return 100 * row[-1] / len(wanted)


def _workers() -> Iterator[int]:
    """The processes that this one has started and that live."""
    for children in Path("/proc/self/task").glob("*/children"):
        yield from map(int, children.read_text().split())
