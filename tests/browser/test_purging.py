"""Deleting for good from the pages: what goes and what stays is told first, by keys too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Guard, Visit, scrolls_sideways


def _dialog(page: Page, title: str) -> Locator:
    return page.get_by_role("dialog", name=title)


def _documents(data: Data, batch: Json) -> list[str]:
    return [one["path"] for one in data.get(f"/api/batches/{batch['id']}/documents")["items"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_document_is_deleted_everywhere(
    visit: Visit, data: Data, axe: Callable[[Page], None], scheme: Scheme
) -> None:
    """By keys, from its page: the dialog says what goes, what stays, and which file remains."""
    name = f"smith-{scheme}.txt"
    folder = data.folder({name: f"A letter of Smith, {scheme}.", "jones.txt": "Jones."})
    batches = [data.completed(unused("Letters"), folder=folder) for _ in range(2)]
    page = visit(f"/batches/{batches[0]['id']}?tab=documents", scheme=scheme, size=NARROW)
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Delete everywhere…").focus()
    page.keyboard.press("Enter")
    dialog = _dialog(page, f"Delete {name} everywhere?")
    expect(dialog).to_contain_text("Will be gone for good, in 2 runs of 2 batches: 2 documents, 2 answers")
    expect(dialog).to_contain_text("Its place stays in each run as a purged document")
    remain = dialog.get_by_role("list", name="Files that remain")
    expect(remain).to_have_text(f"{folder['path']}/{name}")
    axe(page)
    assert scrolls_sideways(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert name in _documents(data, batches[0])
    expect(page.get_by_role("button", name="Delete everywhere…")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete everywhere").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("purged document")
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    for batch in batches:
        assert name not in _documents(data, batch)
        assert "jones.txt" in _documents(data, batch)


def test_what_keeps_a_document_from_being_deleted_is_told(
    visit: Visit, data: Data, slow_model: str, guard: Guard
) -> None:
    """While a batch that has it is at work nothing is deleted, and there is no button that would."""
    batch = data.analyzing(slow_model, connection=data.connection(slow_model))
    path = _documents(data, batch)[0]
    guard.expect("409")
    page = visit(f"/batches/{batch['id']}?tab=documents")
    page.get_by_role("link", name=path).first.click()
    page.get_by_role("button", name="Delete everywhere…").click()
    dialog = _dialog(page, f"Delete {path} everywhere?")
    expect(dialog.get_by_role("alert")).to_contain_text(f"batch {batch['id']} (ANALYZING)")
    expect(dialog.get_by_role("button", name="Delete everywhere")).to_have_count(0)


def test_an_earlier_run_is_deleted(visit: Visit, data: Data) -> None:
    """From the list of runs; the current one has no such button."""
    batch = data.completed(unused("Twice"))
    data.act(batch, "rerun")
    batch = data.wait(batch, "COMPLETED")
    page = visit(f"/batches/{batch['id']}?tab=runs")
    expect(page.get_by_role("button", name="Delete run 2")).to_have_count(0)
    page.get_by_role("button", name="Delete run 1").click()
    dialog = _dialog(page, f"Delete run 1 of {batch['name']}?")
    expect(dialog).to_contain_text("Will be gone for good: 1 run")
    expect(dialog).to_contain_text("The other runs stay")
    dialog.get_by_role("button", name="Delete run").click()
    expect(page.get_by_role("link", name="Run 1")).to_have_count(0)
    expect(page.get_by_role("link", name="Run 2")).to_be_visible()
    assert [one["number"] for one in data.get(f"/api/batches/{batch['id']}/runs")] == [2]


def test_all_runs_of_a_batch_are_deleted(visit: Visit, data: Data) -> None:
    """From the menu; the batch stays, and is Saved."""
    batch = data.completed(unused("All"))
    page = visit(f"/batches/{batch['id']}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Purge all runs…").click()
    dialog = _dialog(page, f"Purge all runs of {batch['name']}?")
    expect(dialog).to_contain_text("The batch stays, and is Saved then.")
    dialog.get_by_role("button", name="Purge all runs").click()
    expect(page.locator(".batch-title")).to_contain_text("Saved")
    assert data.get(f"/api/batches/{batch['id']}")["status"] == "SAVED"
