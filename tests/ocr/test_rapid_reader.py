"""What is read in pictures, by the real engine."""

import io
import random
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.ocr.drawing import LETTER, letter, png, printed, sheet, write

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Unreadable
from docstage.extraction.ocr.rapid_reader import RapidReader
from docstage.extraction.ocr.reading import PictureText
from docstage.extraction.ocr.worker import read_picture

Read = Callable[[bytes], PictureText]


@pytest.fixture(scope="module")
def read() -> Read:
    """Reads a picture with models that are loaded once."""
    reader = RapidReader()
    return lambda data: read_picture(data, reader)


def of(read: Read, image: Image.Image) -> PictureText:
    """What is read on a page."""
    return read(png(image).data)


def test_lines_keep_their_words_and_order(read: Read) -> None:
    """A page comes out as it is written, line by line."""
    assert of(read, letter()) == PictureText("\n".join(LETTER), 0)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_pages_are_turned_back(read: Read, degrees: int) -> None:
    """A page that lies on a side or is upside down is read as if it stood, and says how it lay."""
    turned = letter().rotate(degrees, expand=True)
    assert of(read, turned) == PictureText("\n".join(LETTER), degrees)


@pytest.mark.parametrize("degrees", [-4, 3])
def test_skewed_pages_keep_their_lines(read: Read, degrees: int) -> None:
    """A scan that is askew by some degrees is read line by line."""
    assert of(read, letter().rotate(degrees, expand=True, fillcolor="white")).text == "\n".join(LETTER)


def test_accents_are_read(read: Read) -> None:
    """Letters of several languages with Latin script."""
    lines = ("Größere Straße für Überweisungen", "L'été, ça dépend du château", "¿Cuánto año? Señor Muñoz")
    assert of(read, printed(lines)).text == "\n".join(lines)


def test_columns_are_read_one_after_the_other(read: Read) -> None:
    """Two columns of running text below a heading that goes over both."""
    left = [f"left column of the text, {word}" for word in ("first", "second", "third", "fourth")]
    right = [f"right column of the text, {word}" for word in ("first", "second", "third", "fourth")]
    page = write(sheet(1000, 400), ["A heading that goes over both of the columns of this page, up to here"])
    write(write(page, left, 40, 120), right, 540, 120)
    text = of(read, page).text
    assert text.splitlines()[0].startswith("A heading")
    assert [line for line in text.splitlines()[1:] if line] == [*left, *right]


def test_tables_keep_their_columns(read: Read) -> None:
    """Figures stand below the head of their column, also beside an empty cell."""
    page = sheet(900, 400)
    for number, row in enumerate(
        [
            ("Item", "2022", "2023", "2024"),
            ("Rent", "1,200", "1,250", "1,300"),
            ("Power", "310", "", "355"),
            ("Water", "95", "99", "102"),
        ]
    ):
        for place, cell in enumerate(row):
            write(page, [cell], 40 + 200 * place, 40 + 50 * number)
    assert of(read, page).text.splitlines() == [
        "| Item | 2022 | 2023 | 2024 |",
        "| --- | --- | --- | --- |",
        "| Rent | 1,200 | 1,250 | 1,300 |",
        "| Power | 310 |  | 355 |",
        "| Water | 95 | 99 | 102 |",
    ]


def test_paragraphs_stay_apart(read: Read) -> None:
    """An empty line is where the page has more room between its lines."""
    page = write(write(sheet(), LETTER[:2]), LETTER[2:], y=190)
    assert of(read, page).text == "\n".join(LETTER[:2]) + "\n\n" + "\n".join(LETTER[2:])


def noise(width: int, height: int) -> Image.Image:
    """A picture as of a photo: patches of colour, without words."""
    chance = random.Random(1)
    small = Image.new("RGB", (12, 9))
    small.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(108)])
    return small.resize((width, height), Image.Resampling.BICUBIC)


def test_long_and_narrow_pictures_keep_their_width(read: Read) -> None:
    """A till roll or a screenshot of a whole conversation, whose letters are small beside its length."""
    lines = [f"entry {number} of the roll" for number in range(1, 41)]
    text = of(read, write(sheet(240, 1_200), lines, 10, 20, 18)).text
    assert text.splitlines() == lines


@pytest.mark.parametrize(
    "image",
    [sheet(), sheet(3, 3), sheet(1, 900), Image.new("L", (300, 300), 120), noise(600, 450)],
    ids=["blank", "tiny", "line", "grey", "photo"],
)
def test_pictures_without_words_have_none(read: Read, image: Image.Image) -> None:
    """Nothing is made up where there is nothing to read."""
    assert of(read, image) == PictureText("")


def as_bytes(image: Image.Image, kind: str) -> bytes:
    """The picture as a file of that kind."""
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def transparent() -> Image.Image:
    """Black words on nothing."""
    image = Image.new("RGBA", (700, 400), (0, 0, 0, 0))
    font = ImageFont.load_default(24)
    for number, line in enumerate(LETTER):
        ImageDraw.Draw(image).text((40, 40 + 36 * number), line, fill=(0, 0, 0, 255), font=font)
    return image


@pytest.mark.parametrize(
    "data",
    [
        as_bytes(letter().convert("1"), "PNG"),
        as_bytes(letter().convert("P"), "PNG"),
        as_bytes(letter().convert("CMYK"), "JPEG"),
        as_bytes(transparent(), "PNG"),
        as_bytes(letter().convert("L").convert("I").point(lambda value: value * 256).convert("I;16"), "PNG"),
        as_bytes(letter().resize((2800, 1600)), "JPEG"),
    ],
    ids=["1 bit", "palette", "CMYK", "transparent", "16 bits", "large"],
)
def test_every_kind_of_picture_is_read(read: Read, data: bytes) -> None:
    """However its pixels are kept."""
    assert read(data).text.split("\n")[-1] == LETTER[-1]


@pytest.mark.parametrize("data", [b"", b"no picture", png(letter()).data[:500]])
def test_broken_pictures_are_told(read: Read, data: bytes) -> None:
    """Bytes that are no picture, or the beginning of one."""
    with pytest.raises(Unreadable) as caught:
        read(data)
    assert caught.value.reason is DocumentReason.DAMAGED


def test_bombs_are_not_decoded(read: Read) -> None:
    """A small file that claims to have more pixels than fit into memory."""
    data = bytearray(png(sheet(8, 8)).data)
    data[16:24] = (60_000).to_bytes(4) + (60_000).to_bytes(4)
    # Its checksum is mended, so that only the size is wrong.
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4)
    with pytest.raises(Unreadable) as caught:
        read(bytes(data))
    assert caught.value.reason is DocumentReason.TOO_COMPLEX
