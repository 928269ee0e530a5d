"""What surrounds every page: the way around, the colours, addresses that do not exist."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.browser.data import Data
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.server import Server

SECTIONS = {
    "Overview": "/",
    "Batches": "/batches",
    "Folders": "/folders",
    "Connections": "/connections",
    "Prompts": "/prompts",
}


def test_every_section_is_a_click_away_and_has_an_address(visit: Visit) -> None:
    """The navigation leads to every section, says where one is, and the back button leads back."""
    page = visit("/")
    sections = page.get_by_role("navigation", name="Sections")
    for name, address in SECTIONS.items():
        sections.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert page.url.endswith(address)
        expect(page).to_have_title(f"{name} · docstage")
        expect(sections.locator("[aria-current=page]")).to_have_text(name)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_chosen_colours_stay(visit: Visit, system: str) -> None:
    """Light or dark follows the system until the user chooses, and the choice outlives a reload."""
    page = visit("/batches", scheme=system)
    other = "dark" if system == "light" else "light"
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    first = page.evaluate(ground)
    page.get_by_role("button", name="Colours: As the system").click()
    page.get_by_role("menuitem", name=other.capitalize()).click()
    chosen = page.evaluate(ground)
    assert chosen != first
    page.reload()
    assert page.evaluate(ground) == chosen
    expect(page.get_by_role("button", name=f"Colours: {other.capitalize()}")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/batches/none", "/batches"),
        ("/batchs/3", "/batches/3"),
        ("/Prompt/new", "/prompts/new"),
        ("/a/b", None),
    ],
)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_unknown_address_says_so(
    visit: Visit,
    guard: Guard,
    axe: Callable[[Page], None],
    address: str,
    meant: str | None,
    size: ViewportSize,
) -> None:
    """An address that is no page is answered with 404 and a page of the application, with ways onward."""
    guard.expect("404")
    page = visit(size=size)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    axe(page)
    assert scrolls_sideways(page) == []
    if meant:
        expect(page.get_by_role("link", name=meant, exact=True)).to_have_attribute("href", meant)
    page.get_by_role("navigation", name="Ways onward").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_a_refusal_is_a_page_in_a_browser(
    visit: Visit, guard: Guard, axe: Callable[[Page], None], start_server: Callable[..., Server]
) -> None:
    """Whoever opens what is for programs on a protected server is told in words where to enter the token."""
    guard.expect("401")
    page = visit(server=start_server(token="secret"))
    page.goto("/metrics")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    axe(page)
    page.get_by_role("link", name="open them and enter it there").click()
    expect(page.get_by_label("Token")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_keys_have_a_help_that_names_those_that_work(
    visit: Visit,
    data: Data,
    axe: Callable[[Page], None],
    picture: Callable[[Page, str], None],
    size: ViewportSize,
    scheme: Scheme,
) -> None:
    """`?` and a button show all keys of the page; each does what is said of it, but not while one types."""
    data.prompt()
    page = visit("/batches", size=size, scheme=scheme)
    dialog = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(dialog.get_by_text("Search by name")).to_be_visible()
    expect(dialog.get_by_text("The next part of the batch")).to_have_count(0)
    axe(page)
    picture(page, f"keys-{scheme}-{size['width']}")
    page.keyboard.press("n")  # nothing happens behind the dialog
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert scrolls_sideways(page) == []
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("?gp")
    expect(page.get_by_role("searchbox")).to_have_value("?gp")
    expect(dialog).to_have_count(0)
    page.get_by_role("searchbox").blur()
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompts")
    page.get_by_role("button", name="Keys", exact=True).click()
    expect(dialog.get_by_text("Search by name or text")).to_be_visible()


def test_single_keys_can_be_turned_off(visit: Visit) -> None:
    """Tools that type what is said must not set off anything; the button still shows the help."""
    page = visit("/folders")
    page.get_by_role("button", name="Keys", exact=True).click()
    page.get_by_label("Single keys do something").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Folders")
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Folders")
    page.get_by_role("button", name="Keys", exact=True).click()
    expect(page.get_by_label("Single keys do something")).not_to_be_checked()


def test_keys_go_from_part_to_part_of_a_batch(visit: Visit, data: Data) -> None:
    """The help of a batch names its own keys beside those of everywhere."""
    page = visit(f"/batches/{data.completed()['id']}?tab=documents")
    parts = page.get_by_role("navigation", name="Parts of the batch")
    page.keyboard.press("]")
    expect(parts.locator("[aria-current=page]")).to_contain_text("Progress")
    page.keyboard.press("]")
    expect(parts.locator("[aria-current=page]")).to_contain_text("Results")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(
        dialog.get_by_role("region", name="Results").get_by_text("Open the answer of the row")
    ).to_be_visible()
    expect(dialog.get_by_text("The part before")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next →")).to_be_visible()
    page.keyboard.press("?")
    expect(dialog.get_by_role("region", name="What is open").get_by_text("The next").first).to_be_visible()


@pytest.mark.parametrize("address", SECTIONS.values())
def test_sections_pass_axe_and_fit_a_narrow_window(
    visit: Visit, axe: Callable[[Page], None], address: str
) -> None:
    """No section has faults that axe finds, nor makes the page scroll sideways at 360 px."""
    page = visit(address, size=NARROW)
    axe(page)
    assert scrolls_sideways(page) == []


def test_the_guard_and_axe_see_faults(visit: Visit, guard: Guard, axe: Callable[[Page], None]) -> None:
    """What watches the other tests does find inline scripts, requests to elsewhere and missing names."""
    page = visit("/batches")
    page.evaluate("""() => {
      const button = document.createElement("button");
      button.setAttribute("onclick", "window.ran = true");
      document.querySelector("main").append(button);
      const picture = document.createElement("img");
      picture.src = "http://127.0.0.1:9/picture";
      document.body.append(picture);
      button.click();
    }""")
    with pytest.raises(AssertionError, match="button-name"):
        axe(page)
    assert page.evaluate("window.ran") is None
    with pytest.raises(AssertionError, match="policy violation: script-src-attr"):
        guard.check()
    guard.expect(".")
