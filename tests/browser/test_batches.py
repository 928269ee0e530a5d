"""The table of batches: found, sorted, followed live, and steered by what each status allows."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.data import Data, unused
from tests.browser.guard import Visit
from tests.browser.scene import Scene

from docstage.simulator.profile import Latency, Profile

NAMES = {
    "stage": "Stage",
    "run": "Run",
    "pause": "Pause",
    "resume": "Resume",
    "cancel": "Cancel",
    "reset": "Reset",
    "restage": "Restage",
    "rerun": "Rerun",
    "retry": "Retry",
    "export": "Export",
}
FIRST = {
    "SAVED": "stage",
    "STAGED": "run",
    "ANALYZING": "pause",
    "PAUSED": "resume",
    "COMPLETED": "export",
    "with failures": "retry",
    "FAILED": "retry",
    "FAILED_STAGING": "stage",
}


def row(page: Page, name: str) -> Locator:
    """The row of a batch."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def names(page: Page) -> list[str]:
    """The names in the table, from top to bottom."""
    return page.get_by_role("rowheader").get_by_role("link").all_inner_texts()


@pytest.mark.parametrize("status", FIRST)
def test_the_first_button_and_the_menu_are_what_the_status_allows(
    visit: Visit, data: Data, scene: Scene, status: str
) -> None:
    """The usual action is a button, every other allowed one is in the menu with what it does, and no more."""
    batch = data.get(f"/api/batches/{scene.batches[status]['id']}")
    assert batch["status"] == ("COMPLETED" if status == "with failures" else status)
    page = visit(f"/batches?search={batch['name'].split(',')[0]}")
    button = row(page, batch["name"]).get_by_role("button").first
    expect(button).to_have_text(re.compile(rf"^{NAMES[FIRST[status]]}▾?$"))
    row(page, batch["name"]).get_by_role("button", name="More actions").click()
    entries = [text.split("\n")[0] for text in page.get_by_role("menuitem").all_inner_texts()]
    idle = {"retry"} if batch["failed_tasks"] + batch["counts"]["cancelled"] == 0 else set()
    others = [NAMES[one] for one in batch["allowed_actions"] if one not in {FIRST[status], *idle}]
    assert [entry for entry in entries if entry in NAMES.values()] == others
    assert ("Export as CSV" in entries) == (status == "with failures")
    assert all("\n" in text for text in page.get_by_role("menuitem").all_inner_texts()), (
        "each says what it does"
    )


def test_search_lives_in_the_address(visit: Visit, data: Data) -> None:
    """What is typed filters at once and can be shared as an address; `/` leads to it, Escape empties it."""
    name = unused("Needle")
    data.batch(name)
    data.batch(unused("Hay"))
    page = visit("/batches")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(name)
    expect(page.get_by_role("rowheader")).to_have_text([name])
    assert f"search={name.replace(' ', '+')}" in page.url
    shared = visit(page.url)
    expect(shared.get_by_role("searchbox")).to_have_value(name)
    expect(shared.get_by_role("rowheader")).to_have_text([name])
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_role("rowheader").nth(1)).to_be_visible()


def test_filters_can_be_combined_and_undone_by_going_back(visit: Visit, data: Data) -> None:
    """Each filter is a step in the history."""
    mark = unused("Filter")
    saved, failed = data.batch(f"{mark} saved"), data.failed_staging(f"{mark} failed")
    page = visit(f"/batches?search={mark}")
    group = page.get_by_role("group", name="Only these statuses")
    group.get_by_role("button", name="Saved").click()
    expect(page.get_by_role("rowheader")).to_have_text([saved["name"]])
    group.get_by_role("button", name="Staging failed").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    assert "status=SAVED&status=FAILED_STAGING" in page.url
    page.go_back()
    expect(page.get_by_role("rowheader")).to_have_text([saved["name"]])
    expect(group.get_by_role("button", name="Staging failed")).to_have_attribute("aria-pressed", "false")
    page.go_back()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    group.get_by_role("button", name="Paused").click()
    expect(page.get_by_text("No batch matches")).to_be_visible()
    page.get_by_role("button", name="Show all batches").click()
    expect(page).to_have_url(re.compile(r"/batches$"))
    assert failed["status"] == "FAILED_STAGING"


def test_sorting_lives_in_the_address(visit: Visit, data: Data) -> None:
    """The heads of columns sort, say so, and turn the order round."""
    mark = unused("Sorted")
    for letter in "bca":
        data.batch(f"{mark} {letter}")
    page = visit(f"/batches?search={mark}")
    head = page.get_by_role("columnheader", name="Name")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("rowheader")).to_have_text([f"{mark} {letter}" for letter in "abc"])
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("rowheader")).to_have_text([f"{mark} {letter}" for letter in "cba"])
    page.reload()
    expect(page.get_by_role("rowheader")).to_have_text([f"{mark} {letter}" for letter in "cba"])


