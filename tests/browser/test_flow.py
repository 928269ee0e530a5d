"""The whole life of a batch, by clicking: save, stage, run, restage, run again, reset, and back."""

import re

from playwright.sync_api import Page, expect
from tests.browser.data import Data, unused
from tests.browser.guard import Visit
from tests.support.waiting import until


def press(page: Page, name: str) -> None:
    """Press the batch's button, and agree where it asks."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def choose(page: Page, name: str) -> None:
    """Choose from the batch's menu."""
    page.get_by_role("button", name=re.compile("More actions")).click()
    page.get_by_role("menuitem", name=re.compile(f"^{name}")).click()


def agree(page: Page, name: str) -> None:
    """Agree in the dialog."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def stands(page: Page, status: str, first: str) -> None:
    """The batch has this status, and this is its first button."""
    expect(page.locator("main .badge").first).to_have_text(status, timeout=30_000)
    expect(page.get_by_role("main").get_by_role("button", name=first, exact=True).first).to_be_enabled()


def test_the_whole_flow_by_clicking(visit: Visit, data: Data) -> None:
    """As the guide to the flow of batches has it, on the pages alone."""
    folder, connection, prompt = data.folder(3), data.connection(), data.prompt()
    name = unused("The whole flow")
    page = visit("/batches/new")
    for one in (folder, connection, prompt):
        page.get_by_role("checkbox", name=one["name"]).check()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save only").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    batch = page.url.split("/batches/")[1].split("?")[0]

    stands(page, "Saved", "Stage")
    press(page, "Stage")
    stands(page, "Staged", "Run")
    press(page, "Run")
    stands(page, "Completed", "Export")
    press(page, "Restage")
    expect(page.get_by_role("dialog")).to_contain_text("3 results of run 1 stay readable")
    agree(page, "Restage")
    stands(page, "Staged", "Run")
    assert data.get(f"/api/batches/{batch}")["run"] == 2
    press(page, "Run")
    stands(page, "Completed", "Export")
    choose(page, "Rerun")
    agree(page, "Rerun")
    # It may be COMPLETED again before the page can be looked at.
    until(lambda: data.get(f"/api/batches/{batch}")["run"] == 3)
    stands(page, "Completed", "Export")
    choose(page, "Reset")
    agree(page, "Reset")
    stands(page, "Saved", "Stage")

    events = data.get(f"/api/batches/{batch}/events", limit=100)["items"]
    done = [
        one["action"]
        for one in reversed(events)
        if one["action"] in {"save", "stage", "run", "restage", "rerun", "reset"}
    ]
    assert done == ["save", "stage", "run", "restage", "run", "rerun", "run", "reset"]


def test_pause_resume_and_cancel_by_clicking(visit: Visit, data: Data, slow_model: str) -> None:
    """A running batch stops, goes on and is given up; then it can be begun anew."""
    batch = data.analyzing(slow_model, unused("Given up"))
    page = visit(f"/batches/{batch['id']}")
    stands(page, "Analyzing", "Pause")
    press(page, "Pause")
    stands(page, "Paused", "Resume")
    press(page, "Resume")
    stands(page, "Analyzing", "Pause")
    choose(page, "Cancel")
    expect(page.get_by_role("dialog")).to_contain_text("3 tasks will not be done")
    agree(page, "Cancel")
    stands(page, "Failed", "Retry")


def test_a_batch_whose_staging_failed_is_mended_by_clicking(visit: Visit, data: Data) -> None:
    """The reason is told; once the folder has documents, staging works."""
    place = data.write({})
    batch = data.batch(unused("Mended"), folder=data.folder(place))
    page = visit(f"/batches/{batch['id']}")
    press(page, "Stage")
    stands(page, "Staging failed", "Stage")
    expect(page.get_by_text("No files were found").first).to_be_visible()
    (place / "letter.txt").write_text("Dear Sir or Madam")
    press(page, "Stage")
    stands(page, "Staged", "Run")
