"""The pages of folders: choosing one, what it takes, sending files, deleting."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data, unused
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.server import Server

ONE_FOLDER = re.compile(r"/folders/\d+$")
REFUSED = "Failed to load resource"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with sub-folders, documents of two kinds and a hidden file."""
    root = tmp_path / "Alderbury"
    (root / "drafts" / "old").mkdir(parents=True)
    for name in ("a.pdf", "b.txt", "drafts/c.txt", "drafts/old/d.txt", ".hidden.txt"):
        (root / name).write_text("Dear Sir or Madam")
    return root


def found(page: Page, text: str) -> None:
    """Wait until the form says so of what it finds."""
    expect(page.get_by_label("Documents that are found").get_by_role("status")).to_have_text(text)


def test_a_folder_is_browsed_to_with_the_keyboard(visit: Visit, data: Data, tree: Path) -> None:
    """The dialog leads up and down, tells what is there, and what is chosen is added under its name."""
    page = visit("/folders/new")
    page.get_by_label("Path").fill(str(tree / "drafts"))
    found(page, "2 documents found")
    page.get_by_role("button", name="Browse").click()
    dialog = page.get_by_role("dialog", name="Choose a folder")
    expect(dialog.get_by_text("1 file directly in this folder, 1 sub-folder")).to_be_visible()
    dialog.get_by_label("Filter the folders here").press("ArrowDown")
    expect(dialog.get_by_role("button", name="old", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("There are no folders in here.")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(dialog.get_by_role("button", name="old", exact=True)).to_be_focused()
    dialog.get_by_label("Where you are").get_by_role("button", name="Alderbury").click()
    expect(dialog.get_by_role("button", name="drafts", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Choose this folder").click()
    expect(page.get_by_label("Path")).to_have_value(str(tree))
    name = unused("Letters")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add folder").click()
    expect(page).to_have_url(ONE_FOLDER)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    (stored,) = data.get("/api/folders", search=name)["items"]
    assert stored["path"] == str(tree)


def test_what_is_taken_is_counted_at_once(visit: Visit, data: Data, tree: Path) -> None:
    """Kinds, patterns, sub-folders and hidden files change what is found before anything is saved."""
    page = visit("/folders/new")
    page.get_by_label("Path").fill(str(tree))
    found(page, "4 documents found")
    page.get_by_role("button", name="PDF").click()
    found(page, "1 document found")
    page.get_by_role("button", name="Text and data").click()
    found(page, "4 documents found")
    page.get_by_label("But not files like").fill("old/**")
    page.get_by_label("But not files like").press("Enter")
    found(page, "4 documents found")
    page.get_by_role("button", name="Take old/** away").click()
    page.get_by_label("But not files like").fill("drafts/old/**")
    page.get_by_label("But not files like").press("Enter")
    found(page, "3 documents found")
    page.get_by_label("Also take the folders below it").uncheck()
    found(page, "2 documents found")
    page.get_by_label("Also take hidden files").check()
    found(page, "3 documents found")
    page.get_by_label("Search the documents").fill("HID")
    found(page, "1 document with “HID”")
    assert not data.get("/api/folders", search=str(tree))["items"]
    page.get_by_label("Name", exact=True).fill(unused("Chosen"))
    page.get_by_role("button", name="Add folder").click()
    expect(page).to_have_url(ONE_FOLDER)
    stored = data.get(f"/api/folders/{page.url.rsplit('/', 1)[1]}")
    assert (stored["recursive"], stored["hidden"], stored["exclude"]) == (False, True, ["drafts/old/**"])
    assert stored["include"][0] == "*.pdf"
    page.goto("/folders")
    row = page.get_by_role("row").filter(has_text=stored["name"])
    expect(row).to_contain_text("PDF, Text and data; not drafts/old/**; without sub-folders; hidden ones too")


def test_problems_are_told_at_their_fields(visit: Visit, data: Data, guard: Guard, tree: Path) -> None:
    """A path that does not exist says so at once; a name that is taken when it is saved."""
    guard.expect(REFUSED)
    taken = data.folder(tree)["name"]
    page = visit("/folders/new")
    page.get_by_label("Path").fill(f"{tree}s")
    path = page.get_by_label("Path")
    expect(path).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text(f"Did you mean {tree}?")).to_be_visible()
    path.fill(str(tree))
    expect(path).to_have_attribute("aria-invalid", "false")
    page.get_by_label("Name", exact=True).fill(taken)
    page.get_by_role("button", name="Add folder").click()
    expect(page.get_by_text("Choose another name")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_picked_folder_is_sent(visit: Visit, data: Data, tree: Path) -> None:
    """Its files arrive with their paths, hidden ones stay behind, and a folder is made of them."""
    page = visit("/folders/new?from=device")
    page.get_by_label("Folder to send").set_input_files(tree)
    expect(page.get_by_text("1 hidden file left out")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Alderbury")
    page.get_by_label("Name", exact=True).fill(unused("Sent"))
    page.get_by_role("button", name="Send 4 files").click()
    expect(page).to_have_url(ONE_FOLDER)
    found(page, "4 documents found")
    number = page.url.rsplit("/", 1)[1]
    paths = [one["path"] for one in data.get(f"/api/folders/{number}/documents")["documents"]]
    assert sorted(paths) == ["a.pdf", "b.txt", "drafts/c.txt", "drafts/old/d.txt"]


def test_dropped_folders_are_sent(visit: Visit, tree: Path) -> None:
    """Whole folders that are dropped are walked through; what was sent under that name before stays apart."""
    for _ in range(2):
        page = visit("/folders/new?from=device")
        drop(page, tree / "drafts", tree / "b.txt")
        expect(page.get_by_text("3 files", exact=True)).to_be_visible()
        expect(page.get_by_label("Files to send")).to_contain_text("drafts/old/d.txt")
        page.get_by_label("Name", exact=True).fill(unused("Dropped"))
        page.get_by_role("button", name="Send 3 files").click()
        expect(page).to_have_url(ONE_FOLDER)
        found(page, "3 documents found")


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders as the system's file manager does."""
    zone = page.get_by_text("Drop files or whole folders here")
    expect(zone).to_be_visible()
    box = zone.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where = {"x": box["x"] + 5, "y": box["y"] + 5, "data": data}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **where})


def test_files_that_cannot_be_sent_are_told(
    visit: Visit, start_server: Callable[..., Server], guard: Guard, tmp_path: Path
) -> None:
    """One too large is not sent at all; one that fails is sent again; the rest can be used without them."""
    guard.expect(REFUSED)
    server = start_server(settings={"DOCSTAGE_MAX_FILE_MB": "1"})
    place = tmp_path / "Mixed"
    place.mkdir()
    (place / "large.txt").write_bytes(b"x" * 1_100_000)
    for name in ("good.txt", "unlucky.txt"):
        (place / name).write_text("Dear Sir or Madam")
    page = visit("/folders/new?from=device", server=server)
    unlucky = re.compile("path=unlucky")
    page.route(unlucky, lambda route: route.abort())
    page.get_by_label("Folder to send").set_input_files(place)
    page.get_by_role("button", name="Send 3 files").click()
    failed = page.get_by_label("Files that could not be sent")
    expect(failed).to_contain_text("It has 1.1 MB; this server takes files up to 1 MB.")
    expect(failed).to_contain_text("unlucky.txt")
    page.unroute(unlucky)
    page.get_by_role("button", name="Try these again").click()
    expect(page.get_by_text("1 file could not be sent")).to_be_visible()
    page.get_by_role("button", name="Add the 2 files that arrived").click()
    expect(page).to_have_url(ONE_FOLDER)
    found(page, "2 documents found")


def test_sending_can_be_cancelled(visit: Visit, data: Data, guard: Guard, tree: Path) -> None:
    """What is on its way stops, and no folder is made of it."""
    guard.expect(REFUSED)
    page = visit("/folders/new?from=device")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/upload"), hold)
    page.get_by_label("Folder to send").set_input_files(tree)
    name = unused("Cancelled")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Send 4 files").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled: 0 of 4 files")).to_be_visible()
    page.get_by_role("button", name="Begin again").click()
    expect(page.get_by_role("button", name="Send 4 files")).to_be_visible()
    assert not data.get("/api/folders", search=name)["items"]


def test_a_folder_is_changed_and_deleted(visit: Visit, data: Data, tree: Path) -> None:
    """Its own address shows it; after a change the list has it; deleting leaves the files."""
    folder = data.folder(tree)
    page = visit(f"/folders/{folder['id']}")
    found(page, "4 documents found")
    name = unused("Renamed")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="← Folders").click()
    page.get_by_label("Search by name or path").fill(name)
    row = page.get_by_role("row").filter(has_text=name)
    expect(page.get_by_role("row")).to_have_count(2)  # the head, and what was found
    row.get_by_role("button", name=f"More actions for {name}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No folder matches")).to_be_visible()
    assert (tree / "a.pdf").exists()