def test_a_running_batch_is_followed_live(visit: Visit, data: Data, simulator: Callable[..., str]) -> None:
    """Status and progress change by themselves, while the list is looked at."""
    model = simulator(Profile(latency=Latency(median=0.4, sigma=0.0)))
    connection = data.connection(model, limits={"concurrency": 2})
    batch = data.staged(unused("Followed"), folder=data.folder(12), connection=connection)
    page = visit(f"/batches?search={batch['name']}")
    mine = row(page, batch["name"])
    expect(mine.get_by_text("12 tasks to run")).to_be_visible()
    data.act(batch, "run")
    expect(mine.get_by_text("Analyzing")).to_be_visible()
    expect(mine.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0")
    assert 0 < int(mine.get_by_role("progressbar").get_attribute("aria-valuenow") or 0) <= 100
    expect(mine.get_by_text("Completed", exact=True)).to_be_visible(timeout=30_000)
    expect(mine.get_by_role("button", name="Export")).to_be_visible()
    expect(mine.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")


def test_batches_come_and_go_live(visit: Visit, data: Data) -> None:
    """A batch that somebody else makes appears, and one that is deleted goes."""
    mark = unused("Comes")
    page = visit(f"/batches?search={mark}")
    expect(page.get_by_text("No batch matches")).to_be_visible()
    batch = data.batch(f"{mark} and goes")
    expect(row(page, batch["name"])).to_be_visible()
    data.call("DELETE", f"/api/batches/{batch['id']}")
    expect(row(page, batch["name"])).to_have_count(0)


def test_only_work_or_money_at_stake_is_asked_about(visit: Visit, data: Data) -> None:
    """A free run starts at once; a priced one asks with its price; results are not cleared unasked."""
    free = data.staged(unused("Free"))
    page = visit(f"/batches?search={free['name']}")
    row(page, free["name"]).get_by_role("button", name="Run").click()
    expect(row(page, free["name"]).get_by_text("Completed", exact=True)).to_be_visible()
    page.get_by_role("button", name=f"More actions for {free['name']}").click()
    page.get_by_role("menuitem", name="Restage").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 results of run 1 stay readable")
    dialog.get_by_role("button", name="Back").click()
    assert data.get(f"/api/batches/{free['id']}")["status"] == "COMPLETED"

    priced = data.connection(prices={"input": 2.0, "output": 8.0})
    batch = data.staged(unused("Priced"), connection=priced)
    page = visit(f"/batches?search={batch['name']}")
    row(page, batch["name"]).get_by_role("button", name="Run").click()
    expect(dialog_of(page)).to_contain_text(re.compile(r"3 tasks .* about \$0\.0.*There is no budget"))
    dialog_of(page).get_by_role("button", name="Run").click()
    expect(row(page, batch["name"]).get_by_text("Completed", exact=True)).to_be_visible()


def test_a_batch_is_renamed_and_deleted(visit: Visit, data: Data) -> None:
    """What can be changed at any time, and deletion, which asks."""
    batch = data.batch(unused("Misnamed"))
    better = unused("Named well")
    page = visit("/batches")
    page.get_by_role("button", name=f"More actions for {batch['name']}").click()
    page.get_by_role("menuitem", name="Name and limits").click()
    dialog_of(page).get_by_label("Name", exact=True).fill(better)
    dialog_of(page).get_by_role("button", name="Save").click()
    expect(row(page, better)).to_be_visible()
    page.get_by_role("button", name=f"More actions for {better}").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog_of(page).get_by_role("button", name="Delete").click()
    expect(row(page, better)).to_have_count(0)
    assert data.http.get(f"/api/batches/{batch['id']}").status_code == 404


def test_a_batch_at_work_is_not_offered_for_deletion(visit: Visit, data: Data, slow_model: str) -> None:
    """The dialog knows beforehand what the server would refuse, and says what to do."""
    batch = data.analyzing(slow_model, unused("At work"))
    page = visit("/batches")
    page.get_by_role("button", name=f"More actions for {batch['name']}").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(dialog_of(page)).to_contain_text("Cancel it first")
    expect(dialog_of(page).get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    data.act(batch, "cancel")


def dialog_of(page: Page) -> Locator:
    """The dialog that is open."""
    return page.get_by_role("dialog")


def test_the_buttons_of_the_list_fit_in_a_small_window(visit: Visit, scene: Scene) -> None:
    """Long names, reasons, failures in words and costs leave room for what is done next."""
    page = visit("/batches", size={"width": 1280, "height": 800})
    button = (
        page.get_by_role("row")
        .filter(has_text=str(scene.batches["PAUSED"]["name"]))
        .get_by_role("button")
        .last
    )
    expect(button).to_be_visible()
    table = page.locator("main table")
    hidden = "table => table.parentElement.scrollWidth - table.parentElement.clientWidth"
    assert table.evaluate(hidden) == 0
