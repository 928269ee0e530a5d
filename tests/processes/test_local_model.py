"""A local model in batches: a real engine, a real llama.cpp, and a real model where its words count."""

import csv
import os
import signal
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.cli.conftest import Shell
from tests.support.engines import Laboratory
from tests.support.llama import is_at_rest, is_gone, local_models_of
from tests.support.waiting import PATIENCE, until, until_true

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind

YES_OR_NO = {
    "type": "object",
    "properties": {"fit": {"type": "boolean"}},
    "required": ["fit"],
    "additionalProperties": False,
}
KINDS = ["letter", "invoice", "contract"]
INVOICE = {
    "type": "object",
    "properties": {
        "kind": {"enum": KINDS},
        "amount": {"type": "number"},
    },
    "required": ["kind", "amount"],
    "additionalProperties": False,
}


def _local(lab: Laboratory, model: object, **changes: object) -> int:
    settings = {"provider": "local", "model": str(model), "images": False, "timeout": PATIENCE}
    return lab.connection(None, **(settings | changes))


def _models() -> list[int]:
    return local_models_of(os.getpid())


async def test_a_real_model_answers_a_batch(lab: Laboratory, real_model: str) -> None:
    """Real words, answers that keep to their schema, real counts, and nothing to pay; then it rests."""
    connection = _local(lab, real_model, temperature=0.0)
    prompts = [
        lab.prompt("What is this letter about? Answer in one short sentence."),
        lab.prompt("Which?", INVOICE),
    ]
    batch_id = await lab.staged([connection], prompts)
    batch = await lab.run(batch_id)
    assert batch.status is BatchStatus.COMPLETED
    rows = lab.rows(batch_id)
    assert len(rows) == 8
    for row in rows:
        assert row.input_tokens
        assert row.output_tokens
        assert (row.cost, row.model) == (0, real_model)
    values = [row.value for row in rows if row.value]
    assert len(values) == 4
    assert all(isinstance(value, dict) and value["kind"] in KINDS for value in values)
    # The document's beginning is not read twice.
    assert any(row.cached_tokens for row in rows)
    (pid,) = _models()
    await until_true(lambda: is_at_rest(pid), "an idle model uses no processor")


async def test_a_document_that_is_too_long_is_told(lab: Laboratory, real_model: str) -> None:
    """It fails as that and is not cut; the others are answered."""
    lab.write({"long.txt": "The tenant pays the rent on the first of each month. " * 1_500})
    batch_id = await lab.staged([_local(lab, real_model)], [lab.prompt("Does it fit?", YES_OR_NO)])
    batch = await lab.run(batch_id)
    assert batch.status is BatchStatus.COMPLETED
    failed = [row for row in lab.rows(batch_id) if row.status == "FAILED"]
    assert [(row.document, row.failure_kind) for row in failed] == [
        ("long.txt", FailureKind.CONTEXT_OVERFLOW)
    ]


async def test_a_batch_outlives_its_model(lab: Laboratory, tiny_model: Path) -> None:
    """The process is killed again and again while it is asked; the batch is completed all the same."""
    lab.write({f"more {n}.txt": f"Letter {n}. " * 400 for n in range(20)})
    batch_id = await lab.staged([_local(lab, tiny_model)], [lab.prompt("Does it fit?", YES_OR_NO)])
    await lab.act(batch_id, Action.RUN)
    killed: set[int] = set()
    for wanted in (1, 8, 15):
        await until_true(partial(_has_completed, lab, batch_id, wanted))
        killed |= set(await until_true(lambda: _kill(_models())))
    batch = await lab.until(batch_id, BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.PAUSED)
    assert (batch.status, len(killed)) == (BatchStatus.COMPLETED, 3)
    assert {row.status for row in lab.rows(batch_id)} == {"COMPLETED"}


def _has_completed(lab: Laboratory, batch_id: int, wanted: int) -> bool:
    return sum(row.status == "COMPLETED" for row in lab.rows(batch_id)) >= wanted


def _kill(pids: Iterable[int]) -> list[int]:
    killed = list(pids)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    return killed


async def test_a_cancelled_batch_lets_the_model_rest(lab: Laboratory, real_model: str) -> None:
    """Calls in flight are dropped, and the model, too, stops to work on them."""
    endless = _local(lab, real_model, max_output_tokens=7_000, extra={"ignore_eos": True})
    batch_id = await lab.staged([endless], [lab.prompt("Tell a story without an end.")])
    await lab.act(batch_id, Action.RUN)
    (pid,) = await until_true(_models)
    await until_true(lambda: _is_at_work(pid))
    await lab.act(batch_id, Action.CANCEL)
    assert lab.get(batch_id).status is BatchStatus.FAILED
    await until_true(lambda: is_at_rest(pid), "the model stops")


def _is_at_work(pid: int) -> bool:
    """Whether it has used a second of a processor since it was started, which takes less."""
    return _seconds(pid) > 1.0 and not is_at_rest(pid)


def _seconds(pid: int) -> float:
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_model_ends_with_its_engine(shell: Shell, real_model: str, number: signal.Signals) -> None:
    """However that ends: no process is left that would keep the memory."""
    added = shell.do(
        "connection", "add", "--provider", "local", "--model", real_model, "--max-output-tokens", "7000",
        "--extra", '{"ignore_eos": true}', "--timeout", "3000",
    )  # fmt: skip
    assert added.code == 0, added.err
    process = shell.start("run", shell.documents, "--prompt", "Tell a story.", "--model", real_model, "--yes")
    engine, model = until(lambda: _at_work(shell.home))
    os.kill(engine, number)
    until(lambda: is_gone(model))
    process.kill()


def _at_work(home: Path) -> tuple[int, int] | None:
    """The processes of the engine that is at work on the database, and of its model, if it has one."""
    with closing(sqlite3.connect(f"file:{home / 'docstage.db'}?mode=ro", uri=True)) as database:
        engines = [row[0] for row in database.execute("SELECT pid FROM engine")]
    return next(((engine, model) for engine in engines for model in local_models_of(engine)), None)


def test_the_demo_lets_a_real_model_answer(shell: Shell, real_model: str, tmp_path: Path) -> None:
    """Beside a simulated one, and it says plainly which is which."""
    home = tmp_path / "demo"
    done = shell.do("demo", "--folder", shell.documents, "--home", home)
    assert done.code == 0, done.err
    assert f"{real_model}, the real model, answers on 3 of 3 documents" in done.err
    assert "no language models but simulated" in done.err
    assert "often invents" in done.err
    with (home / "answers-real.csv").open(newline="") as file:
        connections = [row["connection"] for row in csv.DictReader(file)]
    assert sorted(connections) == ["simulated-small"] * 6 + [real_model] * 6