def test_a_folder_in_use_names_the_batches(visit: Visit, data: Data) -> None:
    """Instead of deleting, the dialog leads to the batches that use it."""
    folder = data.folder(2)
    batch = data.batch(unused("User"), folder=folder)
    page = visit(f"/folders/{folder['id']}")
    expect(page.locator(".item-about").get_by_role("link", name=batch["name"])).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 batch uses this folder, so it cannot be deleted")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    dialog.get_by_role("link", name=batch["name"]).click()
    expect(page).to_have_url(re.compile(rf"/batches/{batch['id']}$"))


def test_the_empty_page_offers_both_ways(
    visit: Visit, own_server: Server, axe: Callable[[Page], None]
) -> None:
    """Without a folder there is a way to a path and a way to send files."""
    page = visit("/folders", server=own_server)
    axe(page)
    page.get_by_role("link", name="Send files").click()
    expect(page.get_by_text("Drop files or whole folders here")).to_be_visible()
    page.get_by_role("button", name="On the server").click()
    expect(page.get_by_label("Path")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_folders_pass_axe_and_fit_a_narrow_window(
    visit: Visit,
    data: Data,
    axe: Callable[[Page], None],
    picture: Callable[..., None],
    tree: Path,
    scheme: Scheme,
) -> None:
    """List, form, dialog and drop zone, in both colours, at 360 px."""
    folder = data.folder(tree, include=["*.pdf", "reports/**"], exclude=["drafts"])
    page = visit("/folders", size=NARROW, scheme=scheme)
    for address in ("/folders", f"/folders/{folder['id']}", "/folders/new?from=device"):
        page.goto(address)
        page.locator("main h1").wait_for()
        expect(page.locator("main .skeleton")).to_have_count(0)
        axe(page)
        assert scrolls_sideways(page) == []
        picture(page, f"folders{address}-{scheme}")
    page.goto(f"/folders/{folder['id']}")
    page.get_by_role("button", name="Browse").click()
    expect(page.get_by_role("button", name="drafts", exact=True)).to_be_visible()
    axe(page)
    picture(page, f"folders-browse-{scheme}")
