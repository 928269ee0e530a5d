"""Reads with the program tesseract, for languages that rapidocr does not read."""

import io
import os
import re
import subprocess
from statistics import fmean

from PIL import Image

from docstage.domain.ocr_languages import TESSERACT_DATA
from docstage.extraction.extractors.pdf.text import Box
from docstage.extraction.ocr import tesseract
from docstage.extraction.ocr.readers import Found, ReadLine
from docstage.extraction.serving import die_with_parent

# Percent. Words that are read with less are stains and drawings; where the mean is less, all of them are.
_LEAST_WORD = 30.0
_LEAST_MEAN = 55.0
# Words are further apart, in heights of their line, where they are of different cells.
_GAP = 1.2
_TURN = re.compile(r"^Rotate: (90|180|270)$", re.MULTILINE)
_SURENESS = re.compile(r"^Orientation confidence: ([\d.]+)$", re.MULTILINE)
_LEAST_SURENESS = 1.0
_FIELDS = 12
_WORD_LEVEL = "5"


class TesseractReader:
    """See `readers.Reader`.

    Args:
        languages: codes of ISO 639.
    """

    def __init__(self, languages: tuple[str, ...]) -> None:
        program = tesseract.installed()
        if program is None:
            raise FileNotFoundError("The program tesseract is not installed any more.")
        self._path = program.path
        self._can_turn = "osd" in program.languages
        self._languages = "+".join(TESSERACT_DATA[code] for code in languages)

    def read(self, image: Image.Image) -> Found:
        """Find out how the picture has to be turned, then read it."""
        turned = self._turn(image) if self._can_turn else 0
        if turned:
            image = image.rotate(-turned, expand=True)
        told = self._told(image, "--psm", "3", "-l", self._languages, "tsv")
        return Found(_lines(told), turned)

    def _turn(self, image: Image.Image) -> int:
        try:
            told = self._told(image, "--psm", "0", "-l", "osd")
        except subprocess.CalledProcessError:
            return 0  # too few characters to tell
        turn, sure = _TURN.search(told), _SURENESS.search(told)
        return int(turn[1]) if turn and sure and float(sure[1]) >= _LEAST_SURENESS else 0

    def _told(self, image: Image.Image, *options: str) -> str:
        buffer = io.BytesIO()
        image.save(buffer, "PPM")
        done = subprocess.run(  # noqa: S603  (the program and its options are ours)
            [self._path, "-", "-", *options, "--dpi", "200"],
            input=buffer.getvalue(),
            capture_output=True,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
            preexec_fn=die_with_parent,
        )
        return done.stdout.decode("utf-8", "replace")


def _lines(told: str) -> tuple[ReadLine, ...]:
    """The lines of tesseract's TSV: level, page, block, paragraph, line, word, box, confidence, text."""
    words: dict[tuple[str, ...], list[ReadLine]] = {}
    scores: list[float] = []
    for row in told.splitlines()[1:]:
        fields = row.split("\t")
        if len(fields) != _FIELDS or fields[0] != _WORD_LEVEL or not fields[11].strip():
            continue
        score = float(fields[10])
        scores.append(score)
        if score >= _LEAST_WORD:
            left, top, width, height = map(float, fields[6:10])
            box = Box(left, -top - height, left + width, -top)
            words.setdefault(tuple(fields[1:5]), []).append(ReadLine(fields[11].strip(), box))
    if not scores or fmean(scores) < _LEAST_MEAN:
        return ()
    return tuple(part for line in words.values() for part in _parted(line))


def _parted(words: list[ReadLine]) -> list[ReadLine]:
    """A line in parts, where there are wide gaps."""
    height = max(word.box.height for word in words)
    parts = [words[0]]
    for word in words[1:]:
        before = parts[-1]
        if word.box.left - before.box.right > _GAP * height:
            parts.append(word)
        else:
            parts[-1] = ReadLine(f"{before.text} {word.text}", before.box.around(word.box))
    return parts
