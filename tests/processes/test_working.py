"""A command that works on a batch for a while, with an engine in a process of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.waiting import until

from docstage.cli import working
from docstage.cli.client import ApiClient, Json, open_client
from docstage.cli.lookup import BATCH
from docstage.cli.oneshot import Order, Question, stage
from docstage.cli.target import Target
from docstage.simulator.profile import Latency, Profile

SLOW = Profile(latency=Latency(median=1.5, sigma=0.0))


def test_calls_in_flight_at_the_end_of_its_time_are_counted(
    simulator: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is told as it stands once they have ended, not as it stood when it was paused."""

    def until_calls(api: ApiClient, batch_id: int, _seconds: float | None = None) -> Json:
        path = f"{BATCH.path}/{batch_id}"
        until(lambda: api.get(path)["status"] != "ANALYZING" or api.get(path)["counts"]["running"], "calls")
        return dict(api.get(path))

    documents = tmp_path / "documents"
    documents.mkdir()
    for number in range(12):
        (documents / f"{number}.txt").write_text(f"Letter {number}")
    with open_client(Target(home=tmp_path / "home")) as api:
        slow = {
            "name": "slow",
            "provider": "simulated",
            "model": "simulated-small",
            "base_url": simulator(SLOW),
        }
        api.post("/api/connections", slow)
        question = [Question("Who", "Who wrote it?")]
        batch = stage(api, Order(str(documents), [], [], question, [], ["slow"], name="Slow"))
        api.post(f"{BATCH.path}/{batch['id']}/run")
        monkeypatch.setattr(working, "watch", until_calls)
        ended = working.work(api, batch["id"], seconds=1.0)
    counts = ended["counts"]
    assert ended["status"] == "PAUSED"
    assert counts["running"] == 0
    assert counts["completed"] + counts["queued"] == 12
    assert counts["completed"] > 0
