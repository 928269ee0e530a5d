"""With the keyboard alone, and with a token."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.data import Data, unused
from tests.browser.guard import Guard, Visit
from tests.browser.server import Server

_FOCUS = """() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  return {
    name: at.getAttribute("aria-label") || at.textContent.trim() || at.tagName,
    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until something with this name has the focus; what has it on the way shows it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUS)
        assert at["visible"], f"the focus on {at['name']} cannot be seen"
        if at["name"] == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_batch_is_staged_run_and_deleted_without_a_mouse(visit: Visit, data: Data) -> None:
    """Everything on the way answers to the keyboard, shows the focus and gives it back."""
    batch = data.batch(unused("By keyboard"))
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    tab_to(page, "Batches")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Batches")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type(batch["name"])
    expect(page.get_by_role("rowheader")).to_have_text([batch["name"]])
    tab_to(page, f"Stage {batch['name']}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Run {batch['name']}")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    tab_to(page, f"Run {batch['name']}")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=f"Export {batch['name']}")).to_be_visible()

    more = page.get_by_role("button", name=f"More actions for {batch['name']}")
    page.keyboard.press("Shift+Tab")
    tab_to(page, f"More actions for {batch['name']}")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").nth(1)).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    expect(more).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name=re.compile("^Delete… Remove the batch"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name=re.compile("^Delete… Remove the batch"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_visible()
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("rowheader")).to_have_count(0)


def test_the_question_for_the_token(
    visit: Visit, guard: Guard, start_server: Callable[..., Server], tmp_path: Path
) -> None:
    """A wrong one is told, the right one opens what was asked for; another tab needs it too."""
    server = start_server(token="let-me-in")
    guard.expect("401")
    page = visit("/batches", server=server)
    field = page.get_by_label("Token")
    field.fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This token is not the right one")).to_be_visible()
    field.fill("let-me-in")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Batches")
    expect(page.get_by_text("There are no batches yet")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Batches")
    expect(page.get_by_label("Token")).to_have_count(0)

    other = visit("/batches", server=server, beside=page)
    expect(other.get_by_label("Token")).to_be_visible()
    other.get_by_label("Token").fill("wrong")
    other.get_by_role("button", name="Continue").click()
    expect(other.get_by_text("This token is not the right one")).to_be_visible()
    data = Data(server.address, tmp_path, server.headers)
    made = data.batch(unused("Still heard of"))
    data.close()
    expect(page.get_by_role("link", name=made["name"])).to_be_visible()
    expect(other.get_by_role("link", name=made["name"])).to_have_count(0)
