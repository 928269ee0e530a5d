"""What surrounds every page: the way around, the colours, addresses that do not exist."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import NARROW
from tests.browser.guard import Guard, Visit, scrolls_sideways

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


def test_an_unknown_address_says_so(visit: Visit) -> None:
    """Below a section, an address that is no page leads back to the overview."""
    page = visit()
    page.goto("/batches/none")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


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
