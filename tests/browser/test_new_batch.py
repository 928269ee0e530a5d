"""The page of a new batch: choosing, what it comes to, saving, staging."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.server import Server

SAVED_BATCH = re.compile(r"/batches/\d+$")


def address(folder: Json, connection: Json, prompt: Json, more: str = "") -> str:
    """The page with these chosen."""
    return f"/batches/new?folder={folder['id']}&connection={connection['id']}&prompt={prompt['id']}{more}"


def made(data: Data, page: Page) -> Json:
    """The batch whose page is shown."""
    expect(page).to_have_url(SAVED_BATCH)
    return dict(data.get(f"/api/batches/{page.url.rsplit('/', 1)[1]}"))


def test_choose_and_save_only(visit: Visit, data: Data) -> None:
    """The choice is counted as it changes, outlives a reload, and becomes a SAVED batch."""
    folders, connection = [data.folder(3), data.folder(4)], data.connection()
    prompts = [data.prompt(), data.prompt()]
    page = visit("/batches/new")
    for one in (*folders, connection, *prompts):
        page.get_by_role("checkbox", name=one["name"]).check()
    expect(page.get_by_text("7 documents × 1 model × 2 prompts = 14 tasks")).to_be_visible()
    page.get_by_role("checkbox", name=folders[0]["name"]).uncheck()
    expect(page.get_by_text("4 documents × 1 model × 2 prompts = 8 tasks")).to_be_visible()
    page.reload()
    expect(page.get_by_text("4 documents × 1 model × 2 prompts = 8 tasks")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Four letters")
    page.get_by_role("button", name="Save only").click()
    batch = made(data, page)
    assert (batch["name"], batch["status"]) == ("Four letters", "SAVED")
    assert batch["folder_ids"] == [folders[1]["id"]]
    assert sorted(batch["prompt_ids"]) == [one["id"] for one in prompts]


def test_save_and_stage_with_settings(visit: Visit, data: Data) -> None:
    """Without a typed name the batch is called after its choice; the settings come along."""
    folder, prompt = data.folder(2), data.prompt()
    page = visit(address(folder, data.connection(), prompt))
    page.get_by_text("More settings").click()
    page.get_by_label("Description").fill("for the audit")
    page.get_by_label("Budget").fill("2.5")
    page.get_by_label("Failure limit").fill("10")
    page.get_by_role("button", name="Save & stage").click()
    batch = data.wait(made(data, page), "STAGED")
    assert batch["name"] == f"{folder['name']}: {prompt['name']}"
    assert (batch["description"], batch["budget"], batch["failure_limit"]) == ("for the audit", 2.5, 0.1)
    assert batch["counts"]["tasks"] == 2


def test_what_is_missing_is_said_at_its_place(visit: Visit, data: Data) -> None:
    """Each column says what it wants, the first is focused, and choosing takes the words away."""
    folder = data.folder(1)
    data.connection()
    data.prompt()
    page = visit("/batches/new")
    page.get_by_role("button", name="Save & stage").click()
    for kind in ("folder", "connection", "prompt"):
        expect(page.get_by_text(f"Choose at least one {kind}.")).to_be_visible()
    expect(page.get_by_role("region", name="Folders")).to_be_focused()
    page.get_by_role("checkbox", name=folder["name"]).check()
    expect(page.get_by_text("Choose at least one folder.")).to_have_count(0)
    expect(page.get_by_text("Choose at least one prompt.")).to_be_visible()


def test_fields_are_checked_while_they_are_typed(visit: Visit, data: Data) -> None:
    """A budget that is none is refused at once, and one that cannot be held says why."""
    unpriced = data.connection(
        provider="openai", model="house-7b", api_key="k", base_url="http://127.0.0.1:9/v1"
    )
    page = visit(address(data.folder(1), data.connection(), data.prompt()))
    page.get_by_text("More settings").click()
    budget = page.get_by_label("Budget")
    budget.fill("-1")
    expect(budget).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Give an amount above 0")).to_be_visible()
    budget.fill("3")
    expect(page.get_by_text("Give an amount above 0")).to_have_count(0)
    page.get_by_role("checkbox", name=unpriced["name"]).check()
    expect(page.get_by_text(f"The price of {unpriced['name']} is unknown, so docstage")).to_be_visible()
    page.get_by_label("Failure limit").fill("101")
    expect(page.get_by_text("Give a number from 0 to 100")).to_be_visible()
    page.get_by_role("button", name="Save only").click()
    expect(budget).to_be_focused()
    expect(page).to_have_url(re.compile("/batches/new"))


def test_nothing_is_lost_when_the_server_refuses(visit: Visit, data: Data, guard: Guard) -> None:
    """A refused batch is told, the choice and the texts stay, and the next try works."""
    guard.expect("503")
    page = visit(address(data.folder(1), data.connection(), data.prompt()))
    page.get_by_label("Name", exact=True).fill("Twice tried")
    problem = {"title": "The database is busy", "detail": "Try again in a moment.", "status": 503}
    page.route("**/api/batches/save", lambda route: route.fulfill(status=503, json=problem), times=1)
    page.get_by_role("button", name="Save only").click()
    expect(page.get_by_role("alert")).to_contain_text("Try again in a moment.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Twice tried")
    page.get_by_role("button", name="Save only").click()
    assert made(data, page)["name"] == "Twice tried"


def test_two_quick_clicks_make_one_batch(visit: Visit, data: Data) -> None:
    """Pressing again before the answer has come creates nothing more."""
    page = visit(address(data.folder(1), data.connection(), data.prompt()))
    sent: list[str] = []

    def pass_on(route: Route) -> None:
        sent.append(route.request.url)
        route.continue_()

    page.route("**/api/batches/stage", pass_on)
    page.get_by_label("Name", exact=True).fill("Pressed twice")
    page.get_by_role("button", name="Save & stage").dblclick()
    made(data, page)
    assert len(sent) == 1
    assert len(data.get("/api/batches", search="Pressed twice")["items"]) == 1


def test_a_lost_answer_makes_no_second_batch(visit: Visit, data: Data, guard: Guard) -> None:
    """When the server made the batch and its answer was lost, pressing again leads to that batch."""
    guard.expect("ERR_CONNECTION_RESET")
    page = visit(address(data.folder(1), data.connection(), data.prompt()))

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/batches/save", lose_the_answer, times=1)
    name = unused("Lost once")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save only").click()
    expect(page.get_by_role("alert")).to_contain_text("docstage does not answer")
    page.get_by_role("button", name="Save only").click()
    made(data, page)
    assert len(data.get("/api/batches", search=name)["items"]) == 1


def test_a_batch_as_template(visit: Visit, data: Data) -> None:
    """The menu of a batch begins a new one with its choice and settings, which an address keeps."""
    batch = data.batch(description="first", budget=7.0, failure_limit=0.25)
    page = visit("/batches?search=" + batch["name"])
    page.get_by_role("button", name=f"More actions for {batch['name']}").click()
    page.get_by_role("menuitem", name="Use as template").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value(f"Copy of {batch['name']}")
    expect(page.get_by_text("3 documents × 1 model × 1 prompt = 3 tasks")).to_be_visible()
    assert "from=" not in page.url
    page.reload()
    # When the lists come, the buttons move: a press at that very moment is one beside them.
    expect(page.get_by_text("3 documents × 1 model × 1 prompt = 3 tasks")).to_be_visible()
    page.get_by_role("button", name="Save only").click()
    copy = made(data, page)
    for member in ("folder_ids", "connection_ids", "prompt_ids", "description", "budget", "failure_limit"):
        assert copy[member] == batch[member]
    assert copy["id"] != batch["id"]


def test_a_press_before_the_lists_have_come_is_not_lost(visit: Visit, data: Data) -> None:
    """What the address names is not known yet: the button waits, and then does what it is for."""
    page = visit(address(data.folder(1), data.connection(), data.prompt()))
    held: list[Route] = []
    # Playwright sets attributes on the handler, which a method of a list does not allow.
    page.route(re.compile(r"/api/prompts\?"), lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request(re.compile(r"/api/prompts\?")):
        page.reload()
    save = page.get_by_role("button", name="Save only")
    save.click()
    expect(save).to_be_disabled()
    expect(page.get_by_text("Choose at least one")).to_have_count(0)
    for one in held:
        one.continue_()
    assert made(data, page)["status"] == "SAVED"


def test_a_link_with_what_does_not_exist_any_more(visit: Visit, data: Data) -> None:
    """What is there is chosen, and the rest is told."""
    folder, other = data.folder(2), data.folder(1)
    page = visit(address(folder, data.connection(), data.prompt(), f"&folder={other['id']}"))
    expect(page.get_by_text("3 documents ×")).to_be_visible()
    data.call("DELETE", f"/api/folders/{other['id']}")
    page.reload()
    expect(page.get_by_text("1 other that this address names does not exist any more.")).to_be_visible()
    expect(page.get_by_text("2 documents × 1 model × 1 prompt = 2 tasks")).to_be_visible()


def test_counting_that_stopped_early_is_told(visit: Visit, data: Data) -> None:
    """A folder with more documents than are counted says so, in its line and in the sum."""
    folder = data.folder(1)
    page = visit()
    page.route(
        f"**/api/folders/{folder['id']}/documents",
        lambda route: route.fulfill(json={"count": 100_000, "complete": False, "documents": []}),
    )
    page.goto(address(folder, data.connection(), data.prompt()))
    expect(page.get_by_text("At least 100,000 documents; counting was stopped")).to_be_visible()
    expect(page.get_by_text("= at least 100,000 tasks")).to_be_visible()


def test_the_samples_are_staged_in_one_click(
    own_server: Server, own_data: Data, visit: Visit, axe: Callable[[Page], None]
) -> None:
    """On an empty server two clicks lead from the overview to answers; trying again doubles nothing."""
    page = visit("/", server=own_server)
    page.get_by_role("button", name="Try it with sample documents").click()
    batch = own_data.wait(made(own_data, page), "STAGED")
    assert (batch["counts"]["documents"], batch["counts"]["tasks"]) == (14, 24)
    axe(page)
    page.get_by_role("button", name="Run", exact=True).click()
    assert own_data.wait(batch, "COMPLETED")["counts"]["completed"] == 24
    page.goto("/batches")  # away from what is deleted, whose page would ask for it
    own_data.call("DELETE", f"/api/batches/{batch['id']}")
    page.get_by_role("button", name="Try it with sample documents").click()
    made(own_data, page)
    for kind, count in (("folders", 1), ("connections", 1), ("prompts", 2)):
        assert len(own_data.get(f"/api/{kind}")["items"]) == count


def drop_files(page: Page, *names: str) -> None:
    """Drop text files onto the window, as a file manager does."""
    files = page.evaluate_handle(
        """(names) => {
          const files = new DataTransfer();
          for (const name of names) files.items.add(new File([`This is ${name}.`], name));
          return files;
        }""",
        list(names),
    )
    page.dispatch_event("body", "drop", {"dataTransfer": files})


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_from_nothing_to_answers_with_dropped_files(
    own_server: Server, own_data: Data, visit: Visit, axe: Callable[[Page], None], size: ViewportSize
) -> None:
    """On an empty server six clicks lead from the overview to answers about one's own files."""
    page = visit("/", server=own_server, size=size)
    page.get_by_role("link", name="Make the first batch").click()
    expect(page.get_by_role("button", name="Add simulated-small")).to_be_visible()
    axe(page)
    assert scrolls_sideways(page) == []
    drop_files(page, "first.txt", "second.txt", "third.txt")
    page.get_by_role("button", name="Send 3 files").click()
    expect(page.get_by_role("region", name="Folders").get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("region", name="Folders").get_by_role("checkbox")).to_be_focused()
    page.get_by_role("button", name="Add simulated-small").click()
    page.get_by_role("button", name="Summary").click()
    expect(page.get_by_text("3 documents × 1 model × 1 prompt = 3 tasks")).to_be_visible()
    page.get_by_role("button", name="Save & stage").click()
    batch = own_data.wait(made(own_data, page), "STAGED")
    page.get_by_role("button", name="Run", exact=True).click()
    assert own_data.wait(batch, "COMPLETED")["counts"]["completed"] == 3


