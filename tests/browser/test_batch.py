"""The page of a batch: where it stands, its tabs, its runs, and what to do next."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.batch_page import EMPTY, ENCODED, address, expect_status, expect_tab, export, tab
from tests.browser.data import Data
from tests.browser.guard import Guard, Visit
from tests.browser.scene import PRICES, held_staging
from tests.browser.server import Server

from docstage.results.formats import FORMATS
from docstage.results.formats.format import Format


def test_each_status_shows_first_what_matters(
    visit: Visit, data: Data, slow_model: str, refusing: str
) -> None:
    """Without a tab in the address the status decides, and its own button comes first."""
    waiting = data.connection(slow_model)
    cases = [
        (data.batch(), "Saved", "Details", "Stage"),
        (data.staged(), "Staged", "Estimate", "Run"),
        (data.analyzing(slow_model, connection=waiting), "Analyzing", "Progress", "Pause"),
        (data.paused(slow_model, connection=waiting), "Paused", "Progress", "Resume"),
        (data.failed(slow_model, connection=waiting), "Failed", "Progress", "Retry"),
        (data.completed(), "Completed", "Results", "Export"),
        (
            data.completed(folder=data.folder(12), connection=data.connection(refusing)),
            "Completed",
            "Results",
            "Retry",
        ),
        (data.failed_staging(), "Staging failed", "Details", "Stage"),
    ]
    for batch, status, first, action in cases:
        page = visit(address(batch))
        expect(page.get_by_role("heading", level=1)).to_have_text(batch["name"])
        expect_status(page, status)
        expect_tab(page, first)
        buttons = page.locator(".batch-head .buttons button")
        expect(buttons.first).to_have_accessible_name(action)
        beside = page.locator(".batch-head").get_by_role("button", name="Restage", exact=True)
        expect(beside).to_have_count(1 if batch["status"] in {"COMPLETED", "FAILED"} else 0)
        page.close()


def test_the_whole_way_by_clicking(visit: Visit, data: Data) -> None:
    """SAVED, staged, run to its end; the page follows by itself and tells when each status was reached."""
    page = visit(address(data.batch()))
    head = page.locator(".batch-head")
    head.get_by_role("button", name="Stage", exact=True).click()
    expect_status(page, "Staged")
    expect_tab(page, "Estimate")
    expect(page.get_by_text("Expected cost").first).to_be_visible()
    head.get_by_role("button", name="Run", exact=True).click()
    expect_status(page, "Completed")
    expect(page.get_by_text("3 of 3 tasks")).to_be_visible()
    expect(page.locator(".timeline time")).to_have_count(5)
    expect(page.locator(".timeline [data-state=ahead]")).to_have_count(3)
    assert page.locator(".timeline").bounding_box()["height"] < 32, "it is one line"  # type: ignore[index]
    tab(page, "Overview")
    assert page.locator(".timeline").bounding_box()["height"] > 64, "it is a picture"  # type: ignore[index]


def test_the_focus_stays_and_statuses_are_said(visit: Visit, data: Data, slow_model: str) -> None:
    """After an action the first control has the focus, whatever it is; each status is said aloud."""
    batch = data.batch(connection=data.connection(slow_model))
    page = visit(address(batch))
    said = page.locator("[aria-live=polite]", has_text=str(batch["name"]))
    first = page.locator(".batch-head .buttons button").first
    first.focus()
    for action, status in [("Stage", "Staged"), ("Run", "Analyzing"), ("Pause", "Paused")]:
        expect(first).to_have_text(action)
        page.keyboard.press("Enter")
        expect(said).to_have_text(f"{batch['name']}: {status}")
        expect(first).to_be_focused()
    page.get_by_role("button", name="More actions").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(said).to_have_text(f"{batch['name']}: Failed")
    expect(page.get_by_role("button", name="More actions")).to_be_focused()


def test_the_focus_goes_to_the_first_control_when_its_own_is_gone(
    visit: Visit, data: Data, slow_model: str
) -> None:
    """The form that raises the budget goes away with what it settled."""
    connection = data.connection(slow_model, prices={"input": 1000, "output": 1000}, max_output_tokens=100)
    batch = data.staged(connection=connection, budget=0.01)
    data.act(batch, "run")
    data.wait(batch, "PAUSED")
    page = visit(address(batch))
    page.get_by_label("Budget in US dollars").fill("50")
    page.get_by_role("button", name="Set and resume").focus()
    page.keyboard.press("Enter")
    expect_status(page, "Analyzing")
    expect(page.locator(".batch-head").get_by_role("button", name="Pause")).to_be_focused()


def test_the_failure_limit_is_changed(visit: Visit, data: Data) -> None:
    """It is given in percent, and what it does is told; nonsense is refused at its field."""
    batch = data.completed()
    page = visit(address(batch))
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Name and limits").click()
    field = page.get_by_role("dialog").get_by_label("Failure limit in percent of the tasks")
    expect(field).to_have_value("")
    expect(field).to_have_accessible_description(re.compile("the batch stops and ends as Failed"))
    field.fill("101")
    expect(page.get_by_text("Give a number from 0 to 100")).to_be_visible()
    field.fill("12.5")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert data.get(f"/api/batches/{batch['id']}")["failure_limit"] == 0.125


def test_a_tab_stays_in_the_address(visit: Visit, data: Data) -> None:
    """A tab is a link: it outlives a reload, the browser's way back, and changes of status."""
    batch = data.staged()
    page = visit(address(batch))
    tab(page, "Documents")
    expect(page).to_have_url(re.compile(r"\?tab=documents$"))
    tab(page, "Events")
    page.go_back()
    expect_tab(page, "Documents")
    page.reload()
    expect_tab(page, "Documents")
    data.act(batch, "run")
    expect_status(page, "Completed")
    expect_tab(page, "Documents")


