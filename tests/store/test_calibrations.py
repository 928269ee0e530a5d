"""What connections really count is kept, apart by connection and model."""

from sqlalchemy import Connection

from docstage.domain.calibration import UNKNOWN
from docstage.store import calibrations
from docstage.store.calibrations import CountedCall
from docstage.store.database import Database


def _known(c: Connection, connection_id: int, model: str) -> tuple[int, int]:
    known = calibrations.calibration(c, connection_id, model)
    return known.calls, known.tokens(1_000)


def test_calls_are_learnt_from(database: Database) -> None:
    """A group after another, each connection and model by itself."""
    small = [CountedCall(1, "small", 100, 150)] * 40
    with database.write() as c:
        calibrations.learn(c, [*small, CountedCall(1, "large", 100, 100), CountedCall(2, "small", 100, 80)])
        calibrations.learn(c, small)
    with database.read() as c:
        assert calibrations.calibration(c, 3, "small") == UNKNOWN
        assert _known(c, 1, "small") == (80, 1_488)
        assert _known(c, 1, "large") == (1, 1_000)
        assert _known(c, 2, "small")[0] == 1


def test_what_is_known_can_be_forgotten(database: Database) -> None:
    """With its connection."""
    with database.write() as c:
        calibrations.learn(c, [CountedCall(1, "small", 100, 150), CountedCall(2, "small", 100, 150)])
        calibrations.forget(c, 1)
        assert calibrations.calibration(c, 1, "small") == UNKNOWN
        assert calibrations.calibration(c, 2, "small").calls == 1
