"""The sample documents become a folder once, and are mended when they were changed."""

from dataclasses import replace
from pathlib import Path

from tests.support.apps import Bench

from docstage.service.folders.folders import folder_documents
from docstage.service.folders.samples import add_samples

SAMPLES = Path(__file__).parents[2] / "samples"


def test_samples_become_one_folder(bench: Bench) -> None:
    """Asked for twice, there is one folder, with every sample document and nothing else."""
    first = add_samples(bench.services)
    assert add_samples(bench.services) == first
    found = {one.path for one in folder_documents(bench.services, first.id).documents}
    assert found == {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.*")}


def test_samples_may_always_be_used(bench: Bench, tmp_path: Path) -> None:
    """They lie where uploads do, which allowed roots do not exclude."""
    roots = (str(tmp_path / "elsewhere"),)
    services = replace(bench.services, settings=replace(bench.services.settings, allowed_roots=roots))
    assert folder_documents(services, add_samples(services).id).count == 14


def test_a_changed_sample_is_mended(bench: Bench) -> None:
    """What was lost or overwritten is there again."""
    place = Path(add_samples(bench.services).path)
    (place / "contracts" / "fleet-maintenance.md").write_text("something else")
    (place / "mail" / "late-delivery.eml").unlink()
    add_samples(bench.services)
    for path in SAMPLES.glob("*/*.*"):
        assert (place / path.relative_to(SAMPLES)).read_bytes() == path.read_bytes()
