"""What a connection is expected to take, once it has told what it took."""

import pytest

from docstage.domain.calibration import UNKNOWN, Calibration

_DOCUMENTS = (60, 130, 300, 700, 1_500, 4_000, 9_000, 20_000)


def _after(slope: float, offset: float, *documents: int) -> Calibration:
    return UNKNOWN.learn((one, round(slope * one + offset)) for one in documents)


def test_nothing_known_changes_nothing() -> None:
    """Without calls it is what the scripts of the texts let expect."""
    assert (UNKNOWN.tokens(1_234.0, 5), UNKNOWN.calls) == (1_234, 0)


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (1.17, 24.0), (0.5, 350.0), (3.4, 12.0)])
def test_ratio_and_template_are_found(slope: float, offset: float) -> None:
    """Short documents show what a template adds to each call, long ones how the tokenizer counts."""
    known = _after(slope, offset, *_DOCUMENTS)
    assert known.tokens(2_000) == pytest.approx(slope * 2_000 + offset, rel=0.01)
    assert known.tokens(100) == pytest.approx(slope * 100 + offset, rel=0.02)
    assert known.tokens(sum(_DOCUMENTS), len(_DOCUMENTS)) == pytest.approx(known.told, rel=0.001)
    assert known.expecting(known.tokens(5_000)) == pytest.approx(5_000, rel=0.001)


def test_one_call_moves_it_by_a_third() -> None:
    """Two calls as expected stand against it."""
    assert _after(4.0, 0.0, 100).tokens(100) == 200


def test_calls_alike_give_a_ratio() -> None:
    """A line cannot be drawn through one point."""
    assert _after(1.5, 0.0, *[400] * 50).tokens(800) == pytest.approx(1_200, rel=0.03)


def test_an_odd_line_is_not_taken() -> None:
    """One that would expect less than nothing of short documents, or little of any: then a ratio serves."""
    known = UNKNOWN.learn((one, max(1, round(1.4 * one - 50))) for one in _DOCUMENTS)
    assert known.tokens(10) > 0


def test_a_changed_server_is_followed() -> None:
    """Older calls fade."""
    known = UNKNOWN
    for _ in range(30):
        known = known.learn([(one, one) for one in _DOCUMENTS * 10])
    for _ in range(60):
        known = known.learn([(one, 2 * one) for one in _DOCUMENTS * 10])
    assert known.tokens(1_000) == pytest.approx(2_000, rel=0.05)
    assert known.calls == 90 * 80
    assert known.weight <= 1_001