def test_what_is_made_on_the_way_is_chosen(visit: Visit, data: Data) -> None:
    """Where there are some already, the forms open in a dialog and what they make is chosen at once."""
    data.batch()
    place = data.write(2)
    page = visit("/batches/new")
    page.get_by_role("button", name="Add a folder").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Path").fill(str(place))
    dialog.get_by_role("button", name="Add folder").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("checkbox", name=place.name)).to_be_checked()
    page.get_by_role("button", name="Add a prompt").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add a prompt")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Write my own").click()
    name = unused("Tone")
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill(name)
    page.get_by_role("dialog").get_by_label("Question about every document").fill(
        "How friendly is this document?"
    )
    page.get_by_role("dialog").get_by_role("button", name="Add prompt").click()
    expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    expect(page.get_by_text("2 documents × 0 models × 1 prompt = 0 tasks")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_passes_axe_and_fits(
    visit: Visit, data: Data, axe: Callable[[Page], None], size: ViewportSize, scheme: Scheme
) -> None:
    """With everything chosen and with errors shown, axe finds nothing and nothing scrolls sideways."""
    page = visit(
        address(data.folder(2), data.connection(), data.prompt(), "&budget=x"), size=size, scheme=scheme
    )
    expect(page.get_by_text("= 2 tasks")).to_be_visible()
    axe(page)
    page.goto("/batches/new")
    page.get_by_role("button", name="Save only").click()
    expect(page.get_by_text("Choose at least one folder.")).to_be_visible()
    axe(page)
    assert scrolls_sideways(page) == []


def test_a_prompt_is_added_in_a_dialog_and_chosen(visit: Visit, data: Data) -> None:
    """From a sample, as on its own page; what was made is chosen at once."""
    chosen = data.prompt()
    page = visit(address(data.folder(1), data.connection(), chosen))
    page.get_by_role("button", name="Add a prompt").click()
    dialog = page.get_by_role("dialog", name="Add a prompt")
    dialog.get_by_role("button", name="Summary").click()
    dialog.get_by_label("Name", exact=True).fill(name := unused("Short summary"))
    dialog.get_by_role("button", name="Add prompt").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    expect(page.get_by_role("checkbox", name=name)).to_be_focused()
    page.get_by_role("button", name="Save only").click()
    stored = next(one for one in data.get("/api/prompts", search=name)["items"])
    assert made(data, page)["prompt_ids"] == [chosen["id"], stored["id"]]
