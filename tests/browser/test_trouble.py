"""Servers that stop or are slow, several users, many tabs."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from tests.browser.data import Data, unused
from tests.browser.guard import Guard, Visit
from tests.browser.server import Server
from tests.browser.test_batches import row
from tests.support.waiting import until

LOST = "The connection to docstage is lost"
_WATCH_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((one) => one.value)))
    .observe({type: "layout-shift", buffered: true});
"""


@dataclass(slots=True)
class Gate:
    """Requests of a page that wait until it is opened."""

    method: str
    waiting: list[Route] = field(default_factory=list)
    is_open: bool = False

    def take(self, route: Route) -> None:
        """Let a request wait, or pass."""
        if self.is_open or route.request.method != self.method:
            route.continue_()
        else:
            self.waiting.append(route)

    def open(self) -> None:
        """Send on what waits, and whatever comes from now on."""
        self.is_open = True
        for route in self.waiting:
            route.continue_()


def hold(page: Page, address: str, method: str = "GET") -> Gate:
    """Keep requests to an address waiting."""
    gate = Gate(method)
    page.route(address, lambda route: gate.take(route))  # noqa: PLW0108  (Playwright marks owners of methods)
    return gate


def test_a_stopped_server_is_told_and_comes_back_by_itself(
    visit: Visit, guard: Guard, own_server: Server, own_data: Data
) -> None:
    """While the server is away the page says so and keeps what it shows; then it comes up to date unasked."""
    before = own_data.batch(unused("Before"))
    page = visit("/batches", server=own_server)
    overview = visit("/", server=own_server)
    expect(row(page, before["name"])).to_be_visible()
    guard.expect("ERR_")
    own_server.stop()
    for one in (page, overview):
        expect(one.get_by_text(LOST)).to_be_visible()
        expect(row(one, before["name"])).to_be_visible()
    page.get_by_role("button", name=f"Stage {before['name']}").click()
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    own_server.start()
    after = own_data.batch(unused("After"))
    for one in (page, overview):
        expect(one.get_by_text(LOST)).to_have_count(0, timeout=30_000)
        expect(row(one, after["name"])).to_be_visible()


def test_a_page_first_opened_while_the_server_is_away_comes_by_itself(
    visit: Visit, guard: Guard, own_server: Server
) -> None:
    """A section that was never fetched says so, and appears when the server is back."""
    page = visit("/batches", server=own_server)
    guard.expect("ERR_")
    own_server.stop()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.get_by_role("link", name="Prompts").click()
    expect(page.get_by_text("This page could not be fetched")).to_be_visible()
    own_server.start()
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompts", timeout=30_000)


def test_a_slow_server_keeps_the_room_of_what_comes(visit: Visit, data: Data) -> None:
    """While data is on its way there is a sign of it, and nothing jumps when it arrives."""
    batch = data.completed(unused("Slowly"))
    for path, address in (("/", "**/api/batches?*"), ("/batches", "**/api/batches?*")):
        page = visit()
        page.add_init_script(_WATCH_SHIFTS)
        gate = hold(page, address)
        page.goto(path)
        expect(page.locator("main .skeleton").first).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        gate.open()
        expect(row(page, batch["name"])).to_be_visible()
        expect(page.locator("main .skeleton")).to_have_count(0)
        assert sum(page.evaluate("window.shifts")) < 0.05, path


def test_a_list_stays_while_the_next_one_is_fetched(visit: Visit, data: Data) -> None:
    """Filtering a list on a slow server does not empty the page in between."""
    batch = data.batch(unused("Stays"))
    page = visit("/batches")
    gate = hold(page, "**/api/batches?*")
    page.get_by_role("group", name="Only these statuses").get_by_role("button", name="Saved").click()
    expect(page.get_by_role("table")).to_have_attribute("aria-busy", "true")
    expect(row(page, batch["name"])).to_be_visible()
    gate.open()
    expect(page.get_by_role("table")).not_to_have_attribute("aria-busy", "true")


