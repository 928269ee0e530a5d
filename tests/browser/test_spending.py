"""The overview's section of what was spent: figures, bars, a table, unknown prices, nothing yet."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data
from tests.browser.guard import Visit, scrolls_sideways
from tests.browser.server import Server
from tests.support.simulators import running_simulator

PRICES = {"input": 1000.0, "output": 0.0}  # USD per million tokens
PERIOD = "Period of the spending"


def _section(page: Page) -> Locator:
    return page.get_by_role("region", name="Spending", exact=True)


def _figure(page: Page, name: str) -> Locator:
    return _section(page).locator("dl > div").filter(has_text=name).locator("dd")


def _dollars(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


def test_what_was_spent_is_shown(
    visit: Visit, own_server: Server, own_data: Data, axe: Callable[[Page], None]
) -> None:
    """Sums of today and of the period, a bar a connection, the figures of each in the table; live."""
    costly = own_data.connection(name="Costly", prices=PRICES)
    free = own_data.connection(name="Free")
    own_data.completed(connection=costly)
    own_data.completed(connection=free)
    cost = own_data.get("/api/spending")["total"]["cost"]
    assert cost > 0
    page = visit("/", server=own_server)
    chart = _section(page).get_by_role("img", name=re.compile("Spending a day since"))
    expect(chart).to_be_visible()
    expect(chart.locator("rect[data-part]")).to_have_count(1)
    for name in ("Today", "Last 30 days"):
        assert _dollars(_figure(page, name).inner_text()) == pytest.approx(cost, abs=0.005)
    expect(_figure(page, "Calls")).to_have_text("6")
    summary = _section(page).get_by_text("Figures by day and connection")
    summary.focus()
    page.keyboard.press("Enter")
    rows = _section(page).locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Free")).to_contain_text("$0.00")
    assert _dollars(rows.filter(has_text="Costly").locator("td").last.inner_text()) == pytest.approx(
        cost, abs=0.005
    )
    axe(page)
    # What is spent while the page is open is added.
    again = own_data.completed(connection=costly)
    expect(_figure(page, "Calls")).to_have_text("9", timeout=30_000)
    # What is deleted was spent all the same.
    own_data.call("DELETE", f"/api/batches/{again['id']}")
    page.reload()
    expect(_figure(page, "Calls")).to_have_text("9")


def test_unknown_prices_are_said(visit: Visit, own_server: Server, own_data: Data) -> None:
    """What costs nobody knows what is never shown as nothing."""
    with running_simulator() as address:
        unknown = own_data.connection(
            address, name="Nameless", provider="openai-compatible", model="simulated-small"
        )
        own_data.completed(connection=unknown)
    page = visit("/", server=own_server)
    expect(_figure(page, "Last 30 days")).to_have_text("unknown")
    expect(_section(page)).to_contain_text("The cost of all calls is unknown: 3 calls with Nameless.")
    own_data.completed(connection=own_data.connection(prices=PRICES))
    page.reload()
    expect(_figure(page, "Last 30 days")).to_have_text(re.compile(r"^at least \$"))
    expect(_section(page).locator("svg text")).to_have_text("?")


def test_the_period_lives_in_the_address(visit: Visit, data: Data) -> None:
    """Another period is another address, and the days are those of the user's zone."""
    data.batch()
    page = visit("/")
    with page.expect_request(re.compile(r"/api/spending\?.*days=90")) as asked:
        page.get_by_label(PERIOD).select_option("Last 90 days")
    assert "time_zone=Europe%2FBerlin" in asked.value.url
    assert page.url.endswith("/?days=90")
    page.reload()
    expect(page.get_by_label(PERIOD)).to_have_value("90")


def test_before_anything_was_spent_it_says_so(visit: Visit, own_server: Server, own_data: Data) -> None:
    """There are batches, but no calls."""
    own_data.batch()
    page = visit("/", server=own_server)
    expect(_section(page)).to_contain_text("No call was made in the last 30 days.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_into_a_narrow_window(
    visit: Visit,
    own_server: Server,
    own_data: Data,
    scheme: Scheme,
    axe: Callable[[Page], None],
    picture: Callable[..., None],
) -> None:
    """Nothing sticks out, also with long names, and axe finds no fault."""
    long = own_data.connection(name="A-name-that-was-made-by-a-program-" + "x" * 60, prices=PRICES)
    own_data.completed(connection=long)
    page = visit("/", server=own_server, size=NARROW, scheme=scheme)
    expect(_section(page).get_by_role("img")).to_be_visible()
    assert not scrolls_sideways(page)
    axe(page)
    picture(page, f"spending-narrow-{scheme}")
