"""The batch page shows results and the usual next step first, and says only what is true of what is shown."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Visit, scrolls_sideways
from tests.browser.scripted import Reply, scripted

LAPTOP = ViewportSize(width=1280, height=800)
Axe = Callable[..., None]
Picture = Callable[[Page, str], None]

ARABIC = "يلتزم المستأجر بدفع الإيجار في اليوم الأول من كل شهر."
MARKDOWN = """# Findings

The tenant **must pay** on `day 1`, see [the lease](https://example.com/lease?a=1&amp;b=2)
and [this](javascript:alert(1)).

![A plan](https://example.com/plan.png)

<img src="https://example.com/pixel.png" onerror="alert(1)"><script>alert(2)</script>

| Party | Sum |
|---|---|
| Alder & Co | 1,200 |

1. first
2. second
"""
LONG = "\n".join(f"Line {n} of a very long answer." for n in range(3_000))
ITEMS = "\n".join(f"- item {n}" for n in range(10_000))
NESTED = ">" * 5_000 + " deep\n\n" + "[" * 5_000 + "\n\n" + "*a **b " * 3_000
UNBROKEN = "x" * 200_000
ANSWERS = {
    "arabic": ARABIC,
    "items": ITEMS,
    "long": LONG,
    "markdown": MARKDOWN,
    "nested": NESTED,
    "unbroken": UNBROKEN,
}


@pytest.fixture(scope="module")
def answers(data: Data) -> Iterator[Json]:
    """A COMPLETED batch whose documents are answered at the ends of what a model may write."""

    def script(question: str, _: int) -> Reply:
        return Reply(next(text for name, text in ANSWERS.items() if f"<{name}>" in question))

    with scripted(script) as address:
        texts = {f"{name}.txt": f"{ARABIC if name == 'arabic' else ''} <{name}>" for name in ANSWERS}
        connection = data.connection(address, max_output_tokens=200_000)
        yield data.completed(unused("Answers"), folder=data.folder(texts), connection=connection)


def _visit(visit: Visit, batch: Json, query: str = "", **options: Any) -> Page:
    options.setdefault("size", LAPTOP)
    return visit(f"/batches/{batch['id']}{query}", **options)


def _drawer(visit: Visit, data: Data, batch: Json, name: str, **options: Any) -> Locator:
    """The drawer of the task about the document of this name."""
    task = data.get(f"/api/batches/{batch['id']}/tasks", search=f"{name}.txt")["items"][0]
    page = _visit(visit, batch, f"?tab=results&task={task['id']}", **options)
    drawer = page.get_by_role("dialog", name=f"{name}.txt")
    expect(drawer.get_by_role("region", name="Attempts")).to_contain_text("Completed")
    return drawer


def _shown_rows(page: Page) -> int:
    """Rows of results that are wholly in the window."""
    return int(
        page.get_by_role("grid").evaluate(
            """grid => {
                const rows = [...grid.querySelectorAll(".results-body > [role=row]:not([aria-busy])")];
                const head = grid.querySelector(".results-head").getBoundingClientRect().bottom;
                const end = Math.min(innerHeight, grid.getBoundingClientRect().bottom);
                const boxes = rows.map(row => row.getBoundingClientRect());
                return boxes.filter(({top, bottom}) => top >= head - 1 && bottom <= end).length;
            }"""
        )
    )


@pytest.mark.parametrize("description", [None, "Asked for by the audit.\n" * 5])
def test_results_are_on_the_first_screen(visit: Visit, data: Data, description: str | None) -> None:
    """A finished batch shows at least twelve results on a laptop, in a table that ends with the window."""
    batch = data.completed(folder=data.folder(40), description=description)
    page = _visit(visit, batch)
    expect(page.get_by_role("grid").get_by_text("letter-001.txt")).to_be_visible()
    assert _shown_rows(page) >= 12
    box = page.get_by_role("grid").bounding_box()
    assert box is not None
    assert 780 < box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollHeight") <= 800
    head = page.get_by_role("columnheader", name="Document")
    before = head.bounding_box()
    page.get_by_role("grid").evaluate("grid => grid.scrollTop = 600")
    expect(page.get_by_role("grid").get_by_text("letter-025.txt")).to_be_visible()
    assert head.bounding_box() == before, "the head stays"


def test_what_cannot_be_sent_has_not_failed(visit: Visit, data: Data) -> None:
    """Pictures for a connection that reads only text: nothing was tried, so nothing failed, anywhere."""
    blind = data.connection(images=False)
    batch = data.staged(unused("Receipts"), folder=data.folder(ocr="never"), connection=blind)
    number = batch["counts"]["unsendable"]
    assert number == batch["failed_tasks"] > 0
    words = f"{number} cannot be sent"
    page = _visit(visit, batch)
    standing = page.get_by_role("region", name="Where it stands")
    expect(standing.get_by_role("link", name=words)).to_be_visible()
    expect(standing.locator(".batch-figures")).not_to_contain_text("failed")
    page.goto(f"/batches/{batch['id']}?tab=results&status=FAILED")
    chip = page.get_by_role("button", name=re.compile(f"^Cannot be sent {number}$"))
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("grid").locator(".badge").first).to_have_text("Cannot be sent")
    page.goto(f"/batches?search={batch['name']}")
    row = page.get_by_role("row").filter(has_text=str(batch["name"]))
    expect(row).to_contain_text(words)
    expect(row).not_to_contain_text("failed")
    done = data.act(batch, "run")
    done = data.wait(batch, "COMPLETED")
    page = _visit(visit, done)
    head = page.locator(".batch-head")
    expect(head.locator(".buttons button").first).to_have_accessible_name("Export")
    head.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem", name="Rerun")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Retry")).to_have_count(0)


def test_chips_count_as_the_head_does(visit: Visit, data: Data) -> None:
    """A failed call and a task that cannot be sent have a chip each, and each shows what it counts."""
    batch = _mixed(data)
    unsent, failed = batch["counts"]["unsendable"], batch["counts"]["failed"] - batch["counts"]["unsendable"]
    page = _visit(visit, batch)
    words = f"{failed} failed, {unsent} cannot be sent"
    expect(page.get_by_role("region", name="Where it stands").get_by_role("link", name=words)).to_be_visible()
    page.goto(f"/batches/{batch['id']}?tab=results")
    chips = page.get_by_role("group", name="Only these statuses")
    badges = page.get_by_role("grid").locator(".badge")
    for name, number in (("Failed", failed), ("Cannot be sent", unsent)):
        chip = chips.get_by_role("button", name=re.compile(f"^{name} {number}$"))
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        expect(badges).to_have_text([name] * number)
        chip.click()
    chips.get_by_role("button", name=re.compile("^Failed")).click()
    chips.get_by_role("button", name=re.compile("^Cannot be sent")).click()
    expect(badges).to_have_count(unsent + failed)
    page.goto(f"/batches/{batch['id']}?tab=progress")
    expect(page.get_by_role("columnheader", name="Cannot be sent")).to_be_visible()
    blind = page.get_by_role("row").filter(
        has=page.locator("[data-name='Cannot be sent']", has_text=str(unsent))
    )
    expect(blind.locator("[data-name='Failed']")).to_have_text("–")


def _mixed(data: Data) -> dict[str, Any]:
    """A batch of which one connection takes no pictures, and the other's server rejects every call."""
    prices = {"input": 2.5, "output": 10.0}
    blind = data.connection(images=False, prices=prices)
    # Too long, each of them: documents differ in that, so that the prompt is not held.
    with scripted(lambda *_: Reply("The prompt is too long.", 400)) as address:
        failing = data.connection(address, prices=prices)
        batch = data.batch(folder=data.folder(ocr="never"), connection=failing)
        batch = data.call(
            "PATCH", f"/api/batches/{batch['id']}", {"connection_ids": [blind["id"], failing["id"]]}
        )
        data.act(batch, "stage")
        data.act(data.wait(batch, "STAGED"), "run")
        return data.wait(batch, "COMPLETED")


def test_a_retry_counts_only_what_it_will_call(visit: Visit, data: Data) -> None:
    """What cannot be sent is not called again, and costs nothing."""
    batch = _mixed(data)
    counts = batch["counts"]
    unsent, failed = counts["unsendable"], counts["failed"] - counts["unsendable"]
    assert unsent == 1
    assert failed > 0
    page = _visit(visit, batch)
    page.locator(".batch-head").get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{failed} tasks will be called again, which costs money.")
    expect(dialog).to_contain_text(f"{unsent} task cannot be sent in this run, which no retry changes.")


def test_details_name_what_the_answers_came_from(visit: Visit, data: Data) -> None:
    """Editing a prompt, a connection or a folder afterwards does not change what a run was made of."""
    prompt, connection, folder = data.prompt("What was promised?"), data.connection(), data.folder(2)
    batch = data.completed(prompt=prompt, connection=connection, folder=folder)
    page = _visit(visit, batch, "?tab=details")
    prompts = page.get_by_role("region", name="Prompts")
    expect(prompts).to_contain_text("Version 1")
    expect(page.locator(".batch-news")).to_have_count(0)
    data.call("PATCH", f"/api/prompts/{prompt['id']}", {"text": "What was threatened?"})
    data.call("PATCH", f"/api/connections/{connection['id']}", {"model": "simulated-large"})
    data.call("PATCH", f"/api/folders/{folder['id']}", {"recursive": not folder["recursive"]})
    page.reload()
    expect(prompts).to_contain_text("Version 1")
    expect(prompts).to_contain_text("There is a newer version, 2, which was not used.")
    prompts.get_by_text("What was asked").click()
    expect(prompts).to_contain_text("What was promised?")
    expect(page.get_by_role("region", name="Connections")).to_contain_text("simulated-small by simulated")
    expect(page.get_by_role("region", name="Connections")).to_contain_text("Edited since: model.")
    expect(page.get_by_role("region", name="Folders")).to_contain_text("Edited since: subfolders.")
    data.act(batch, "reset")
    expect(page.get_by_role("region", name="Prompts")).to_contain_text("Version 2")


def test_a_task_that_is_tried_again_has_not_failed(visit: Visit, data: Data) -> None:
    """The first try failed, the second is under way: neither table nor drawer call the task failed."""
    with scripted(lambda _, call: Reply("Out of order.", 503) if call == 1 else None) as address:
        batch = data.staged(folder=data.folder(1), connection=data.connection(address))
        data.act(batch, "run")
        page = _visit(visit, batch, "?tab=results")
        row = page.get_by_role("grid").locator("[aria-rowindex='2']")
        expect(row).to_contain_text("Running, after overloaded", timeout=30_000)
        row.get_by_role("rowheader").click()
        reason = page.get_by_role("dialog").get_by_role("region", name="Why there is no answer")
        expect(reason.get_by_role("heading")).to_have_text(
            "It is being tried again, since an earlier try failed: overloaded"
        )
        expect(page.get_by_role("dialog").locator(".badge").first).to_have_text("Running")
        data.act(batch, "cancel")


def test_a_pause_is_told_as_it_was_made(visit: Visit, data: Data, slow_model: str) -> None:
    """Who paused it needs to settle nothing; their reason is told as theirs, and no budget is asked for."""
    waiting = data.connection(slow_model)
    page = _visit(visit, data.paused(slow_model, connection=waiting, budget=5))
    standing = page.get_by_role("region", name="Where it stands")
    expect(standing).to_contain_text("Paused by a user. Resume goes on where it stopped. No new call starts")
    expect(standing).not_to_contain_text("ettle")
    expect(page.get_by_label("Budget in US dollars")).to_have_count(0)
    batch = data.analyzing(slow_model, connection=waiting)
    data.act(batch, "pause", reason="Until the price is agreed")
    page = _visit(visit, batch)
    standing = page.get_by_role("region", name="Where it stands")
    expect(standing).to_contain_text("Paused by a user: Until the price is agreed. No new")
    expect(standing).not_to_contain_text("ettle")


def test_a_reached_budget_is_what_is_mended_first(visit: Visit, data: Data) -> None:
    """The first button raises it and goes on, on the page and in the list; resume alone would pause again."""
    connection = data.connection(prices={"input": 1000, "output": 1000}, max_output_tokens=100)
    batch = data.staged(unused("Dear"), connection=connection, budget=0.01)
    data.act(batch, "run")
    data.wait(batch, "PAUSED")
    page = _visit(visit, batch)
    expect(page.locator(".batch-head .buttons button").first).to_have_text("Raise the budget")
    page.goto(f"/batches?search={batch['name']}")
    page.get_by_role("button", name=f"Raise the budget {batch['name']}").click()
    dialog = page.get_by_role("dialog", name="Raise the budget")
    expect(dialog).to_contain_text("The budget of $0.01 is reached")
    dialog.get_by_label("Budget in US dollars").fill("50")
    dialog.get_by_role("button", name="Set and resume").click()
    expect(dialog).to_have_count(0)
    data.wait(batch, "COMPLETED")


def test_a_stalled_connection_says_why_since_when_and_until_when(visit: Visit, data: Data) -> None:
    """On any tab, while the batch stays Analyzing; it goes away when calls leave again."""
    wait = Reply("Slow down.", 429, {"retry-after": "40"})
    with scripted(lambda *_: wait) as address:
        connection = data.connection(address)
        batch = data.staged(connection=connection)
        data.act(batch, "run")
        page = _visit(visit, batch, "?tab=events")
        stalled = page.get_by_role("list", name="Connections that make no call").get_by_role("listitem")
        expect(stalled).to_have_text(
            re.compile(
                rf"{connection['name']}: The provider asks to wait since \d\d:\d\d:\d\d\. .*Slow down\..* "
                r"It goes on by itself in [234]\d s, at \d\d:\d\d:\d\d\.$"
            )
        )
        data.act(batch, "cancel")
        expect(stalled).to_have_count(0)


def test_a_connection_that_keeps_to_its_limit_says_so(visit: Visit, data: Data) -> None:
    """Among the connections at work: what it waits for, and until when."""
    connection = data.connection(limits={"concurrency": 4, "requests_per_minute": 6})
    batch = data.staged(connection=connection)
    data.act(batch, "run")
    page = _visit(visit, batch, "?tab=progress")
    card = page.get_by_role("region", name="Connections at work").get_by_role("listitem")
    words = r"Waits for its own limit of 6 requests a minute; goes on in \d+ s, at \d\d:\d\d:\d\d\."
    expect(card).to_contain_text(re.compile(words))
    data.act(batch, "cancel")


def test_every_action_says_what_it_clears(visit: Visit, data: Data) -> None:
    """Whoever has results reads what becomes of them before choosing."""
    page = _visit(visit, data.completed())
    page.get_by_role("button", name="More actions").click()
    for name in ("Rerun", "Reset"):
        expect(page.get_by_role("menuitem", name=name)).to_contain_text(
            "The 3 results of run 1 leave this page, and stay readable under Runs."
        )
    expect(page.get_by_role("menuitem", name="Retry")).to_have_count(0)  # nothing has failed
    expect(page.get_by_role("button", name="Restage", exact=True)).to_have_attribute(
        "title", re.compile("The 3 results of run 1 leave this page")
    )


def test_a_long_answer_is_folded(visit: Visit, data: Data, answers: Json, axe: Axe) -> None:
    """What it took and the attempts come first; the answer can be unfolded, and folded again."""
    drawer = _drawer(visit, data, answers, "long")
    body = drawer.locator(".dialog-body")
    assert int(body.evaluate("body => body.scrollHeight")) < 2_000
    tops = [
        drawer.get_by_role("region", name=name, exact=True).evaluate(
            "part => part.getBoundingClientRect().top"
        )
        for name in ("What it took", "Attempts", "Answer")
    ]
    assert tops == sorted(tops)
    answer = drawer.get_by_role("region", name="Answer", exact=True)
    expect(answer).not_to_contain_text("Line 2999 of")
    more = answer.get_by_role("button", name=f"Show all, {len(LONG):,} characters")
    expect(more).to_have_attribute("aria-expanded", "false")
    axe(drawer.page)
    more.click()
    expect(answer).to_contain_text("Line 2999 of")
    answer.get_by_role("button", name="Show less").click()
    expect(answer).not_to_contain_text("Line 2999 of")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_markdown_is_rendered_as_text_alone(
    visit: Visit, data: Data, answers: Json, axe: Axe, picture: Picture, scheme: Scheme
) -> None:
    """Its HTML stays text, nothing is fetched, links show where they lead; the choice is remembered."""
    drawer = _drawer(visit, data, answers, "markdown", scheme=scheme)
    answer = drawer.get_by_role("region", name="Answer", exact=True)
    expect(answer.locator("strong")).to_have_text("must pay")
    expect(answer.locator("code")).to_have_text("day 1")
    expect(answer.get_by_role("table")).to_contain_text("Alder & Co")
    expect(answer.locator("ol > li")).to_have_count(2)
    link = answer.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.com/lease?a=1&b=2")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect(answer).to_contain_text("the lease (https://example.com/lease?a=1&b=2)")
    expect(answer).to_contain_text("this (javascript:alert(1))")
    expect(answer).to_contain_text('<img src="https://example.com/pixel.png"')
    expect(answer.locator("img, script, h1")).to_have_count(0)
    axe(drawer.page)
    picture(drawer.page, f"batch-markdown-{scheme}")
    answer.get_by_role("button", name="As written").click()
    expect(answer).to_contain_text("**must pay**")
    drawer.page.reload()
    expect(answer).to_contain_text("**must pay**")
    answer.get_by_role("button", name="Rendered").click()
    expect(answer.locator("strong")).to_have_text("must pay")


@pytest.mark.parametrize("name", ["items", "nested", "unbroken"])
def test_no_answer_freezes_the_page(visit: Visit, data: Data, answers: Json, name: str) -> None:
    """Ten thousand items, deep nesting, one endless word: unfolded, the drawer still follows the keys."""
    drawer = _drawer(visit, data, answers, name)
    answer = drawer.get_by_role("region", name="Answer", exact=True)
    answer.get_by_role("button", name="Show all").click()
    expect(answer.get_by_role("button", name="Show less")).to_be_visible()
    if name == "items":
        expect(answer.locator("li").first).to_have_text("item 0")
        assert answer.locator("li").count() <= 10_000
    assert scrolls_sideways(drawer.page) == []
    drawer.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_texts_run_in_their_own_direction(visit: Visit, data: Data, answers: Json) -> None:
    """Arabic runs from right to left in the table, the answer and the document; names beside it do not."""
    drawer = _drawer(visit, data, answers, "arabic")
    for part in ("Answer", "Document"):
        text = drawer.get_by_role("region", name=part, exact=True).get_by_text("المستأجر")
        assert text.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert text.evaluate("one => one.closest('[dir=auto]') !== null")
    named = data.batch(f"عقود {unused('2026')}")
    page = _visit(visit, named)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_attribute("dir", "auto")
    assert heading.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_documents_have_previous_and_next(visit: Visit, data: Data) -> None:
    """In the order of the listing behind the drawer, over the edges of its pages, and by keys and buttons."""
    batch = data.staged(folder=data.folder(105))
    path = f"/api/batches/{batch['id']}/documents"
    names = [one["path"] for one in data.get(path, sort="-path", limit=200)["items"]]
    ids = {one["path"]: one["id"] for one in data.get(path, limit=200)["items"]}
    page = _visit(visit, batch, f"?tab=documents&sort=-path&document={ids[names[98]]}")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("99 of 105")
    for step in (99, 100, 101):
        page.keyboard.press("j")
        expect(page.get_by_role("dialog", name=names[step])).to_contain_text(f"{step + 1} of 105")
    drawer.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("dialog", name=names[100])).to_contain_text("101 of 105")
    page.goto(f"/batches/{batch['id']}?tab=documents&search=letter-00&document={ids['letter-009.txt']}")
    expect(drawer).to_contain_text("9 of 9")
    expect(drawer.get_by_role("button", name="Next")).to_be_disabled()


def test_a_document_that_cannot_be_used_says_why_in_its_drawer(visit: Visit, data: Data) -> None:
    """It is in the listing, so the way through the documents leads past it, too."""
    batch = data.staged(folder=data.folder({"a.txt": "A letter.", "b.txt": ""}))
    page = _visit(visit, batch, "?tab=documents")
    page.get_by_role("link", name="b.txt").click()
    reason = page.get_by_role("dialog", name="b.txt").get_by_role("region", name="Why it cannot be used")
    expect(reason).to_contain_text("The file is empty.")
    expect(page.get_by_role("dialog").get_by_role("button", name="Previous")).to_be_enabled()
    page.keyboard.press("k")
    expect(page.get_by_role("dialog", name="a.txt")).to_contain_text("A letter.")


@pytest.mark.parametrize("size", [LAPTOP, NARROW], ids=["laptop", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_results_and_overview_pass_axe_and_fit(
    visit: Visit, answers: Json, axe: Axe, picture: Picture, size: ViewportSize, scheme: Scheme
) -> None:
    """No fault and nothing beyond the window, in the table and in the overview."""
    for name in ("results", "overview"):
        page = _visit(visit, answers, f"?tab={name}", size=size, scheme=scheme)
        axe(page)
        assert scrolls_sideways(page) == []
        picture(page, f"batch-page-{name}-{size['width']}-{scheme}")
        page.close()


def test_a_lane_says_what_it_waits_for(visit: Visit, data: Data, slow_model: str) -> None:
    """The next tries of its tasks, or a server that is not reached; not a busy provider."""
    connection = data.connection(slow_model)
    batch = data.analyzing(slow_model, connection=connection)
    page = _visit(visit, batch, "?tab=progress")
    told: dict[str, Any] = {}

    def tell(route: Route) -> None:
        found = route.fetch().json()
        for one in found["items"]:
            if one["id"] == connection["id"]:
                one["lane"] |= told
        route.fulfill(json=found)

    page.route("**/api/connections?*", tell)
    card = page.locator(".batch-lanes li", has_text=str(connection["name"]))
    told |= {"concurrency": 1, "trouble_kind": "connection"}
    expect(card).to_contain_text("1 at a time until its server is reached")
    told |= {"trouble_kind": "overloaded", "retries": 3, "retry_seconds": 40.0}
    expect(card).to_contain_text("1 let out while the provider is busy")
    expect(card).to_contain_text(re.compile(r"3 are tried again in \d+ s, at \d"))
    page.unroute_all(behavior="wait")
