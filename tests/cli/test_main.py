"""The command line."""

import signal
import subprocess
import sys

import httpx
from tests.support.waiting import PATIENCE

from docstage import __version__

COMMAND = [sys.executable, "-c", "from docstage.cli.main import main; main()"]


def test_version_is_the_package_version() -> None:
    """`docstage --version` says which version is installed."""
    shown = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == f"docstage {__version__}"


def test_simulate_serves_until_it_is_interrupted() -> None:
    """`docstage simulate` says where it listens, answers there, and ends quietly on Ctrl-C."""
    process = subprocess.Popen(
        [*COMMAND, "simulate", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split(" at ")[1].split(" ")[0]
        assert httpx.get(f"{address}/models").status_code == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0
    assert errors.strip() == "Stopped."


def test_an_unknown_fault_is_named_without_a_traceback() -> None:
    """A misspelt fault ends with the list of those that exist."""
    done = subprocess.run(
        [*COMMAND, "simulate", "--fault", "fire=1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "server_error" in done.stderr
    assert "Traceback" not in done.stderr
