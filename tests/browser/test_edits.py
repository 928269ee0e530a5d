"""Edits that overwrite nobody else's, and are not lost by leaving."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Dialog, Page, expect
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Guard, Visit

REFUSED = "Failed to load resource"


@dataclass(frozen=True, slots=True)
class Form:
    """One of the forms that edit something: how to make that, to open the form, and what to change."""

    make: Callable[[Data], Json]
    path: str
    field: str
    member: str
    open: Callable[[Page], None]


def is_open(page: Page) -> None:
    """Nothing is to be done to see the form."""


def open_limits(page: Page) -> None:
    """Open the form of a batch's name and limits."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Name and limits").click()


FORMS = {
    "folder": Form(lambda data: data.folder(1), "folders", "Name", "name", is_open),
    "connection": Form(lambda data: data.connection(), "connections", "Name", "name", is_open),
    "prompt": Form(lambda data: data.prompt(), "prompts", "Question about every document", "text", is_open),
    "batch": Form(lambda data: data.batch(), "batches", "Name", "name", open_limits),
}


@pytest.mark.parametrize("kind", FORMS)
def test_somebody_elses_change_is_not_overwritten(
    visit: Visit, data: Data, guard: Guard, axe: Callable[[Page], None], kind: str
) -> None:
    """The form says so, loads the present state on request, and keeps what was typed in sight."""
    guard.expect(REFUSED)
    form = FORMS[kind]
    thing = form.make(data)
    address = f"/{form.path}/{thing['id']}"
    page = visit(address)
    form.open(page)
    field = page.get_by_label(form.field, exact=True)
    mine, theirs = unused("Mine"), unused("Theirs")
    field.fill(mine)
    data.call("PATCH", f"/api{address}", {form.member: theirs})
    page.get_by_role("button", name="Save", exact=True).click()
    notice = page.get_by_role("alert").filter(has_text="Somebody changed this meanwhile")
    expect(notice).to_contain_text(theirs)
    expect(field).to_have_value(mine)
    page.evaluate("scrollTo(0, 0)")  # what is half below the bar at the top is no small target
    axe(page)
    page.get_by_role("button", name="Load the present state").click()
    expect(field).to_have_value(theirs)
    expect(page.get_by_role("alert").filter(has_text="This is what you had typed")).to_contain_text(mine)
    final = unused("Both")
    field.fill(final)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("was saved"))).to_be_visible()
    assert data.get(f"/api{address}")[form.member] == final


def test_ones_own_change_can_be_kept(visit: Visit, data: Data, guard: Guard) -> None:
    """Who knows of the other change may replace it."""
    guard.expect(REFUSED)
    folder = data.folder(1)
    page = visit(f"/folders/{folder['id']}")
    page.get_by_label("Name", exact=True).fill(mine := unused("Mine"))
    data.call("PATCH", f"/api/folders/{folder['id']}", {"name": unused("Theirs")})
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Keep mine").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(mine)
    assert data.get(f"/api/folders/{folder['id']}")["name"] == mine


def test_what_a_batch_is_made_of_is_not_overwritten(visit: Visit, data: Data, guard: Guard) -> None:
    """The choice of folders, connections and prompts is an edit like the others."""
    guard.expect(REFUSED)
    batch, other = data.batch(), data.prompt()
    page = visit(f"/batches/{batch['id']}?tab=details")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("checkbox", name=re.compile(re.escape(str(other["name"])))).check()
    data.call("PATCH", f"/api/batches/{batch['id']}", {"name": unused("Theirs")})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Somebody changed this meanwhile")).to_be_visible()
    page.get_by_role("button", name="Keep mine").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    assert other["id"] in data.get(f"/api/batches/{batch['id']}")["prompt_ids"]


def test_leaving_with_unsaved_changes_is_asked(visit: Visit, data: Data) -> None:
    """By a link and by the browser's way back; who stays keeps the page, its address and what was typed."""
    connection = data.connection()
    page = visit("/connections")
    page.get_by_role("link", name=str(connection["name"]), exact=True).click()
    here = re.compile(rf"/connections/{connection['id']}$")
    field = page.get_by_label("Name", exact=True)
    field.fill("Not saved")
    question = page.get_by_role("dialog", name="Leave without saving?")
    page.get_by_role("link", name="Prompts", exact=True).click()
    question.get_by_role("button", name="Back").click()
    expect(page).to_have_url(here)
    page.go_back()
    expect(question).to_be_visible()
    expect(page).to_have_url(here)
    question.get_by_role("button", name="Back").click()
    expect(field).to_have_value("Not saved")
    page.go_back()
    question.get_by_role("button", name="Leave").click()
    expect(page).to_have_url(re.compile("/connections$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")
    page.go_forward()
    expect(field).to_have_value(str(connection["name"]))
    page.get_by_role("link", name="Prompts", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompts")


def test_closing_the_tab_is_asked_only_with_unsaved_changes(visit: Visit, data: Data) -> None:
    """The browser asks; once it is saved, or given up, nothing does."""
    prompt = data.prompt()
    page = visit(f"/prompts/{prompt['id']}")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Question about every document").fill("Who signed?")
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was saved as version 2")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Given up")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompts")
    page.reload()
    assert asked == ["beforeunload"]


def test_a_dialog_with_unsaved_changes_asks_too(visit: Visit, data: Data) -> None:
    """Escape does not throw away what was typed in it."""
    page = visit(f"/batches/{data.batch()['id']}")
    open_limits(page)
    form = page.get_by_role("dialog", name="Name and limits")
    form.get_by_label("Description").fill("Long and careful")
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Leave without saving?")
    question.get_by_role("button", name="Back").click()
    expect(form.get_by_label("Description")).to_have_value("Long and careful")
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
