"""By how much a page is askew, found from its pixels."""

import pytest
from tests.ocr.drawing import letter, sheet

from docstage.extraction.ocr.skew import skew_of


@pytest.mark.parametrize("degrees", [-6, -2, 3])
def test_skew_is_found_to_half_a_degree(degrees: int) -> None:
    """It is what must be turned back."""
    askew = letter().rotate(degrees, expand=True, fillcolor="white")
    assert abs(skew_of(askew) + degrees) <= 0.5


def test_level_and_empty_pages_are_left_alone() -> None:
    """Nothing is turned without a reason."""
    assert (skew_of(letter()), skew_of(sheet())) == (0.0, 0.0)