def test_an_impatient_user_acts_once(visit: Visit, data: Data) -> None:
    """While an action is on its way its button does nothing more."""
    batch = data.batch(unused("Impatient"))
    page = visit(f"/batches?search={batch['name']}")
    gate = hold(page, "**/api/batches/*/stage", "POST")
    button = page.get_by_role("button", name=f"Stage {batch['name']}")
    button.dblclick()
    expect(button).to_be_disabled()
    button.click(force=True)
    gate.open()
    expect(page.get_by_role("button", name=f"Run {batch['name']}")).to_be_visible()
    assert len(gate.waiting) == 1
    events = data.get(f"/api/batches/{batch['id']}/events")["items"]
    assert [event["action"] for event in events].count("stage") == 1


def test_what_one_user_does_the_other_sees(visit: Visit, data: Data, slow_model: str) -> None:
    """Two browsers: one pauses and resumes, the other follows, with the buttons that fit."""
    batch = data.analyzing(slow_model, unused("Shared"))
    here, there = visit(f"/batches?search={batch['name']}"), visit(f"/batches?search={batch['name']}")
    here.get_by_role("button", name=f"Pause {batch['name']}").click()
    expect(there.get_by_role("button", name=f"Resume {batch['name']}")).to_be_visible()
    expect(row(there, batch["name"])).to_contain_text("Paused by a user")
    there.get_by_role("button", name=f"Resume {batch['name']}").click()
    expect(here.get_by_role("button", name=f"Pause {batch['name']}")).to_be_visible()


def test_of_two_who_run_at_once_one_wins(visit: Visit, guard: Guard, data: Data, slow_model: str) -> None:
    """The one who came second is told why, and both see the batch run."""
    batch = data.staged(unused("Contested"), connection=data.connection(slow_model))
    guard.expect("409")
    pages = [visit(f"/batches?search={batch['name']}") for _ in range(2)]
    held = [hold(page, "**/api/batches/*/run", "POST") for page in pages]
    for page, gate in zip(pages, held, strict=True):
        page.get_by_role("button", name=f"Run {batch['name']}").click()
        until_waiting(page, gate)
    for gate in held:
        gate.open()
    for page in pages:
        expect(page.get_by_role("button", name=f"Pause {batch['name']}")).to_be_visible()
    told = [page.locator(".toast").all_inner_texts() for page in pages]
    refusals = [text for texts in told for text in texts]
    assert len(refusals) == 1
    assert "run" in refusals[0]
    assert "ANALYZING" in refusals[0]
    events = data.get(f"/api/batches/{batch['id']}/events")["items"]
    assert [event["action"] for event in events].count("run") == 1


def test_twenty_tabs_share_one_connection(visit: Visit, own_server: Server, own_data: Data) -> None:
    """Twenty tabs of one browser all follow live, over a single stream."""
    batch = own_data.batch(unused("Watched"))
    first = visit("/batches", server=own_server)
    tabs = [first] + [visit("/batches", server=own_server, beside=first) for _ in range(19)]
    # What is not in use is closed by the server after a few seconds.
    own_data.close()
    until(lambda: established(own_server) == 1)
    with_client = Data(own_server.address, own_data.files)
    with_client.act(batch, "stage")
    with_client.wait(batch, "STAGED")
    with_client.close()
    for tab in tabs:
        expect(tab.get_by_role("button", name=f"Run {batch['name']}")).to_be_visible()
    until(lambda: established(own_server) == 1)


def test_the_stream_outlives_the_tab_that_began_it(visit: Visit, data: Data) -> None:
    """Closing the first tab does not leave the others without news."""
    batch = data.batch(unused("Orphan"))
    first = visit(f"/batches?search={batch['name']}")
    second = visit(f"/batches?search={batch['name']}", beside=first)
    first.close()
    data.act(batch, "stage")
    expect(second.get_by_role("button", name=f"Run {batch['name']}")).to_be_visible()
    expect(second.get_by_text(LOST)).to_have_count(0)


def until_waiting(page: Page, gate: Gate) -> None:
    """Wait until a request is held."""
    for _ in range(100):
        if gate.waiting:
            return
        page.wait_for_timeout(50)
    raise AssertionError("no request was made")


def established(server: Server) -> int:
    """How many connections the server's port has, as the kernel counts them."""
    assert server.process is not None
    lines = Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]
    local = f":{server.port:04X}"
    return sum(1 for line in lines if line.split()[1].endswith(local) and line.split()[3] == "01")
