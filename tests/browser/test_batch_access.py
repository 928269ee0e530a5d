"""Every tab and status of a batch can be used by all, at every width."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.browser.batch_page import EMPTY, ENCODED, address
from tests.browser.conftest import HUGE, NARROW, WIDE, Scheme
from tests.browser.data import Data
from tests.browser.guard import Visit, scrolls_sideways
from tests.browser.scene import PRICES


@pytest.mark.parametrize("size", [WIDE, NARROW, HUGE], ids=["wide", "narrow", "huge"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_passes_axe_and_fits(
    visit: Visit,
    data: Data,
    axe: Callable[[Page], None],
    picture: Callable[..., None],
    refusing: str,
    size: dict[str, int],
    scheme: Scheme,
) -> None:
    """No fault in any tab, and nothing makes the page wider than its window."""
    folder = data.folder({ENCODED: "A letter.", EMPTY: "", **{f"{n}.txt": f"Letter {n}" for n in range(8)}})
    batch = data.completed(
        folder=folder,
        connection=data.connection(refusing, prices=PRICES),
        description="Asked for by the audit.\nSee the folder.",
        metadata={"case": "A-17"},
        budget=5,
    )
    data.act(batch, "rerun")
    data.wait(batch, "COMPLETED")
    for name in (
        "overview",
        "estimate",
        "documents",
        "progress",
        "failures",
        "runs",
        "events",
        "details",
        "progress&run=1",
    ):
        page = visit(address(batch, f"?tab={name}"), size=size, scheme=scheme)
        axe(page)
        assert not scrolls_sideways(page), name
        picture(page, f"batch-{name.replace('&', '-')}-{size['width']}-{scheme}")
        page.close()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_every_status_passes_axe(
    visit: Visit, data: Data, axe: Callable[[Page], None], slow_model: str, size: dict[str, int]
) -> None:
    """Also while it works, waits, or has failed."""
    waiting = data.connection(slow_model, prices=PRICES)
    for batch in (
        data.batch(),
        data.failed_staging(),
        data.analyzing(slow_model, connection=waiting),
        data.paused(slow_model, connection=waiting, budget=5),
        data.failed(slow_model, connection=waiting),
    ):
        page = visit(address(batch), size=size)
        axe(page)
        assert not scrolls_sideways(page)
        page.close()
