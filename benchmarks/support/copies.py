"""Many distinct documents made of a few real ones."""

import os
import shutil
import time
import zipfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.support.processes import ROOT
from benchmarks.support.texts import letter
from docstage.extraction.extractors import Limits, Unreadable, extract
from docstage.extraction.known_types import PDF

_AGE_SECONDS = 3_600  # a file that has just changed is read again, because it may be changing still
_BLANKS = str.maketrans("01", " \t")


def originals() -> list[Path]:
    """The sample documents, and those of the folder that the tests use where it is there."""
    folders = (
        ROOT / "samples",
        Path(os.environ.get("DOCSTAGE_CORPUS", ROOT.parent / "shared" / "corpus")),
    )
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*"))]
    return [path for path in files if path.is_file() and path.suffix not in {".py", ".pyc"}]


def pdfs_with_text() -> list[Path]:
    """The PDFs with text among the originals. Others become pictures, which pypdfium2 alone does not make."""
    return [path for path in originals() if path.suffix == ".pdf" and _has_text(path)]


def copy_many(files: Sequence[Path], count: int, folder: Path) -> None:
    """Fill the folder with distinct copies that read the same."""
    for number, file in enumerate(islice(cycle(files), count)):
        copy = folder / f"{number:05} {file.name}"
        shutil.copyfile(file, copy)
        _make_distinct(copy, number)
        _make_old(copy)


def write_letters(count: int, folder: Path) -> None:
    """Fill the folder with small texts."""
    for number in range(count):
        path = folder / f"letter {number:06}.txt"
        path.write_text(letter(number), encoding="utf-8")
        _make_old(path)


def _has_text(path: Path) -> bool:
    try:
        extracted = extract(path.read_bytes(), path.name, Limits())
    except Unreadable:
        return False
    return extracted.media_type == PDF and bool(extracted.text)


def _make_distinct(path: Path, number: int) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = f"copy {number}".encode()
    else:  # blanks behind the end are ignored by every format
        with path.open("ab") as file:
            file.write(f"{number:020b}".translate(_BLANKS).encode())


def _make_old(path: Path) -> None:
    then = time.time() - _AGE_SECONDS
    os.utime(path, (then, then))
