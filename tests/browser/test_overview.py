"""The overview: what runs, what needs somebody, what was done last."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.browser.data import Data, unused
from tests.browser.guard import Visit, scrolls_sideways
from tests.browser.scene import PRICES
from tests.browser.server import Server
from tests.support.simulators import running_simulator
from tests.support.waiting import PATIENCE, until

from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Profile


def test_the_first_visit_leads_to_a_first_batch(visit: Visit, own_server: Server) -> None:
    """An empty server says what to do."""
    page = visit("/", server=own_server)
    expect(page.get_by_text("Nothing has been analysed yet")).to_be_visible()
    page.get_by_role("link", name="Make the first batch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New batch")


def test_the_overview_follows_what_happens(
    visit: Visit, own_server: Server, own_data: Data, slow_model: str
) -> None:
    """A batch moves from running to waiting and back while the page is looked at, with its figures."""
    batch = own_data.analyzing(slow_model, unused("Overseen"), budget=3.0)
    page = visit("/", server=own_server)
    running = page.get_by_role("region", name="Running now")
    attention = page.get_by_role("region", name="Needs attention")
    recent = page.get_by_role("region", name="Recent batches", exact=True)
    card = running.get_by_role("article").filter(has_text=batch["name"])
    expect(card.get_by_text("of $3.00")).to_be_visible()
    expect(card.locator("div").filter(has_text="Calls in flight").last).to_contain_text("3")
    expect(recent.get_by_role("link", name=batch["name"])).to_be_visible()
    recent.get_by_role("button", name=f"Pause {batch['name']}").click()
    expect(attention.get_by_text("Paused by a user")).to_be_visible()
    expect(running.get_by_text("Nothing runs at the moment")).to_be_visible()
    attention.get_by_role("button", name=f"Resume {batch['name']}").click()
    expect(card).to_be_visible()
    expect(attention).to_have_count(0)


def test_failures_are_told_by_kind_with_a_way_forward(
    visit: Visit, own_server: Server, own_data: Data
) -> None:
    """A folder without documents, and documents too long for their model."""
    nothing = own_data.failed_staging(unused("Nothing there"))
    page = visit("/", server=own_server)
    attention = page.get_by_role("region", name="Needs attention")
    expect(attention).to_contain_text("No files were found")
    attention.get_by_role("link", name=nothing["name"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(nothing["name"])


def test_what_needs_attention_is_told_once_and_can_be_dismissed(
    visit: Visit, own_server: Server, own_data: Data, axe: Callable[[Page], None]
) -> None:
    """A dismissal holds for this state of the batch, on every visit, and can be taken back."""
    batch = own_data.failed_staging(unused("Nothing there"))
    page = visit("/", server=own_server)
    attention = page.get_by_role("region", name="Needs attention")
    link = attention.get_by_role("link", name=batch["name"])
    attention.get_by_role("button", name=f"Dismiss {batch['name']}").click()
    expect(link).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()
    attention.get_by_role("button", name=f"Dismiss {batch['name']}").click()
    page.reload()
    attention.get_by_role("button", name="Show dismissed (1)").click()
    expect(link).to_be_visible()
    axe(page)
    attention.get_by_role("button", name="Hide dismissed").click()
    expect(link).to_have_count(0)
    own_data.act(batch, "stage")
    own_data.wait(batch, "FAILED_STAGING")
    expect(link).to_be_visible()


def test_a_batch_with_several_matters_is_listed_once(
    visit: Visit, own_server: Server, own_data: Data, slow_model: str
) -> None:
    """A paused batch of which tasks failed says both in one place."""
    with running_simulator(Profile(error_rates={Fault.REFUSAL: 1.0})) as refusing:
        members = {
            "folder_ids": [own_data.folder(3)["id"]],
            "connection_ids": [own_data.connection(address)["id"] for address in (refusing, slow_model)],
            "prompt_ids": [own_data.prompt()["id"]],
        }
        batch = own_data.post("/api/batches/stage", {"name": unused("Twice"), **members})
        own_data.wait(batch, "STAGED")
        own_data.act(batch, "run")
        until(lambda: own_data.get(f"/api/batches/{batch['id']}")["failed_tasks"] == 3, "three failed")
        own_data.act(batch, "pause")
        page = visit("/", server=own_server)
        attention = page.get_by_role("region", name="Needs attention")
        expect(attention.get_by_role("link", name=batch["name"])).to_have_count(1)
        expect(attention).to_contain_text("Paused by a user")
        expect(attention.get_by_role("link", name="3 failed")).to_be_visible()
        expect(attention).to_contain_text("3 × refusal")


def test_spending_is_told_when_no_batch_is_left(visit: Visit, own_server: Server, own_data: Data) -> None:
    """The ledger outlives the batches that are deleted."""
    batch = own_data.completed(connection=own_data.connection(prices=PRICES))
    own_data.call("DELETE", f"/api/batches/{batch['id']}")
    page = visit("/", server=own_server)
    expect(page.get_by_role("heading", name="There are no batches left")).to_be_visible()
    expect(page.get_by_role("region", name="Spending", exact=True)).to_contain_text("Last 30 days")


def test_an_engine_that_is_away_is_told_until_it_is_back(
    visit: Visit,
    own_server: Server,
    own_data: Data,
    axe: Callable[..., None],
    picture: Callable[..., None],
) -> None:
    """Also before there is any batch, and without a reload; at every size, in both schemes."""
    page = _without_engine(visit, own_server)
    expect(page.get_by_role("link", name="Make the first batch")).to_be_visible()
    own_data.batch(unused("Letters"))
    looks: list[tuple[ViewportSize, Scheme]] = [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")]
    for size, scheme in looks:
        page = _without_engine(visit, own_server, size=size, scheme=scheme)
        axe(page)
        assert scrolls_sideways(page) == []
        picture(page, f"overview-no-engine-{scheme}-{size['width']}")
    page.unroute("**/readyz")
    expect(page.get_by_text("The engine does not run")).to_have_count(0, timeout=PATIENCE * 1_000)


def _without_engine(visit: Visit, server: Server, **look: Any) -> Page:
    page = visit(server=server, **look)
    page.route("**/readyz", lambda route: route.fulfill(json={"engine": {"running": False}}))
    page.goto("/")
    expect(page.get_by_text("The engine does not run")).to_be_visible()
    return page
