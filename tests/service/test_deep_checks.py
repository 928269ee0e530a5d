"""The deep check: a healthy database is clean, and every invariant that is broken on purpose is found."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.apps import Bench
from tests.support.benches import postgres_bench, sqlite_bench
from tests.support.populated import populate

from docstage.domain.lifecycle import BatchStatus
from docstage.service.system import deep_checks
from docstage.store.invariants import EXAMPLES, INVARIANTS

_COMPLETED, _FAILED, _RUNNING, _QUEUED = 2, 3, 1, 0
_IN = "SELECT run_id FROM batch WHERE status = '{}'"
_TASK = "(SELECT min(id) FROM task WHERE status = {} AND run_id = (" + _IN + "))"
_CLOSED = "(SELECT min(id) FROM run WHERE closed_at IS NOT NULL)"
_ANSWERED = _TASK.format(_COMPLETED, "COMPLETED")
_BUSY = _TASK.format(_RUNNING, "ANALYZING")
_LAST = "(SELECT max(id) FROM event WHERE batch_id = (SELECT id FROM batch WHERE status = '{}'))"
_TEXT = "(SELECT min(key) FROM content.content WHERE images = 0)"

# Each is broken by statements that both databases know; all other invariants hold unless they are named.
BREAKS: list[tuple[str, Sequence[str], set[str]]] = [
    ("current runs", ["UPDATE batch SET runs = runs + 1 WHERE status = 'STAGED'"], set()),
    ("current runs", ["UPDATE batch SET run_id = NULL WHERE status = 'STAGED'"], {"closed runs"}),
    ("current runs", ["UPDATE run SET closed_at = 1 WHERE id = (" + _IN.format("STAGING") + ")"], set()),
    ("closed runs", [f"UPDATE run SET closed_at = NULL WHERE id = {_CLOSED}"], set()),
    ("staged runs", ["UPDATE run SET staged_at = NULL WHERE id = (" + _IN.format("PAUSED") + ")"], set()),
    ("staged runs", ["UPDATE run SET scanned = (1 = 0) WHERE id = (" + _IN.format("PAUSED") + ")"], set()),
    (
        "work of closed runs",
        [
            f"UPDATE task SET status = 0 WHERE run_id = {_CLOSED} AND status = 2",
            f"DELETE FROM result WHERE task_id IN (SELECT id FROM task WHERE run_id = {_CLOSED})",
            f"UPDATE attempt SET outcome = 'discarded' WHERE outcome = 'completed' AND task_id IN "
            f"(SELECT id FROM task WHERE run_id = {_CLOSED})",
            f"UPDATE tally SET completed = 0, queued = 3 WHERE run_id = {_CLOSED}",
        ],
        set(),
    ),
    (
        "work of batches at rest",
        [
            f"UPDATE task SET status = 0 WHERE id = {_TASK.format(_FAILED, 'COMPLETED')}",
            "UPDATE tally SET failed = 0, queued = 1 WHERE run_id = (" + _IN.format("COMPLETED") + ")",
        ],
        set(),
    ),
    (
        "work of batches at rest",
        [
            f"UPDATE task SET status = 1 WHERE id = {_TASK.format(_QUEUED, 'STAGED')}",
            "UPDATE tally SET queued = 2, running = 1 WHERE run_id = (" + _IN.format("STAGED") + ")",
        ],
        {"calls in flight"},
    ),
    (
        "completed batches",
        [
            "UPDATE batch SET status = 'COMPLETED' WHERE status = 'STAGED'",
        ],
        {"last events", "work of batches at rest"},
    ),
    ("events", [f"UPDATE event SET action = 'rerun' WHERE id = {_LAST.format('PAUSED')}"], set()),
    ("events", [f"UPDATE event SET from_status = 'STAGED' WHERE id = {_LAST.format('PAUSED')}"], set()),
    ("events", [f"UPDATE event SET actor = 'user' WHERE id = {_LAST.format('COMPLETED')}"], set()),
    ("last events", [f"DELETE FROM event WHERE id = {_LAST.format('PAUSED')}"], set()),
    ("last events", ["UPDATE batch SET version = version + 1 WHERE status = 'SAVED'"], set()),
    ("last events", ["UPDATE batch SET status = 'PAUSED' WHERE status = 'ANALYZING'"], set()),
    ("task counters", ["UPDATE tally SET queued = queued + 1 WHERE completed > 0"], set()),
    ("task counters", ["DELETE FROM tally WHERE run_id = (" + _IN.format("STAGED") + ")"], set()),
    ("call counters", ["UPDATE tally SET cost = cost - 1 WHERE calls > 0"], set()),
    ("call counters", ["UPDATE tally SET latency_ms = latency_ms + 5 WHERE calls > 0"], set()),
    ("call counters", ["UPDATE tally SET unpriced_calls = 1 WHERE calls > 0"], set()),
    ("ledger", ["UPDATE spending SET cost = cost - 1"], set()),
    ("ledger", ["DELETE FROM spending"], set()),
    (
        "matrix",
        [
            f"DELETE FROM task WHERE id = {_TASK.format(_QUEUED, 'STAGED')}",
            "UPDATE tally SET queued = 2 WHERE run_id = (" + _IN.format("STAGED") + ")",
        ],
        set(),
    ),
    (
        "matrix",
        [
            "UPDATE task SET document_id = (SELECT min(id) FROM document WHERE status = 'SKIPPED') "
            f"WHERE id = {_TASK.format(_QUEUED, 'STAGED')}"
        ],
        set(),
    ),
    (
        "matrix",
        [
            f"UPDATE task SET prompt_id = 99 WHERE id = {_TASK.format(_QUEUED, 'STAGED')}",
        ],
        {"task counters"},
    ),
    ("answers", [f"DELETE FROM result WHERE task_id = {_ANSWERED}"], set()),
    (
        "answers",
        [
            "INSERT INTO result (task_id, text, latency_ms, finished_at) "
            f"SELECT {_TASK.format(_FAILED, 'COMPLETED')}, 'Late.', 1, 1"
        ],
        {"answers paid once"},
    ),
    ("failures", ["UPDATE task SET failure_kind = NULL WHERE status = 3"], set()),
    (
        "calls in flight",
        [f"UPDATE attempt SET outcome = 'unknown' WHERE task_id = {_BUSY} AND outcome = 'in_flight'"],
        {"call counters"},
    ),
    (
        "calls in flight",
        [f"UPDATE attempt SET outcome = 'in_flight' WHERE task_id = {_ANSWERED} AND number = 1"],
        {"call counters"},
    ),
    ("attempts", [f"DELETE FROM attempt WHERE task_id = {_ANSWERED} AND number = 1"], {"call counters"}),
    ("attempts", [f"UPDATE attempt SET number = 5 WHERE task_id = {_ANSWERED} AND number = 1"], set()),
    ("attempts", [f"UPDATE task SET tries = 9 WHERE id = {_ANSWERED}"], set()),
    ("attempts", [f"UPDATE task SET attempts = 1 WHERE id = {_TASK.format(_QUEUED, 'STAGED')}"], set()),
    (
        "answers paid once",
        [f"UPDATE attempt SET outcome = 'completed' WHERE task_id = {_ANSWERED} AND number = 1"],
        set(),
    ),
    (
        "answers paid once",
        [f"UPDATE attempt SET possible_cost = 5 WHERE task_id = {_ANSWERED} AND outcome = 'completed'"],
        {"call counters", "ledger"},
    ),
    ("answers paid once", [f"UPDATE result SET cost = 1 WHERE task_id = {_ANSWERED}"], set()),
    ("document counters", ["UPDATE run SET encoded = encoded + 1 WHERE encoded > 0"], {"matrix"}),
    ("documents", [f"DELETE FROM content.content WHERE key = {_TEXT}"], set()),
    ("documents", ["UPDATE document SET characters = 7 WHERE status = 'ENCODED'"], set()),
    ("documents", ["UPDATE document SET sha256 = 'd' WHERE status = 'ENCODED'"], {"unused contents"}),
    ("documents", ["UPDATE document SET reason = NULL WHERE status = 'SKIPPED'"], set()),
    ("purged documents", ["UPDATE document SET reason = 'purged' WHERE status = 'ENCODED'"], set()),
    ("unused contents", ["INSERT INTO content.content (key, status, images, characters, tokens, created_at) "
                         "VALUES ('unknown', 'SKIPPED', 0, 0, 0, 1)"], set()),
    ("texts", [f"UPDATE content.content SET text_zstd = content_image.data FROM content.content_image "
               f"WHERE key = {_TEXT}"], set()),
    (
        "texts",
        [
            "UPDATE content.content SET characters = 3 WHERE images = 0",
            "UPDATE document SET characters = 3 WHERE images = 0 AND status = 'ENCODED'",
        ],
        set(),
    ),
    ("pictures", ["DELETE FROM content.content_image"], set()),
    ("pictures", ["UPDATE content.content_image SET position = 4"], set()),
    ("picture data", ["UPDATE content.content_image SET media_type = 'image/jpeg'"], set()),
]  # fmt: skip


def _ill(bench: Bench) -> dict[str, str]:
    return {one.name: one.message for one in deep_checks.deep_checks(bench.services) if not one.ok}


def test_a_healthy_database_of_every_status_is_clean(either: Bench) -> None:
    """Batches in all statuses, with calls in flight, failures, cancellations and history: all is well."""
    made = populate(either)
    assert len(made) == len(BatchStatus)
    checks = list(deep_checks.deep_checks(either.services))
    assert [one.name for one in checks] == [one.name for one in INVARIANTS]
    assert _ill(either) == {}
    assert all(one.broken == 0 and one.where == [] for one in checks)


def test_an_empty_database_is_clean(either: Bench) -> None:
    """Nothing is missing where nothing is."""
    assert _ill(either) == {}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def populated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A populated bench on each database, which its tests leave as it is."""
    folder = tmp_path_factory.mktemp("populated")
    if request.param == "sqlite":
        bench = sqlite_bench(folder, request.getfixturevalue("template"))
    else:
        bench = postgres_bench(folder, request.getfixturevalue("migrated"))
    with bench as one:
        populate(one)
        yield one


