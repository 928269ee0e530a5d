"""The page of a batch while it is analysed, and what it tells of failures."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Response, expect
from tests.browser.batch_page import ENCODED, address, expect_status, expect_tab, tab
from tests.browser.data import Data
from tests.browser.guard import Visit
from tests.browser.scene import PRICES
from tests.support.simulators import running_simulator

from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile


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
