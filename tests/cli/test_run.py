"""`docstage run` and `docstage demo`: the main job, with a real engine and the simulator."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Shell
from tests.support.waiting import PATIENCE

from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile

MODEL = "simulated:simulated-small"


def test_the_main_job_in_one_command(shell: Shell) -> None:
    """`run` stages, shows the estimate, runs, and writes an answer for every document and prompt."""
    out = shell.home.parent / "answers.csv"
    (shell.documents / "empty.txt").touch()
    words = ["run", shell.documents, "--prompt", "Who wrote it?", "--prompt", "How much?", "--model", MODEL]
    done = shell.do(*words, "--out", out, "--yes")
    assert done.code == 0, done.err
    assert "Estimate: 3 documents, 6 tasks" in done.out
    assert "empty.txt" in done.out
    assert "COMPLETED: 6 tasks: 6 completed" in done.err
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert {(row["document"], row["prompt"]) for row in rows} == {
        (f"letter-{index}.txt", prompt) for index in range(3) for prompt in ("Who wrote it?", "How much?")
    }
    assert all(row["text"] for row in rows)
    assert [path.name for path in out.parent.iterdir() if "part" in path.name] == []
    idle = shell.do("batch", "retry", "id:1", "--wait")
    assert (idle.code, "nothing to retry. No task failed" in idle.err) == (0, True)
    refused = shell.do("batch", "retry", "id:1", "--kind", "timeout")
    assert (refused.code, "There is nothing to retry: No task failed" in refused.err) == (4, True)
    assert json.loads(shell.do("batch", "show", "id:1", "--json").out)["status"] == "COMPLETED"


def test_parts_that_exist_are_used_again(analysed: Shell) -> None:
    """A second `run` of the same kind makes a new batch of the same folder, connection and prompt.

    Of answers that are written to standard output in a form that was chosen, nothing else goes there.
    """
    words = ("run", analysed.documents, "--prompt", "Who?", "--model", MODEL, "--yes")
    again = analysed.do(*words, "--out", "-", "--format", "jsonl")
    assert again.code == 0, again.err
    assert {json.loads(line)["document"] for line in again.out.splitlines()} == {
        f"letter-{index}.txt" for index in range(3)
    }
    batches = json.loads(analysed.do("batch", "list", "--json").out)
    assert len(batches) == 2
    assert batches[0]["id"] != batches[1]["id"]
    for member in ("folder_ids", "connection_ids", "prompt_ids"):
        assert batches[0][member] == batches[1][member] == [1]


def test_without_a_terminal_nothing_runs_unasked(shell: Shell) -> None:
    """Where nobody can be asked and --yes is missing, the batch stays STAGED and the exit code is 2."""
    process = shell.start("run", shell.documents, "--prompt", "Who?", "--model", MODEL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "--yes" in errors
    assert "batch run 1 --wait" in errors
    assert json.loads(shell.do("batch", "show", 1, "--json").out)["status"] == "STAGED"


def test_failed_tasks_are_grouped_and_change_the_exit_code(
    shell: Shell, simulator: Callable[..., str]
) -> None:
    """A run in which tasks fail ends with code 6, and says why they failed and what to do."""
    address = simulator(Profile(latency=Latency(median=0.0), error_rates={Fault.REFUSAL: 1.0}))
    options = ["--base-url", f"simulated={address}", "--yes"]
    done = shell.do("run", shell.documents, "--prompt", "Who?", "--model", MODEL, *options)
    assert done.code == 6
    assert "refusal" in done.out
    assert "Reword the prompt" in done.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--prompt", "Who?", "--model", "nonsense"], 1, "neither PROVIDER:MODEL"),
        (["--prompt", "Who?", "--model", "nobody:large"], 1, "no provider 'nobody'"),
        (["--model", MODEL], 2, "--prompt"),
        (["--prompt", "Who?", "--model", MODEL, "--out", "answers.doc"], 2, ".csv"),
        (["--prompt", "Who?", "--model", MODEL, "--out", "/dev/null/answers.csv"], 1, "Cannot write"),
        (["--prompt-file", "/dev/null/question.txt", "--model", MODEL], 1, "Cannot read"),
        (["--prompt-name", "Nothing", "--model", MODEL], 3, "no prompt 'Nothing'"),
    ],
)
def test_what_cannot_be_run_is_told(shell: Shell, words: list[str], code: int, told: str) -> None:
    """Mistakes on the command line are told before anything is staged."""
    done = shell.do("run", shell.documents, "--yes", *words)
    assert (done.code, "Traceback" in done.err) == (code, False)
    assert told in done.err
    assert json.loads(shell.do("batch", "list", "--json").out) == []


def test_the_demo_shows_the_whole_job(shell: Shell, tmp_path: Path) -> None:
    """`demo` stages, estimates, runs and writes answers, and says that its models are simulated."""
    home = tmp_path / "demo"
    (shell.documents / "locked.pdf").write_bytes(b"%PDF-1.7 damaged")
    home.mkdir()
    for name in ("made-by-docstage-demo", "left-by-an-earlier-one"):
        (home / name).touch()
    done = shell.do("demo", "--no-real", "--folder", shell.documents, "--home", home)
    assert done.code == 0, done.err
    assert not (home / "left-by-an-earlier-one").exists()
    assert "simulated" in done.err
    assert "UNREADABLE" in done.out
    assert "Estimate: 3 documents, 12 tasks" in done.out
    assert "letter-0.txt" in done.out
    assert len((home / "answers.csv").read_text().splitlines()) == 13


def test_the_demo_goes_on_without_a_real_model(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it cannot be had, it is told why, and the answers are those of the simulated ones."""
    monkeypatch.setattr("docstage.local_model.models.bundled_file", lambda: None)
    home = tmp_path / "demo"
    done = shell.do("demo", "--folder", shell.documents, "--home", home)
    assert done.code == 0, done.err
    assert "No real model answers here, so that this demo goes on without." in done.err
    assert "letter-0.txt" in done.out
    assert not (home / "answers-real.csv").exists()


def test_the_demo_removes_only_what_a_demo_made(shell: Shell, tmp_path: Path) -> None:
    """A folder that the demo did not make is left as it is."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    done = shell.do("demo", "--home", precious)
    assert done.code == 1
    assert "left alone" in done.err
    assert (precious / "thesis.txt").exists()
