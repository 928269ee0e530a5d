"""Reads with the program tesseract, for languages that rapidocr does not read."""

import io
import os
import subprocess
from dataclasses import dataclass
from statistics import fmean

from PIL import Image

from docstage.domain.ocr_languages import TESSERACT_DATA
from docstage.extraction.extractors.pdf.text import Box
from docstage.extraction.ocr import tesseract
from docstage.extraction.ocr.readers import Found, ReadLine
from docstage.extraction.ocr.skew import skew_of
from docstage.extraction.serving import die_with_parent

# Percent. Words that are read with less are stains and drawings; where the mean is less, all of them are.
_LEAST_WORD = 30.0
_LEAST_MEAN = 55.0
# A picture that is read with less may lie on a side or be upside down.
_SURE = 80.0
_TURNS = (90, 180, 270)
# Words are further apart, in heights of their line, where they are of different cells.
_GAP = 1.2
_FIELDS = 12
_WORD_LEVEL = "5"
# One column of text of any size; what its lines have beside each other is put in order here.
_LAYOUT = "4"
_WORD_LETTERS = 3


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
        self._languages = "+".join(TESSERACT_DATA[code] for code in languages)

    def read(self, image: Image.Image) -> Found:
        """Read the picture as it is, and turned where that leaves a doubt."""
        read, turned = self._read(image), 0
        if not read.is_sure:
            others = {turn: self._read(image.rotate(-turn, expand=True)) for turn in _TURNS}
            best = max(others, key=lambda turn: others[turn].weight)
            if others[best].weight > read.weight:
                read, turned = others[best], best
        return Found(read.lines, turned) if read.lines else Found(())

    def _read(self, image: Image.Image) -> "_Read":
        skew = skew_of(image)
        if skew:
            image = image.rotate(skew, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
        return _Read.of(self._told(image, "--psm", _LAYOUT, "-l", self._languages, "tsv"))

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


@dataclass(frozen=True, slots=True)
class _Read:
    """Words that were read in a picture, with how sure tesseract is of each, in percent."""

    words: dict[tuple[str, ...], list[ReadLine]]
    scores: list[float]

    @classmethod
    def of(cls, told: str) -> "_Read":
        """From TSV: level, page, block, paragraph, line, word, box, confidence, text."""
        words: dict[tuple[str, ...], list[ReadLine]] = {}
        scores: list[float] = []
        for row in told.splitlines()[1:]:
            fields = row.split("\t")
            if len(fields) != _FIELDS or fields[0] != _WORD_LEVEL or not fields[11].strip():
                continue
            left, top, width, height = map(float, fields[6:10])
            # Also what runs up or down is read, but in no order.
            is_level = width >= height or len(fields[11]) < _WORD_LETTERS
            scores.append(float(fields[10]) if is_level else 0.0)
            if scores[-1] >= _LEAST_WORD:
                box = Box(left, -top - height, left + width, -top)
                words.setdefault(tuple(fields[1:5]), []).append(ReadLine(fields[11].strip(), box))
        return cls(words, scores)

    @property
    def is_sure(self) -> bool:
        """Whether there can be no doubt that it was read upright."""
        return bool(self.scores) and fmean(self.scores) >= _SURE

    @property
    def weight(self) -> float:
        """How much speaks for it: words that are sure, against those that are not."""
        return sum(score - _LEAST_MEAN for score in self.scores)

    @property
    def lines(self) -> tuple[ReadLine, ...]:
        """Its lines; none where it is noise."""
        if not self.scores or fmean(self.scores) < _LEAST_MEAN:
            return ()
        return tuple(part for line in self.words.values() for part in _parted(line))


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
