"""A real server, a real browser, and pages that are watched while a test uses them.

`DOCSTAGE_SCREENSHOTS=folder` keeps the pictures that tests take, and one of every page of a test that failed.
`CHROMIUM` names another browser than Debian's.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from tests.browser.data import Data
from tests.browser.guard import Guard, Visit, find_faults
from tests.browser.scene import Scene, set_up
from tests.browser.server import Server
from tests.support.simulators import running_simulator

from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile

WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=360, height=740)
HUGE = ViewportSize(width=3840, height=2160)

Scheme = Literal["light", "dark"]

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def refusing() -> Iterator[str]:
    """The address of a model that refuses half of what it is asked."""
    profile = Profile(latency=Latency(median=0.01, sigma=0.0), error_rates={Fault.REFUSAL: 0.5})
    with running_simulator(profile) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for each test process."""
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(program).exists():
        pytest.fail(
            f"no browser at {program}: install Debian's package chromium, or let CHROMIUM name another",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def start_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers that live as long as the test process."""
    with ExitStack() as stack:
        yield lambda **options: _start(stack, tmp_path_factory.mktemp("server"), **options)


@pytest.fixture(scope="session")
def server(start_servers: Callable[..., Server]) -> Server:
    """The server that all tests of this process share. Tests leave it at work."""
    return start_servers()


@pytest.fixture(scope="session")
def data(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    """Makes folders, connections, prompts and batches on the shared server."""
    one = Data(server.address, tmp_path_factory.mktemp("documents"))
    yield one
    one.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of the test's own: `start_server(token="", settings={...})`; they end with the test."""
    with ExitStack() as stack:
        numbers = iter(range(100))
        yield lambda **options: _start(stack, tmp_path / f"server-{next(numbers)}", **options)


@pytest.fixture
def own_server(start_server: Callable[..., Server]) -> Server:
    """An empty server of the test's own, which it may stop and start again."""
    return start_server()


@pytest.fixture
def own_data(own_server: Server, tmp_path: Path) -> Iterator[Data]:
    """Makes things on the test's own server."""
    one = Data(own_server.address, tmp_path / "documents")
    yield one
    one.close()


@pytest.fixture(scope="session")
def slow_model() -> Iterator[str]:
    """The address of a simulator whose answers take an hour, so that what calls it stays as it is."""
    with running_simulator(Profile(latency=Latency(median=3600.0, sigma=0.0))) as address:
        yield address


@pytest.fixture(scope="session")
def scene(data: Data, slow_model: str) -> Iterator[Scene]:
    """Something of everything on the shared server."""
    faults = {Fault.REFUSAL: 0.4, Fault.CONTEXT_OVERFLOW: 0.2}
    with running_simulator(Profile(latency=Latency(median=0.0), error_rates=faults)) as refusing:
        yield set_up(data, slow_model, refusing)


@pytest.fixture
def guard() -> Guard:
    """What the pages of this test complain of; `guard.expect(pattern)` owns up to some of it."""
    return Guard()


@pytest.fixture
def visit(
    browser: Browser,
    server: Server,
    guard: Guard,
    request: pytest.FixtureRequest,
    start_server: Callable[..., Server],  # so that servers end after the pages that look at them
) -> Iterator[Visit]:
    """Open pages: `visit("/batches", size=NARROW, scheme="dark", server=own_server)`.

    Each is in a browser session of its own, or with `beside=page` in that of another page. What they complain
    of fails the test, see `guard`.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        path: str | None = None,
        *,
        size: ViewportSize = WIDE,
        scheme: Scheme = "light",
        server: Server = server,
        beside: Page | None = None,
        **options: Any,
    ) -> Page:
        if beside is None:
            context = browser.new_context(
                base_url=server.address,
                viewport=size,
                color_scheme=scheme,
                locale="en-GB",
                timezone_id="Europe/Berlin",
                **options,
            )
            context.set_default_timeout(10_000)
            contexts.append(context)
        else:
            context = beside.context
        page = context.new_page()
        guard.watch(page, server.address)
        if path is not None:
            page.goto(path)
            wait_until_shown(page)
        return page

    yield open_page
    if getattr(request.node, "failed", False):
        for number, page in enumerate(page for context in contexts for page in context.pages):
            _save(page, f"failed-{request.node.name}-{number}")
    for context in contexts:
        context.close()
    guard.check()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A wide, light page of the shared server, not yet anywhere."""
    return visit()


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail where axe finds a fault in a page as it is now: WCAG 2.2 A and AA, and best practices."""

    def check(page: Page, within: str = "html", *, colours_only: bool = False) -> None:
        faults = find_faults(page, within, colours_only=colours_only)
        assert not faults, f"axe on {page.url}:\n" + "\n".join(faults)

    return check


@pytest.fixture
def picture() -> Callable[..., None]:
    """Keep a picture of a page where `DOCSTAGE_SCREENSHOTS` says: `picture(page, "batches-wide")`."""
    return _save


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Tell the fixtures whether the test failed."""
    report = cast(pytest.TestReport, (yield))
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]  # ours
    return report  # type: ignore[return-value]  # and gives it back


def wait_until_shown(page: Page) -> None:
    """Wait until the page has its heading and has fetched what it shows.

    `page.wait_for_function` does not serve for such: it needs `eval`, which the pages' policy refuses.
    """
    page.locator("main h1").first.wait_for()
    expect(page.locator("main .skeleton")).to_have_count(0)


def _start(stack: ExitStack, home: Path, **options: Any) -> Server:
    server = Server(home, **options)
    stack.callback(server.stop)
    server.start()
    return server


def _save(page: Page, name: str) -> None:
    if folder := os.environ.get("DOCSTAGE_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}.png", full_page=True)
