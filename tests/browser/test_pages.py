"""Every page, with what opens on it: axe finds nothing, nothing is too wide, at any size, light and dark."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import HUGE, NARROW, WIDE, wait_until_shown
from tests.browser.data import Data
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.scene import Scene, held_staging
from tests.browser.server import Server

SOURCES = Path(__file__).resolve().parents[2] / "frontend" / "src"
ADDRESSES = [
    "/",
    "/batches",
    "/batches?search=no+such+name",
    "/batches/new",
    "/batches/{SAVED}",
    "/batches/{STAGED}",
    "/batches/{ANALYZING}",
    "/batches/{PAUSED}",
    "/batches/{COMPLETED}",
    "/batches/{with failures}",
    "/batches/{FAILED}",
    "/batches/{FAILED_STAGING}",
    "/batches/{COMPLETED}?tab=documents",
    "/batches/{COMPLETED}?tab=results",
    "/batches/{with failures}?tab=failures",
    "/batches/{COMPLETED}?tab=runs",
    "/batches/{COMPLETED}?tab=events",
    "/folders",
    "/folders/new",
    "/folders/{folder}",
    "/connections",
    "/connections/new",
    "/connections/{connection}",
    "/prompts",
    "/prompts/new",
    "/prompts/{prompt}",
]

Check = Callable[[Page], None]


@pytest.fixture
def look(axe: Callable[..., None], picture: Callable[..., None]) -> Callable[[Page, str], None]:
    """Check a page in both colours, wide, narrow and huge, and keep a picture of each.

    In dark ones only what is about colours: nothing else differs, see `test_dark_is_a_matter_of_colours`.
    """

    def at_all_sizes(page: Page, name: str) -> None:
        for size, looks in ((WIDE, "wide"), (NARROW, "narrow"), (HUGE, "huge")):
            page.set_viewport_size(size)
            for colours in ("light", "dark") if looks != "huge" else ("light",):
                page.emulate_media(color_scheme="light" if colours == "light" else "dark")
                picture(page, f"{name}-{looks}-{colours}")
                if looks != "huge":
                    axe(page, colours_only=colours == "dark")
            assert scrolls_sideways(page) == [], f"{page.url} at {size['width']} px"

    return at_all_sizes


def test_dark_is_a_matter_of_colours() -> None:
    """The pages' sources tell dark from light by nothing but `light-dark(...)`, which takes colours only."""
    sources = [path for path in SOURCES.rglob("*") if path.suffix in {".css", ".ts", ".tsx"}]
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources}
    assert [name for name, text in texts.items() if "prefers-color-scheme" in text] == []
    styles = "".join(text for name, text in texts.items() if name.endswith(".css"))
    assert "light-dark(" in styles
    themed = re.findall(r"[^{}]*data-theme[^{}]*\{([^}]*)\}", styles)
    assert [one.strip() for one in themed] == ["color-scheme: light;", "color-scheme: dark;"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_sound(visit: Visit, scene: Scene, look: Callable[[Page, str], None], address: str) -> None:
    """Every address, with real data."""
    page = visit(scene.address(address))
    look(page, f"page{address}")


def test_a_batch_that_is_staging_is_sound(
    visit: Visit, own_server: Server, own_data: Data, look: Callable[[Page, str], None]
) -> None:
    """The status that is over too soon to be seen elsewhere, while the engine does not run."""
    with held_staging(own_server, own_data) as batch:
        for address in ("/", "/batches", f"/batches/{batch['id']}"):
            page = visit(address, server=own_server)
            look(page, f"staging{address}")


def test_an_empty_server_is_sound(
    visit: Visit, own_server: Server, look: Callable[[Page, str], None]
) -> None:
    """What there is to see before anything has been made."""
    for address in ("/", "/batches", "/batches/new", "/folders", "/connections", "/prompts"):
        look(visit(address, server=own_server), f"empty{address}")


def test_menus_are_sound(
    visit: Visit, scene: Scene, axe: Callable[..., None], picture: Callable[..., None]
) -> None:
    """The menu of a batch, and that of the colours."""
    name = scene.batches["COMPLETED"]["name"]
    for size, looks in ((WIDE, "wide"), (NARROW, "narrow")):
        page = visit("/batches", size=size)
        page.get_by_role("button", name=f"More actions for {name}").click()
        picture(page, f"menu-batch-{looks}")
        axe(page, ":popover-open")
        assert scrolls_sideways(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Colours").click()
        axe(page, ":popover-open")
        assert scrolls_sideways(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("status", "item"),
    [("COMPLETED", "Rerun"), ("STAGED", "Name and limits"), ("SAVED", "Delete")],
)
def test_dialogs_are_sound(
    visit: Visit,
    scene: Scene,
    axe: Check,
    picture: Callable[..., None],
    scheme: str,
    status: str,
    item: str,
) -> None:
    """Dialogs of a batch, in both colours, wide and narrow."""
    page = visit("/batches", scheme=scheme)
    page.get_by_role("button", name=f"More actions for {scene.batches[status]['name']}").click()
    page.get_by_role("menuitem", name=item).click()
    page.get_by_role("dialog").wait_for()
    for size, looks in ((WIDE, "wide"), (NARROW, "narrow")):
        page.set_viewport_size(size)
        picture(page, f"dialog-{item}-{looks}-{scheme}")
        axe(page)
        assert scrolls_sideways(page) == []


def test_the_question_for_the_token_is_sound(
    visit: Visit,
    start_server: Callable[..., Server],
    guard: Guard,
    look: Callable[[Page, str], None],
) -> None:
    """A protected server asks for its token."""
    guard.expect("401")
    page = visit("/", server=start_server(token="let-me-in"))
    wait_until_shown(page)
    look(page, "token")
