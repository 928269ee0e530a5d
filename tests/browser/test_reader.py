"""A document beside its answers: part by part, words found in it, what is left out, the file itself."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data, Json
from tests.browser.guard import Visit, scrolls_sideways
from tests.support.mails import PARTLY_READ

LAPTOP = ViewportSize(width=1280, height=800)
_LOG = "".join(f"Line {number} tells of a caf\u00e9 \U0001f600\n" for number in range(9_000))


@pytest.fixture(scope="module")
def batch(data: Data) -> Json:
    """A staged batch over a long log, and a mail whose attachment cannot be read."""
    return data.staged(folder=data.folder({"log.txt": _LOG, "offer.eml": PARTLY_READ}))


def _open(visit: Visit, data: Data, batch: Json, name: str, **options: Any) -> tuple[Page, Locator]:
    """The page, and the document of this name in its drawer."""
    found = data.get(f"/api/batches/{batch['id']}/documents", search=name)["items"][0]
    page = visit(f"/batches/{batch['id']}?tab=documents&document={found['id']}", **options)
    return page, page.get_by_role("dialog", name=name).get_by_role("region", name="Document", exact=True)


def test_words_are_found_far_into_a_long_document(visit: Visit, data: Data, batch: Json) -> None:
    """By keys alone; what is between is not fetched, and the hit is the text of its line."""
    page, document = _open(visit, data, batch, "log.txt", size=LAPTOP)
    expect(document).to_contain_text("Line 0 tells of a caf\u00e9")
    page.keyboard.press("/")
    page.keyboard.type("LINE 8765 tells of a cafe")
    expect(document.get_by_role("status")).to_have_text("1 found")
    page.keyboard.press("Enter")
    hit = document.locator("mark[data-present]")
    expect(hit).to_have_text("Line 8765 tells of a caf\u00e9")
    expect(hit).to_be_in_viewport()
    expect(document.get_by_role("status")).to_have_text("1 of 1")
    expect(document).not_to_contain_text("Line 4000 tells")
    page.keyboard.press("Escape")
    expect(hit).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("size", [LAPTOP, NARROW], ids=["laptop", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_left_out_is_told_and_the_file_can_be_had(
    visit: Visit, data: Data, batch: Json, size: ViewportSize, scheme: Scheme, axe: Callable[[Page], None]
) -> None:
    """The receipt stands above the text; the original is a download with the bytes that were staged."""
    page, document = _open(visit, data, batch, "offer.eml", size=size, scheme=scheme)
    expect(document).to_contain_text("This document is not whole")
    expect(document).to_contain_text("offer.zzz")
    expect(document).to_contain_text("Please find it attached.")
    assert scrolls_sideways(page) == []
    axe(page)
    with page.expect_download() as download:
        document.get_by_role("button", name="Original").click()
    assert download.value.suggested_filename == "offer.eml"
    assert Path(download.value.path()).read_text() == PARTLY_READ


def test_a_staged_batch_leads_to_what_is_not_whole(visit: Visit, data: Data, batch: Json) -> None:
    """The estimate counts them, and its link lists them alone."""
    page = visit(f"/batches/{batch['id']}?tab=estimate", size=LAPTOP)
    expect(page.get_by_text("1 document is not whole")).to_be_visible()
    page.get_by_role("link", name="Show it").click()
    rows = page.get_by_role("region", name="Documents").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(re.compile("offer.eml.*not whole", re.DOTALL))
    page.get_by_role("button", name="Not whole").click()
    expect(rows).to_have_count(3)