@pytest.mark.parametrize(("name", "statements", "also"), BREAKS, ids=[one[0] for one in BREAKS])
def test_what_is_broken_is_found(
    populated: Bench, name: str, statements: Sequence[str], also: set[str]
) -> None:
    """The invariant is named with how many rows break it, where they are, and what that means."""
    with populated.database.engine.connect() as c:  # rolled back at the end
        for statement in statements:
            assert c.execute(text(statement)).rowcount, statement
        checks = [deep_checks.look_at(c, invariant) for invariant in INVARIANTS]
    found = {one.name: one for one in checks if not one.ok}
    assert found.keys() == {name, *also}
    broken = found[name]
    assert broken.broken >= len(broken.where) > 0
    first = next(iter(broken.where[0].items()))
    assert f"{first[0]} {first[1]}" in broken.message
    assert broken.message.startswith(f"{broken.broken:,} ")


def test_every_invariant_is_broken_in_a_test() -> None:
    """A new invariant needs a test that breaks it."""
    only_sqlite = {"database files", "references"}
    assert {one.name for one in INVARIANTS} == {name for name, *_ in BREAKS} | only_sqlite


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Bench]:
    """A populated bench over SQLite."""
    with sqlite_bench(tmp_path, template) as one:
        populate(one)
        yield one


