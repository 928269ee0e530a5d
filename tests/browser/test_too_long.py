"""A document that is too long for the model: told before it is paid for, in its row and with its answer."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.conftest import WIDE
from tests.browser.data import Data
from tests.browser.guard import Visit, scrolls_sideways

LONG = "\n\n".join(f"{n}. The lessee pays the rent on the first day of the month." for n in range(900))


def test_what_was_sent_is_told(visit: Visit, data: Data, axe: Callable[[Page], None]) -> None:
    """The estimate counts it, the table marks the row, and the drawer says which part was sent."""
    batch = data.staged(
        folder=data.folder({"lease.txt": LONG, "note.txt": "The rent was paid."}),
        connection=data.connection(context_tokens=4_000, max_output_tokens=500),
        prompt=data.prompt(too_long="first_parts"),
    )
    page = visit(f"/batches/{batch['id']}?tab=estimate", size=WIDE)
    expect(page.get_by_text("the first parts that fit are sent")).to_be_visible()
    data.act(batch, "run")
    data.wait(batch, "COMPLETED")
    rows = data.get(f"/api/batches/{batch['id']}/tasks")["items"]
    sent = {row["document"]: row for row in rows}
    assert sent["note.txt"]["sent_part"] is None
    page = visit(f"/batches/{batch['id']}?tab=results", size=WIDE)
    expect(page.get_by_role("row").filter(has_text="lease.txt")).to_contain_text("in part: ")
    expect(page.get_by_role("row").filter(has_text="note.txt")).not_to_contain_text("in part: ")
    page = visit(f"/batches/{batch['id']}?tab=results&task={sent['lease.txt']['id']}", size=WIDE)
    told = f"it is sent {sent['lease.txt']['sent_part']}, without the rest."
    expect(page.get_by_role("dialog").get_by_text(told)).to_be_visible()
    assert scrolls_sideways(page) == []
    axe(page)
