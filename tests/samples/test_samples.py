"""The repository's sample documents can be read, and say what their list says."""

import re
from pathlib import Path

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits, Unreadable, extract

SAMPLES = Path(__file__).parents[2] / "samples"
_ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|[^|]*\|[^|]*\|(?P<amount>[^|]*)\|", re.MULTILINE)
LISTED = {row["name"]: row["amount"].strip() for row in _ROW.finditer((SAMPLES / "README.md").read_text())}
BROKEN = {"broken/damaged.pdf": DocumentReason.DAMAGED, "broken/empty.txt": DocumentReason.EMPTY}
PICTURE = "scans/receipt.png"


def test_the_list_names_every_sample() -> None:
    """No file is missing from the list, none is listed that does not exist."""
    found = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.*")}
    assert found == LISTED.keys()
    assert sum((SAMPLES / name).stat().st_size for name in found) < 150_000


@pytest.mark.parametrize("name", sorted(LISTED.keys() - BROKEN.keys() - {PICTURE}))
def test_the_text_has_the_listed_amount(name: str) -> None:
    """Text comes out of each readable sample, with the amount of money that the list gives."""
    path = SAMPLES / name
    text = extract(path.read_bytes(), path.name, Limits()).text
    assert len(text) > 200
    if amount := re.search(r"[\d,]+\.\d\d", LISTED[name]):
        assert re.search(f"{amount.group()}|{float(amount.group().replace(',', ''))}", text)


def test_the_scan_is_a_picture() -> None:
    """The receipt has no text, only a picture."""
    content = extract((SAMPLES / PICTURE).read_bytes(), "receipt.png", Limits())
    assert (content.text, len(content.images)) == ("", 1)


@pytest.mark.parametrize("name", BROKEN)
def test_the_broken_samples_cannot_be_read(name: str) -> None:
    """They are there to show how failures look."""
    path = SAMPLES / name
    with pytest.raises(Unreadable) as caught:
        extract(path.read_bytes(), path.name, Limits())
    assert caught.value.reason is BROKEN[name]
