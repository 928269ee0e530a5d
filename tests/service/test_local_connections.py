"""Connections to models that docstage runs itself: what is taken, what is refused, what is offered."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.local_model.heads import write
from tests.support.apps import Bench

from docstage.domain.errors import DocstageError, Forbidden, InvalidInput
from docstage.local_model import models
from docstage.models import libraries
from docstage.models.libraries import LibraryMissing
from docstage.service.connections import checks, connections
from docstage.service.connections.inputs import ConnectionChange, ConnectionDraft, ConnectionInput
from docstage.service.connections.views import ConnectionView
from docstage.service.session import Session
from docstage.store import library


def _create(bench: Bench, model: object, **members: object) -> ConnectionView:
    wanted = {"name": "mine", "provider": "local", "model": str(model), **members}
    return connections.create_connection(bench.services, ConnectionInput.model_validate(wanted))


def _faults(error: DocstageError) -> list[tuple[str, str]]:
    return [(one["field"], one["message"]) for one in error.extra["errors"]]


def test_a_file_is_enough(bench: Bench, tmp_path: Path) -> None:
    """It costs nothing, sees no pictures, and how much fits is known before anything is started."""
    made = _create(bench, write(tmp_path))
    assert made.price is not None
    assert (made.price.input, made.price.source, made.images) == (0.0, "local", False)
    with bench.database.read() as c:
        record = library.get_connection(c, made.id)
    assert record.room(record).context_tokens == 8_192


def test_what_is_no_model_is_refused_where_it_is_written(bench: Bench, tmp_path: Path) -> None:
    """Each fault names its field; nothing is stored."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam")
    for model, words in (
        ("gpt-5", "no local model"),
        (tmp_path, "a folder"),
        (tmp_path / "none.gguf", "does not exist"),
        (letter, "no GGUF model file"),
    ):
        with pytest.raises(InvalidInput) as caught:
            _create(bench, model)
        ((field, message),) = _faults(caught.value)
        assert field == "model"
        assert words in message
    with pytest.raises(InvalidInput) as caught:
        _create(bench, write(tmp_path), base_url="http://localhost:8080/v1")
    assert [field for field, _ in _faults(caught.value)] == ["base_url"]


def test_a_file_outside_the_allowed_roots_is_refused(bench: Bench, tmp_path: Path) -> None:
    """Whether it exists or not: nobody learns by it what lies elsewhere."""
    file = write(tmp_path)
    settings = replace(bench.services.settings, allowed_roots=(str(tmp_path / "allowed"),))
    services = replace(bench.services, settings=settings)
    for path in (file, tmp_path / "none.gguf"):
        wanted = {"name": "mine", "provider": "local", "model": str(path)}
        with pytest.raises(Forbidden, match="outside the folders"):
            connections.create_connection(services, ConnectionInput.model_validate(wanted))


def test_a_missing_library_is_told(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it, which `all` does not."""
    monkeypatch.setattr(libraries, "_is_installed", lambda module: module != "xllamacpp")
    with pytest.raises(LibraryMissing, match=r"docstage\[local\]") as caught:
        _create(bench, write(tmp_path))
    assert "docstage[all]" not in caught.value.detail


def test_a_file_that_is_gone_stands_in_no_other_change(bench: Bench, tmp_path: Path) -> None:
    """Only whoever chooses a model must name one that is there."""
    file = write(tmp_path)
    made = _create(bench, file)
    file.unlink()
    changed = connections.change_connection(
        Session(bench.services), made.id, ConnectionChange.model_validate({"name": "another"})
    )
    assert changed.name == "another"
    with pytest.raises(InvalidInput):
        connections.change_connection(
            Session(bench.services), made.id, ConnectionChange.model_validate({"model": str(file)})
        )


async def test_what_is_here_is_offered(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled model where it is installed, with a word of caution; and the file that was named."""
    file = write(tmp_path)
    monkeypatch.setattr(checks, "bundled_file", lambda: file)
    (found,) = (await checks.detect(bench.services)).local_models
    assert (found.name, found.context_tokens) == (models.BUNDLED, 8_192)
    assert "often invents" in (found.about or "")
    draft = ConnectionDraft(provider="local", model=str(file))
    offered = await checks.draft_models(bench.services, draft)
    assert [one.name for one in offered] == [models.BUNDLED, str(file)]
    monkeypatch.setattr(checks, "bundled_file", lambda: None)
    assert (await checks.detect(bench.services)).local_models == []
    assert await checks.draft_models(bench.services, ConnectionDraft(provider="local")) == []
