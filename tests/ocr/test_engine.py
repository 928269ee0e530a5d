"""Which engine reads pictures, and what is told where there is none."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ocr.drawing import letter

from docstage.domain.ocr_languages import RAPIDOCR_READS, TESSERACT_DATA
from docstage.extraction.ocr import engine, tesseract
from docstage.extraction.ocr.engine import OcrEngine, how_to_install, installed_engine
from docstage.extraction.ocr.readers import Found
from docstage.extraction.ocr.tesseract_reader import TesseractReader

# Answers as tesseract 5 does, in the forms of its options.
PROGRAM = """#!{python}
import sys
if "--version" in sys.argv:
    print("tesseract 5.3.0\\n leptonica-1.82.0")
elif "--list-langs" in sys.argv:
    print("List of available languages in /data (3):\\neng\\nosd\\nrus")
else:
    assert sys.argv[sys.argv.index("-l") + 1] == "rus"
    size = sys.stdin.buffer.read(20).split()[1:3]
    print("\\t".join("level page block par line word left top width height conf text".split()))
    print("4\\t1\\t1\\t1\\t1\\t0\\t10\\t10\\t300\\t20\\t-1\\t")
    words = [("договор", {score}), ("аренды", {score}), ("|~", 3), (size[0].decode(), {score})]
    for place, (text, score) in enumerate(words):
        left = 10 + 100 * place + (500 if place == 3 else 0)
        score = min(score, 93 if size[0] == b"400" else 20)
        print(f"5\\t1\\t1\\t1\\t1\\t{{place + 1}}\\t{{left}}\\t10\\t90\\t20\\t{{score}}\\t{{text}}")
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a program of the name tesseract where it is found."""

    def put(score: int = 99) -> None:
        program = tmp_path / "tesseract"
        program.write_text(PROGRAM.format(python=sys.executable, score=score))
        program.chmod(0o755)
        tesseract.installed.cache_clear()

    monkeypatch.setenv("PATH", str(tmp_path))
    return put


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What is installed is asked anew, here and afterwards."""
    tesseract.installed.cache_clear()
    yield
    tesseract.installed.cache_clear()


def test_rapidocr_reads_what_it_reads_best() -> None:
    """Without a wish, and for languages whose letters its models know."""
    best, german = installed_engine(), installed_engine(("de", "FR", "de"))
    assert best is not None
    assert german is not None
    assert (best.name, best.languages, german.languages) == ("rapidocr", (), ("de", "fr"))
    assert best.key.startswith("rapidocr-3.10.0-")
    assert german.key == f"{best.key}-de+fr"


def test_keys_stay_short() -> None:
    """However many languages are asked for, and each set has its own."""
    many = OcrEngine("tesseract", "5.3.0", tuple(TESSERACT_DATA))
    fewer = OcrEngine("tesseract", "5.3.0", tuple(TESSERACT_DATA)[1:])
    assert max(len(many.key), len(fewer.key)) <= 60
    assert many.key != fewer.key


def test_tesseract_reads_other_scripts_where_it_has_their_data(install: Install) -> None:
    """Russian is read by it, with what else is asked for; Greek is not, as its data is missing."""
    assert installed_engine(("ru",)) is None
    install()
    assert installed_engine(("ru", "en")) == OcrEngine("tesseract", "5.3.0", ("ru", "en"))
    assert installed_engine(("ru", "el")) is None
    assert "apt-get install tesseract-ocr-ell`" in how_to_install(("ru", "el"))


def test_what_to_install_is_told(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra, or the program with its data."""
    monkeypatch.setattr(engine, "_rapidocr_version", lambda: None)
    assert installed_engine() is None
    assert 'pip install "docstage[ocr]"' in how_to_install()
    assert "apt-get install tesseract-ocr tesseract-ocr-rus`" in how_to_install(("ru",))


def test_unknown_languages_are_refused() -> None:
    """With the names of those that are known."""
    with pytest.raises(ValueError, match=r"not known: xx; known are .*\bde\b"):
        installed_engine(("de", "xx"))


def test_rapidocr_is_asked_only_for_languages_that_have_data_names() -> None:
    """So that tesseract can take over for all of them."""
    assert TESSERACT_DATA.keys() >= RAPIDOCR_READS


def test_tesseract_turns_the_picture_and_keeps_words(install: Install) -> None:
    """A doubtful picture is tried from all sides; what is no word is dropped, and wide gaps part cells."""
    install()
    found = TesseractReader(("ru",)).read(letter())  # upright, it would be 700 pixels wide
    assert [line.text for line in found.lines] == ["договор аренды", "400"]
    assert found.turned == 90


def test_tesseract_finds_no_words_in_noise(install: Install) -> None:
    """Where it is sure of little, all of it is noise."""
    install(score=25)
    assert TesseractReader(("ru",)).read(letter()) == Found(())
