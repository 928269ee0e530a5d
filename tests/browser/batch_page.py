"""The page of a batch: its address, its parts and what it shows."""

import re

from playwright.sync_api import Page, expect
from tests.browser.data import Json

ENCODED, EMPTY = "letter.txt", "nothing.txt"


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
