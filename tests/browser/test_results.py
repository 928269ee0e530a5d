"""The results of a batch: the table, the matrix, the drawer."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.conftest import NARROW, WIDE, Scheme, wait_until_shown
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Visit, scrolls_sideways
from tests.support.simulators import running_simulator

from docstage.simulator.profile import Latency, Profile

SCHEMA = {
    "type": "object",
    "properties": {"sender": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["sender", "amount"],
}
DOCUMENTS = 130
Axe = Callable[[Page], None]
Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def large(data: Data) -> Json:
    """A COMPLETED batch of 130 documents, two connections and two prompts: more rows than a page."""
    members = {
        "folder_ids": [data.folder(DOCUMENTS)["id"]],
        "connection_ids": [data.connection(name=unused(name))["id"] for name in ("Near", "Far")],
        "prompt_ids": [
            data.prompt(name=unused("Summary"))["id"],
            data.prompt(name=unused("Fields"), schema=SCHEMA)["id"],
        ],
    }
    batch = dict(data.post("/api/batches/stage", {"name": unused("Large"), **members}))
    data.wait(batch, "STAGED")
    data.act(batch, "run")
    return data.wait(batch, "COMPLETED")


def _grid(page: Page) -> Locator:
    return page.get_by_role("grid")


def _row(page: Page, number: int) -> Locator:
    """A row of the table or the matrix, counted from 1."""
    return _grid(page).locator(f"[aria-rowindex='{number + 1}']")


def _found(page: Page) -> Locator:
    return page.locator(".results-found [role=status]")


def _open(visit: Visit, batch: Json, query: str = "", **options: Any) -> Page:
    page = visit(f"/batches/{batch['id']}?tab=results{query}", **options)
    expect(_row(page, 1)).not_to_have_attribute("aria-busy", "true")
    return page


def test_only_rows_in_view_are_in_the_page(visit: Visit, large: Json) -> None:
    """The keyboard and the wheel reach every row; Home and End go to the first and the last one."""
    page = _open(visit, large)
    grid = _grid(page)
    expect(grid).to_have_attribute("aria-rowcount", str(DOCUMENTS * 4 + 1))
    assert grid.get_by_role("row").count() < 60
    grid.focus()
    page.keyboard.press("End")
    last = _row(page, DOCUMENTS * 4)
    expect(last).to_contain_text("letter-130.txt")
    expect(last).to_have_attribute("aria-selected", "true")
    assert grid.get_attribute("aria-activedescendant") == last.get_attribute("id")
    page.keyboard.press("ArrowUp")
    expect(_row(page, DOCUMENTS * 4 - 1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(_row(page, 1)).to_be_in_viewport()
    page.keyboard.press("PageDown")
    selected = grid.locator("[aria-selected=true]")
    expect(selected).not_to_have_attribute("aria-rowindex", "2")
    grid.evaluate("grid => grid.scrollTop = 2.25 * 16 * 300")
    expect(_row(page, 302)).to_contain_text(re.compile(r"letter-\d+\.txt"))
    assert grid.get_by_role("row").count() < 60


def test_filters_and_order_live_in_the_address(visit: Visit, large: Json, axe: Axe) -> None:
    """What is chosen survives a reload, is counted, and can be cleared."""
    page = _open(visit, large)
    page.get_by_label("Search paths").fill("letter-00")
    expect(_found(page)).to_have_text(f"36 of {DOCUMENTS * 4} tasks shown")
    page.get_by_label("Connection").select_option(index=1)
    expect(_found(page)).to_have_text(f"18 of {DOCUMENTS * 4} tasks shown")
    header = page.get_by_role("columnheader", name="Document")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(_row(page, 1)).to_contain_text("letter-009.txt")
    page.reload()
    wait_until_shown(page)
    expect(_row(page, 1)).to_contain_text("letter-009.txt")
    expect(page.get_by_label("Search paths")).to_have_value("letter-00")
    page.get_by_label("Search paths").fill("nowhere to be found")
    expect(page.get_by_role("heading", name="No result is like that")).to_be_visible()
    axe(page)
    page.locator(".empty").get_by_role("button", name="Clear filters").click()
    expect(_found(page)).to_have_text(f"{DOCUMENTS * 4} tasks")


def test_choices_count_what_they_would_show(visit: Visit, large: Json, axe: Axe) -> None:
    """Chips and lists count under the other choices, as many as are shown when they are chosen."""
    page = _open(visit, large)
    chip = page.get_by_role("group", name="Only these statuses").get_by_role("button", name="Completed")
    expect(chip).to_have_text(f"Completed {DOCUMENTS * 4}")
    page.get_by_label("Search paths").fill("letter-00")
    expect(chip).to_have_text("Completed 36")
    connection = page.get_by_label("Connection")
    expect(connection.get_by_role("option").nth(1)).to_have_text(re.compile(r"\(18\)$"))
    connection.select_option(index=1)
    expect(chip).to_have_text("Completed 18")
    expect(page.get_by_label("Prompt").get_by_role("option").nth(1)).to_have_text(re.compile(r"\(9\)$"))
    expect(connection.get_by_role("option").nth(2)).to_have_text(re.compile(r"\(18\)$"))
    chip.click()
    expect(_found(page)).to_have_text(f"18 of {DOCUMENTS * 4} tasks shown")
    axe(page)


def test_downloads_have_what_is_shown(visit: Visit, large: Json) -> None:
    """The file has the rows that the filters leave, in the order of the table; all can be had beside them."""
    page = _open(visit, large)
    page.get_by_label("Search paths").fill("letter-00")
    header = page.get_by_role("columnheader", name="Document")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(_found(page)).to_have_text(f"36 of {DOCUMENTS * 4} tasks shown")
    export = page.locator(".batch-head").get_by_role("button", name="Export")
    with page.expect_download() as download:
        export.click()
        page.get_by_role("menuitem", name="JSON lines: the 36 results shown").click()
    lines = [json.loads(line) for line in download.value.path().read_text(encoding="utf-8").splitlines()]
    assert [line["document"] for line in lines] == [
        f"letter-00{number}.txt" for number in range(9, 0, -1) for _ in range(4)
    ]
    with page.expect_download() as download:
        export.click()
        page.get_by_role("menuitem", name=f"CSV: all {DOCUMENTS * 4} results").click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) > DOCUMENTS * 4
    page.get_by_label("Search paths").fill("nowhere to be found")
    expect(page.get_by_role("heading", name="No result is like that")).to_be_visible()
    with page.expect_download() as download:
        export.click()
        page.get_by_role("menuitem", name="CSV: nothing").click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 1


def test_a_listing_that_is_left_early_is_let_go(visit: Visit, large: Json) -> None:
    """Its pages are on their way when another listing is wanted; they are not asked for again."""
    page = _open(visit, large)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/tasks\?.*search=letter"), hold)
    page.get_by_label("Search paths").fill("letter-0")
    expect(page.locator(".results .skeleton")).to_be_visible()
    page.get_by_label("Search paths").fill("")
    expect(_found(page)).to_have_text(f"{DOCUMENTS * 4} tasks")
    expect(_row(page, 1)).to_contain_text("letter-001.txt")
    assert len(held) == 1


def test_the_drawer_goes_through_the_listing(visit: Visit, large: Json, axe: Axe) -> None:
    """It opens by Enter, goes on by keys and buttons, and gives the focus back to the row it has come to."""
    page = _open(visit, large)
    _grid(page).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="letter-001.txt")
    expect(drawer).to_contain_text(f"2 of {DOCUMENTS * 4}")
    expect(drawer.get_by_role("region", name="Document")).to_contain_text("Letter 1 of Alderbury Hardware")
    expect(drawer.locator(".drawer-members")).to_contain_text("sender")
    expect(drawer.get_by_role("region", name="Attempts")).to_contain_text("tokens in")
    axe(page)
    for _ in range(3):
        page.keyboard.press("j")
    drawer = page.get_by_role("dialog", name="letter-002.txt")
    expect(drawer).to_contain_text(f"5 of {DOCUMENTS * 4}")
    expect(drawer.get_by_role("region", name="Document")).to_contain_text("Letter 2 of")
    drawer.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("dialog", name="letter-001.txt")).to_contain_text("4 of")
    page.get_by_role("dialog").get_by_role("link", name=re.compile("Summary.*Near")).click()
    expect(page.get_by_role("dialog")).to_contain_text("1 of")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(_grid(page)).to_be_focused()
    expect(_row(page, 1)).to_have_attribute("aria-selected", "true")
    assert "task=" not in page.url


def test_a_task_far_down_has_an_address(visit: Visit, data: Data, large: Json) -> None:
    """After a reload the drawer is there, knows its place, and the table has gone to it."""
    last = data.get(f"/api/batches/{large['id']}/tasks", sort="-id", limit=1)["items"][0]
    page = visit(f"/batches/{large['id']}?task={last['id']}")
    drawer = page.get_by_role("dialog", name="letter-130.txt")
    expect(drawer).to_contain_text(f"{DOCUMENTS * 4} of {DOCUMENTS * 4}")
    expect(drawer.get_by_role("button", name="Next")).to_be_disabled()
    expect(drawer.get_by_role("button", name="Previous")).to_be_enabled()
    page.get_by_role("button", name="Close").click()
    expect(_row(page, DOCUMENTS * 4)).to_be_in_viewport()


def test_the_matrix_has_a_row_a_document(visit: Visit, large: Json, axe: Axe) -> None:
    """Answers to a prompt stand side by side; cells are reached by keys and open the drawer."""
    page = _open(visit, large)
    page.get_by_role("link", name="Matrix").click()
    grid = _grid(page)
    expect(grid).to_have_attribute("aria-rowcount", str(DOCUMENTS + 1))
    heads = grid.get_by_role("columnheader")
    expect(heads).to_have_count(5)
    names = [text.split("\n") for text in heads.all_inner_texts()[1:]]
    assert names[0][0] == names[1][0] != names[2][0] == names[3][0]
    assert names[0][1] == names[2][1] != names[1][1]
    axe(page)
    grid.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    drawer = page.get_by_role("dialog", name="letter-002.txt")
    expect(drawer).to_contain_text(" · ".join(names[2]))
    page.keyboard.press("Escape")
    expect(grid).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="letter-002.txt")
    expect(drawer.get_by_role("listitem")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.get_by_label("Search paths").fill("letter-130")
    expect(grid).to_have_attribute("aria-rowcount", "2")
    expect(_row(page, 1)).to_contain_text("letter-130.txt")


def test_answers_come_in_while_the_batch_runs(visit: Visit, data: Data) -> None:
    """Rows change where they stand; a list whose order changes waits until it is asked."""
    with running_simulator(Profile(latency=Latency(median=0.3, sigma=0.1))) as address:
        connection = data.connection(address, limits={"concurrency": 4})
        batch = data.staged(folder=data.folder(60), connection=connection)
        page = _open(visit, batch)
        expect(_row(page, 1)).to_contain_text("Queued")
        data.act(batch, "run")
        expect(_row(page, 1)).to_contain_text("Completed")
        data.wait(batch, "COMPLETED")
        expect(page.get_by_role("button", name="Completed 60")).to_be_visible()
        _grid(page).focus()
        page.keyboard.press("End")
        expect(_row(page, 60)).to_contain_text("Completed")


def test_a_document_of_pictures(visit: Visit, data: Data) -> None:
    """Pictures are fetched and shown; what a model cannot take says why."""
    batch = data.completed(folder=data.folder())
    page = _open(visit, batch, "&search=receipt")
    _grid(page).focus()
    page.keyboard.press("Enter")
    picture = page.get_by_role("dialog").get_by_role("img", name="Picture 1")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.naturalWidth") > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_and_wide(visit: Visit, large: Json, axe: Axe, picture: Picture, scheme: Scheme) -> None:
    """Neither scrolls the page sideways or shows axe a fault, in table, matrix and drawer."""
    for name, size in {"wide": WIDE, "narrow": NARROW}.items():
        page = _open(visit, large, size=size, scheme=scheme)
        for view in ("Table", "Matrix"):
            page.get_by_role("link", name=view).click()
            expect(_row(page, 3)).to_contain_text("letter-")
            assert scrolls_sideways(page) == []
            axe(page)
            picture(page, f"results-{view}-{name}-{scheme}")
        page.goto(f"/batches/{large['id']}?document={_first_document(page, large)}")
        expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(4)
        axe(page)
        picture(page, f"results-document-{name}-{scheme}")


def _first_document(page: Page, batch: Json) -> int:
    answer = page.request.get(f"/api/batches/{batch['id']}/tasks?limit=1")
    return int(answer.json()["items"][0]["document_id"])
