"""Which engine reads pictures here. Cheap to import: neither an engine nor its libraries are loaded."""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from docstage.domain.ocr_languages import RAPIDOCR_READS, TESSERACT_DATA, asked_languages
from docstage.extraction.ocr import tesseract

RAPIDOCR = "rapidocr"
TESSERACT = "tesseract"

# Raised when the same picture gives another text by the same engine.
_READING_VERSION = "1"
_LONGEST_LANGUAGES = 24

HOW_TO_INSTALL = (
    'Install it with `pip install "docstage[ocr]"` (some 100 MB to download, 350 MB on the disk), then '
    "restart docstage."
)


@dataclass(frozen=True, slots=True)
class OcrEngine:
    """What reads pictures.

    Attributes:
        name: `rapidocr` or `tesseract`.
        version: of the library or program, with which its models come.
        languages: codes of ISO 639 that it was asked to read; empty: what it reads best.
    """

    name: str
    version: str
    languages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Short and stable: what was read under the same key need not be read again."""
        joined = "+".join(self.languages)
        if len(joined) > _LONGEST_LANGUAGES:
            joined = hashlib.sha256(joined.encode()).hexdigest()[:_LONGEST_LANGUAGES]
        return "-".join(filter(None, (self.name, self.version, _READING_VERSION, joined)))

    @property
    def title(self) -> str:
        """As people are told, such as `rapidocr 3.10.0`."""
        return f"{self.name} {self.version}"

    @property
    def reads(self) -> str:
        """Which languages, as people are told after its title."""
        if self.languages:
            return f"in the languages {', '.join(self.languages)}"
        return "in Chinese, Japanese and most languages with Latin letters"


def installed_engine(languages: tuple[str, ...] = ()) -> OcrEngine | None:
    """The engine that reads these languages here; None where there is none, see `how_to_install`.

    rapidocr where it reads all of them, else tesseract where it has the data of all of them.

    Args:
        languages: as the setting `ocr_languages` says; empty: what the engine reads best.

    Raises:
        ValueError: when a language is not known.
    """
    asked = asked_languages(languages)
    version = _rapidocr_version() if RAPIDOCR_READS.issuperset(asked) else None
    if version:
        return OcrEngine(RAPIDOCR, version, asked)
    program = tesseract.installed() if asked else None
    if program and program.languages.issuperset(TESSERACT_DATA[code] for code in asked):
        return OcrEngine(TESSERACT, program.version, asked)
    return None


def how_to_install(languages: tuple[str, ...] = ()) -> str:
    """What to do where no engine reads these languages."""
    others = [code for code in asked_languages(languages) if code not in RAPIDOCR_READS]
    if not others:
        return HOW_TO_INSTALL
    program = tesseract.installed()
    has = program.languages if program else frozenset()
    wanted = [TESSERACT_DATA[code] for code in asked_languages(languages) if TESSERACT_DATA[code] not in has]
    packages = [f"tesseract-ocr-{one.replace('_', '-')}" for one in wanted if one != "eng"]
    named = " ".join(packages if program else ["tesseract-ocr", *packages])
    return (
        f"The languages {', '.join(others)} are read by the program tesseract with their data. Install it; "
        f"on Debian and Ubuntu: `apt-get install {named}`. Then restart docstage."
    )


@cache
def _rapidocr_version() -> str | None:
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        return None
    return importlib.metadata.version("rapidocr")