def test_a_damaged_file_is_found(bench: Bench) -> None:
    """An index that has not the rows of its table is damage, as a bad disk does it."""
    with bench.database.write() as c:
        c.exec_driver_sql("PRAGMA writable_schema = ON")
        changed = "UPDATE sqlite_master SET sql = replace(sql, 'status = 0', 'status = 2') WHERE name = ?"
        c.exec_driver_sql(changed, ("ix_task_queued",))
    bench.database.close()
    assert "ix_task_queued" in _ill(bench)["database files"]


def test_a_file_that_cannot_be_read_does_not_end_the_check(bench: Bench) -> None:
    """Where a part of the file is overwritten, what can be looked at still is."""
    with bench.database.read() as c:
        page = c.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'event'").scalar_one()
        size = c.exec_driver_sql("PRAGMA page_size").scalar_one()
    bench.database.close()
    path = bench.database.path
    assert path is not None
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    checks = {one.name: one for one in deep_checks.deep_checks(bench.services)}
    assert len(checks) == len(INVARIANTS)
    assert not checks["database files"].ok
    assert "Cannot be looked at" in checks["events"].message
    assert checks["attempts"].ok


def test_rows_without_parents_are_found(bench: Bench) -> None:
    """What a tool that does not know foreign keys leaves behind."""
    with bench.database.engine.connect() as c:
        c.exec_driver_sql("COMMIT")
        c.exec_driver_sql("PRAGMA foreign_keys = OFF")
        c.exec_driver_sql("DELETE FROM prompt")
        c.exec_driver_sql("PRAGMA foreign_keys = ON")
    bench.database.close()
    assert "parent prompt" in _ill(bench)["references"]


def test_only_the_first_places_are_named(bench: Bench) -> None:
    """Many broken rows are counted, and some of them named."""
    with bench.database.write() as c:
        c.execute(text("UPDATE event SET action = 'x'"))
    (broken,) = (one for one in deep_checks.deep_checks(bench.services) if not one.ok)
    assert broken.broken > EXAMPLES
    assert len(broken.where) == EXAMPLES
    assert "; ...)" in broken.message
