"""The page of a batch: where it stands, its tabs, its runs, and what to do next."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Response, expect
from tests.browser.conftest import HUGE, NARROW, WIDE, Scheme
from tests.browser.data import Data, Json
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.scene import PRICES, held_staging
from tests.browser.server import Server
from tests.support.simulators import running_simulator

from docstage.results.formats import FORMATS
from docstage.results.formats.format import Format
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile

ENCODED, EMPTY = "letter.txt", "nothing.txt"


@pytest.fixture(scope="session")
def refusing() -> Iterator[str]:
    """The address of a model that refuses half of what it is asked."""
    profile = Profile(latency=Latency(median=0.01, sigma=0.0), error_rates={Fault.REFUSAL: 0.5})
    with running_simulator(profile) as address:
        yield address


@pytest.fixture(scope="session")
def scrambling() -> Iterator[str]:
    """The address of a model of whose answers most are not what the schema asks for."""
    profile = Profile(latency=Latency(median=0.01, sigma=0.0), error_rates={Fault.WRONG_SCHEMA: 0.8})
    with running_simulator(profile) as address:
        yield address


@pytest.fixture(scope="session")
def steady() -> Iterator[str]:
    """The address of a model that takes a fifth of a second for every answer."""
    with running_simulator(Profile(latency=Latency(median=0.2, sigma=0.0))) as address:
        yield address


def address(batch: Json, query: str = "") -> str:
    """The page of a batch."""
    return f"/batches/{batch['id']}{query}"


def tab(page: Page, name: str) -> None:
    """Open a tab."""
    page.get_by_role("navigation", name="Parts of the batch").get_by_role("link", name=name).click()


def export(page: Page, name: str) -> None:
    """Have the results stored."""
    page.locator(".batch-head").get_by_role("button", name="Export").click()
    page.get_by_role("menuitem", name=name).click()


def expect_tab(page: Page, name: str) -> None:
    """The tab that is open."""
    here = page.get_by_role("navigation", name="Parts of the batch").locator("[aria-current=page]")
    expect(here).to_have_text(re.compile(rf"^{name}( \d+)?$"))


def expect_status(page: Page, name: str) -> None:
    """The status that the page tells."""
    expect(page.locator(".batch-title .badge")).to_have_text(name)
    expect(page.locator(".timeline [aria-current=step]")).to_contain_text(name)


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


def test_progress_is_live(visit: Visit, data: Data, steady: str) -> None:
    """Figures, lanes and charts move while models are called; their values can be read with the keyboard."""
    connection = data.connection(steady, limits={"concurrency": 1}, prices=PRICES)
    batch = data.staged(folder=data.folder(40), connection=connection)
    page = visit(address(batch, "?tab=progress"))
    data.act(batch, "run")
    expect(page.get_by_text("of 1 calls in flight")).to_be_visible()
    slider = page.get_by_role("slider", name="Calls per second over time")
    expect(slider).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\d+ % "))
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\d+ at \d\d:\d\d:\d\d$"))
    expect(page.get_by_text(re.compile(r"\d+ % · [\d.]+ tasks/s · [\d.]+ s left"))).to_be_visible()
    data.wait(batch, "COMPLETED")
    expect_status(page, "Completed")
    expect(page.get_by_text("calls in flight")).to_have_count(0)
    cells = page.get_by_role("region", name="Progress by connection and prompt")
    expect(cells.get_by_role("row").nth(1)).to_contain_text(connection["name"])


def test_charts_begin_at_zero_and_outlive_a_reload(visit: Visit, data: Data, steady: str) -> None:
    """A run that is over still shows how it went."""
    connection = data.connection(steady, limits={"concurrency": 1}, prices=PRICES)
    batch = data.completed(folder=data.folder(15), connection=connection)
    page = visit(address(batch, "?tab=progress"))
    for title in ("Calls per second", "Mean latency", "Cost"):
        chart = page.get_by_role("figure").filter(has_text=title)
        expect(chart.locator(".batch-chart-scale span").last).to_have_text("0")
        expect(chart.get_by_role("slider")).to_have_count(1)


def test_a_budget_is_raised_where_its_end_is_told(visit: Visit, data: Data) -> None:
    """A batch that reached its budget says so, and goes on from there."""
    connection = data.connection(prices={"input": 1000, "output": 1000}, max_output_tokens=100)
    batch = data.staged(connection=connection, budget=0.01)
    data.act(batch, "run")
    data.wait(batch, "PAUSED")
    page = visit(address(batch))
    expect(page.get_by_text("The budget of $0.01 is reached")).to_be_visible()
    page.get_by_label("Budget in US dollars").fill("50")
    page.get_by_role("button", name="Set and resume").click()
    expect_status(page, "Completed")
    assert data.get(f"/api/batches/{batch['id']}")["budget"] == 50


def test_a_held_connection_is_a_click_away(visit: Visit, data: Data) -> None:
    """A batch that waits for a connection names it and leads to it."""
    with running_simulator(Profile(error_rates={Fault.AUTH: 1.0})) as refuses_keys:
        connection = data.connection(refuses_keys)
        batch = data.staged(connection=connection)
        data.act(batch, "run")
        data.wait(batch, "PAUSED")
    page = visit(address(batch))
    expect(page.get_by_text("Settle this, then resume.")).to_be_visible()
    page.get_by_role("link", name=f"Open connection {connection['name']}").click()
    expect(page).to_have_url(re.compile(rf"/connections/{connection['id']}$"))


def test_a_failed_staging_says_what_to_mend(visit: Visit, data: Data) -> None:
    """The reason is there, the folder a click away, and staging again works."""
    place = data.write({})
    batch = data.batch(folder=data.folder(place))
    data.act(batch, "stage")
    data.wait(batch, "FAILED_STAGING")
    page = visit(address(batch))
    expect(page.get_by_text("No files were found")).to_be_visible()
    expect(page.get_by_role("link", name="Open folder")).to_have_attribute(
        "href", re.compile(r"/folders/\d+")
    )
    (place / ENCODED).write_text("A letter.")
    page.locator(".batch-head").get_by_role("button", name="Stage", exact=True).click()
    expect_status(page, "Staged")


def test_failures_are_retried_by_their_cause(visit: Visit, data: Data, scrambling: str) -> None:
    """Failed tasks stand together with a way forward; only those of the cause are tried again."""
    schema = {"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}
    prompt = data.prompt(schema=schema)
    batch = data.completed(folder=data.folder(16), connection=data.connection(scrambling), prompt=prompt)
    failed = batch["failed_tasks"]
    assert failed > 0
    page = visit(address(batch, "?tab=failures"))
    card = page.get_by_role("article").filter(has_text="bad answer")
    expect(card.get_by_role("heading")).to_have_text(f"{failed} × bad answer")
    with page.expect_response(re.compile("/action$")) as response:
        card.get_by_role("button", name="Retry these").click()
    assert response.value.request.post_data_json == {"action": "retry", "failure_kinds": ["bad_answer"]}
    now = data.wait(batch, "COMPLETED")
    expect(page.get_by_role("link", name=f"Failures {now['failed_tasks'] or ''}".strip())).to_be_visible()


def test_failures_name_their_places_and_no_retry_that_cannot_help(
    visit: Visit, data: Data, refusing: str, axe: Callable[[Page], None]
) -> None:
    """Connection, prompt and documents lead to what failed; of refusals it is said what helps instead."""
    connection, prompt = data.connection(refusing), data.prompt()
    batch = data.completed(folder=data.folder(12), connection=connection, prompt=prompt)
    failed = batch["failed_tasks"]
    assert failed > 0
    page = visit(address(batch, "?tab=failures"))
    card = page.get_by_role("article").filter(has_text="refusal")
    expect(card.get_by_role("heading")).to_have_text(f"{failed} × refusal")
    expect(card).to_contain_text("The same model declines the same question again.")
    expect(card.get_by_role("button", name="Retry these")).to_have_count(0)
    axe(page)
    place = card.get_by_role("link", name=f"{connection['name']} · {prompt['name']}")
    expect(place).to_have_attribute("href", re.compile("failure_kind=refusal"))
    first = data.get(f"/api/batches/{batch['id']}/tasks", status="FAILED")["items"][0]
    card.get_by_role("link", name=first["document"]).click()
    expect(page.get_by_role("dialog")).to_contain_text(first["document"])
    page.keyboard.press("Escape")
    place.click()
    expect(page).to_have_url(re.compile(f"prompt_id={prompt['id']}"))
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(failed + 1))


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


def test_charts_are_fetched_only_where_they_are_shown(visit: Visit, data: Data) -> None:
    """The file of the charts comes with the tab of the progress."""
    batch = data.staged()
    page = visit()
    fetched: list[str] = []

    def note(response: Response) -> None:
        fetched.append(response.url)

    page.on("response", note)
    page.goto(address(batch))
    expect_tab(page, "Estimate")
    expect(page.get_by_role("region", name="Estimate by connection")).to_be_visible()
    assert not [url for url in fetched if "/charts-" in url]
    with page.expect_response(re.compile("/charts-")):
        tab(page, "Progress")


@pytest.mark.parametrize("size", [WIDE, NARROW, HUGE], ids=["wide", "narrow", "huge"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_passes_axe_and_fits(
    visit: Visit,
    data: Data,
    axe: Callable[[Page], None],
    picture: Callable[..., None],
    refusing: str,
    size: dict[str, int],
    scheme: Scheme,
) -> None:
    """No fault in any tab, and nothing makes the page wider than its window."""
    folder = data.folder({ENCODED: "A letter.", EMPTY: "", **{f"{n}.txt": f"Letter {n}" for n in range(8)}})
    batch = data.completed(
        folder=folder,
        connection=data.connection(refusing, prices=PRICES),
        description="Asked for by the audit.\nSee the folder.",
        metadata={"case": "A-17"},
        budget=5,
    )
    data.act(batch, "rerun")
    data.wait(batch, "COMPLETED")
    for name in (
        "overview",
        "estimate",
        "documents",
        "progress",
        "failures",
        "runs",
        "events",
        "details",
        "progress&run=1",
    ):
        page = visit(address(batch, f"?tab={name}"), size=size, scheme=scheme)
        axe(page)
        assert not scrolls_sideways(page), name
        picture(page, f"batch-{name.replace('&', '-')}-{size['width']}-{scheme}")
        page.close()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_status_passes_axe(
    visit: Visit, data: Data, axe: Callable[[Page], None], slow_model: str, size: dict[str, int]
) -> None:
    """Also while it works, waits, or has failed."""
    waiting = data.connection(slow_model, prices=PRICES)
    for batch in (
        data.batch(),
        data.failed_staging(),
        data.analyzing(slow_model, connection=waiting),
        data.paused(slow_model, connection=waiting, budget=5),
        data.failed(slow_model, connection=waiting),
    ):
        page = visit(address(batch), size=size)
        axe(page)
        assert not scrolls_sideways(page)
        page.close()