def test_filters_keep_their_tab(visit: Visit, data: Data) -> None:
    """What a list is filtered by does not reach the list that the next status would show."""
    with_empty = data.folder({ENCODED: "A letter.", EMPTY: ""})
    batch = data.staged(folder=with_empty)
    page = visit(address(batch, "?status=SKIPPED"))
    expect(page).to_have_url(re.compile("tab=estimate"))
    tab(page, "Documents")
    expect(page).to_have_url(re.compile(r"\?tab=documents$"))
    table = page.get_by_role("region", name="Documents", exact=True).get_by_role("table")
    expect(table).to_contain_text("The file is empty.")
    expect(table).to_contain_text(ENCODED)
    page.get_by_role("button", name="Skipped").click()
    expect(table).not_to_contain_text(ENCODED)
    page.get_by_role("searchbox").fill("letter")
    expect(page.get_by_text("No document is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(table.get_by_role("row")).to_have_count(3)


def test_documents_appear_while_they_are_read(visit: Visit, own_server: Server, own_data: Data) -> None:
    """STAGING shows the documents first."""
    with held_staging(own_server, own_data) as batch:
        page = visit(address(batch), server=own_server)
        expect_status(page, "Staging")
        expect_tab(page, "Documents")
    expect_status(page, "Staged")
    tab(page, "Documents")
    expect(page.get_by_role("region", name="Documents", exact=True).get_by_role("row").nth(3)).to_be_visible()


def test_what_cannot_be_used_is_told_before_the_run(visit: Visit, data: Data) -> None:
    """The estimate names the documents that are left out, and why."""
    batch = data.staged(
        folder=data.folder({ENCODED: "A letter.", EMPTY: ""}),
        connection=data.connection(prices=PRICES),
        budget=5,
    )
    page = visit(address(batch))
    expect(page.get_by_role("heading", name="1 document cannot be used")).to_be_visible()
    expect(page.get_by_role("region", name="Documents that cannot be used")).to_contain_text(
        "The file is empty."
    )
    expect(page.get_by_role("region", name="Estimate by connection")).to_contain_text("$2.50 in, $10.00 out")
    page.get_by_role("link", name="Show them among the documents").click()
    expect(page.get_by_role("region", name="Documents", exact=True).get_by_role("row")).to_have_count(2)


def test_an_earlier_run_is_told_apart(visit: Visit, data: Data) -> None:
    """The switch shows another run, says so, and leads back."""
    batch = data.completed()
    data.act(batch, "rerun")
    batch = data.wait(batch, "COMPLETED")
    page = visit(address(batch))
    page.get_by_label("Run", exact=True).select_option("1")
    expect(page).to_have_url(re.compile("run=1"))
    notice = page.get_by_text("Run 1 is shown, which is history.")
    expect(notice).to_be_visible()
    tab(page, "Documents")
    expect(notice).to_be_visible()
    with page.expect_download() as download:
        export(page, "CSV")
    assert download.value.suggested_filename == f"batch-{batch['id']}-run-1.csv"
    page.get_by_role("button", name="Show the current run, 2").click()
    expect(notice).to_have_count(0)
    page.goto(address(batch, "?run=2"))
    expect(page.get_by_label("Run", exact=True)).to_have_value("")


def test_a_run_that_does_not_exist_says_so(visit: Visit, data: Data, guard: Guard) -> None:
    """A wrong number in the address leads back to the current run."""
    guard.expect("404")
    page = visit(address(data.completed(), "?run=9"))
    expect(page.get_by_text("There is no run 9 of this batch.")).to_be_visible()
    page.get_by_role("button", name="Show the current run, 1").click()
    expect(page.get_by_text("3 of 3 tasks")).to_be_visible()


def test_runs_and_snapshot(visit: Visit, data: Data) -> None:
    """Each run is listed, and what the chosen one was made of can be read."""
    prompt = data.prompt("What was promised?")
    batch = data.completed(prompt=prompt)
    page = visit(address(batch, "?tab=runs"))
    expect(page.get_by_role("region", name="Runs").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("region", name="Snapshot as JSON")).to_contain_text("What was promised?")


def test_events_arrive_by_themselves(visit: Visit, data: Data) -> None:
    """The log tells who did what, the latest first."""
    batch = data.staged()
    page = visit(address(batch, "?tab=events"))
    rows = page.get_by_role("region", name="Events").get_by_role("row")
    expect(rows).to_have_count(4)
    data.act(batch, "reset")
    expect(rows).to_have_count(5)
    expect(rows.nth(1)).to_contain_text("Reset")
    expect(rows.nth(1)).to_contain_text("Staged → Saved")


def test_what_it_is_made_of_changes_while_it_is_saved(visit: Visit, data: Data) -> None:
    """Its members are links; they can be chosen anew, but not left empty, and only while it is SAVED."""
    batch, other = data.batch(), data.prompt()
    page = visit(address(batch))
    page.get_by_role("button", name="Edit", exact=True).click()
    prompts = page.get_by_role("group", name="Prompts")
    prompts.locator("input:checked").uncheck()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    prompts.get_by_role("checkbox", name=other["name"]).check()
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.get_by_role("link", name=other["name"])
    expect(link).to_have_attribute("href", f"/prompts/{other['id']}")
    assert data.get(f"/api/batches/{batch['id']}")["prompt_ids"] == [other["id"]]
    data.act(batch, "stage")
    expect_status(page, "Staged")
    tab(page, "Details")
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(page.get_by_text("reset the batch first")).to_be_visible()


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_results_are_downloaded(visit: Visit, data: Data, form: Format) -> None:
    """Every task with its answer, as a file in every format that there is."""
    batch = data.completed()
    page = visit(address(batch))
    with page.expect_download() as download:
        export(page, form.title)
    assert download.value.suggested_filename == f"batch-{batch['id']}-run-1{form.suffix}"
    assert "letter-001.txt" in download.value.path().read_text(encoding="utf-8")


def test_results_are_downloaded_with_a_token(
    visit: Visit, start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory, guard: Guard
) -> None:
    """A link cannot carry the token, so the file is fetched with it."""
    guard.expect("401")
    server = start_server(token="only for us")
    headers = {"authorization": "Bearer only for us"}
    data = Data(server.address, tmp_path_factory.mktemp("guarded"), headers)
    batch = data.completed()
    page = visit(server=server)
    page.goto(address(batch))
    page.get_by_label("Token").fill("only for us")
    page.get_by_role("button", name="Continue").click()
    with page.expect_download() as download:
        export(page, "JSON lines")
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["COMPLETED"] * 3
    assert download.value.suggested_filename == f"batch-{batch['id']}-run-1.jsonl"
    data.close()


def test_a_batch_that_is_deleted_elsewhere(visit: Visit, data: Data, guard: Guard) -> None:
    """Another window deletes it: the page says so, by itself and after a reload."""
    guard.expect("404")
    batch = data.completed()
    page = visit(address(batch))
    data.call("DELETE", f"/api/batches/{batch['id']}")
    expect(page.get_by_role("heading", name=f"{batch['name']} was deleted")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=f"{batch['name']} was deleted")).to_be_visible()
    page.get_by_role("link", name="All batches").click()
    expect(page).to_have_url(re.compile("/batches$"))


def test_deleting_it_here_leads_to_the_list(visit: Visit, data: Data) -> None:
    """Whoever deletes a batch is not left on a page of nothing."""
    batch = data.batch()
    page = visit(address(batch))
    page.get_by_role("button", name=f"More actions for {batch['name']}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(re.compile("/batches$"))


def test_a_batch_that_never_was(visit: Visit, guard: Guard) -> None:
    """A number that was never given away gets a page that helps."""
    guard.expect("404")
    page = visit()
    page.goto("/batches/987654")
    expect(page.get_by_role("heading", name="There is no batch 987654")).to_be_visible()
    expect(page.get_by_role("link", name="All batches")).to_be_visible()
