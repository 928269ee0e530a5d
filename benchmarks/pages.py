"""What the pages weigh, how soon they can be used, and how fast a large table of results moves."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.support.figures import Figure, Mark, Options, at_most
from benchmarks.support.lab import lab
from benchmarks.support.processes import serving

TASKS = 100_000
# The functions run in the page, so that the way between the processes is not measured with them.
_HELP = """
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const until = async (holds) => { while (!holds()) await frame(); };
  const grid = () => document.querySelector('[role=grid]');
  const rows = () => [...grid().querySelectorAll('.results-body [role=row]')];
  const filled = () => grid() && rows().length > 0 && !grid().querySelector('[aria-busy]');
  const total = () => Number(grid().getAttribute('aria-rowcount')) - 1;
  const text = () => rows().map((row) => row.textContent).join();
"""
_READY = f"""async () => {{ {_HELP}
  await until(() => document.querySelector('main h1') && !document.querySelector('main .skeleton'));
  return performance.now();
}}"""
_OPENED = f"async () => {{ {_HELP} await until(filled); return performance.now(); }}"
_SCROLL = f"""async (share) => {{ {_HELP}
  const wanted = Math.round(share * (total() - 50)), begun = performance.now();
  grid().scrollTop = share * (grid().scrollHeight - grid().clientHeight);
  await until(() => rows().some((row) => Math.abs(row.ariaRowIndex - wanted) < 60) && filled());
  return performance.now() - begun;
}}"""
# Another order or filter makes another grid, whose rows are those of a new answer.
_CHANGE = f"""async (choose) => {{ {_HELP}
  const before = text(), query = location.search, begun = performance.now();
  choose();
  await until(() => location.search !== query && filled() && text() !== before);
  return performance.now() - begun;
}}"""
# Two orders that begin with different rows.
_SORT = """() => {
  const to = location.search.includes('finished_at') ? 'Document' : 'Finished';
  [...document.querySelectorAll('[role=columnheader] button')]
    .find((one) => one.textContent.startsWith(to)).click();
}"""
_FILTER = """() => {
  const select = [...document.querySelectorAll('select')]
    .find((one) => one.options[0].text === 'All prompts');
  select.selectedIndex = select.selectedIndex === 2 ? 3 : 2;
  select.dispatchEvent(new Event('change', { bubbles: true }));
}"""


def measure(options: Options) -> list[Figure]:
    """The first visit, and the table of results of a COMPLETED batch of 100,000 tasks."""
    repeats = 3 if options.quick else 10
    with lab() as place:
        prepared = place.save_batch("http://127.0.0.1:9/v1", lanes=2, asked=5)
        prepared.stage_with(TASKS // 10, with_contents=False)
        prepared.lay_out()
        prepared.complete()
        with (
            serving("benchmarks.support.web", environment=place.environment) as (address, _pid),
            _chromium() as browser,
        ):
            results = f"{address}/batches/{prepared.batch_id}?tab=results"
            return [*_first_visit(browser, address, repeats), *_table(browser, results, repeats)]


@contextmanager
def _chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def _first_visit(browser: Browser, address: str, repeats: int) -> list[Figure]:
    sizes, times = zip(*(_visit_once(browser, f"{address}/batches") for _ in range(repeats)), strict=True)
    return [
        Figure("first visit, compressed", max(sizes) / 1000, "kB", mark=_kilobytes(max(sizes) / 1000)),
        Figure(
            "first visit, until it can be used", median(times), "ms", mark=_milliseconds(median(times), 1_000)
        ),
    ]


def _visit_once(browser: Browser, address: str) -> tuple[float, float]:
    """Bytes of the page and its scripts, and milliseconds until the list can be used; nothing is cached."""
    page = browser.new_context().new_page()
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    page.goto(address, wait_until="commit")
    ready: float = page.evaluate(_READY)
    page.context.close()
    return sum(sizes), ready


def _table(browser: Browser, address: str, repeats: int) -> list[Figure]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address, wait_until="commit")
    opened: float = page.evaluate(_OPENED)
    # Where somebody scrolls to is not known before; these places are spread over the list.
    places = [(n * 0.37 + 0.11) % 1 for n in range(repeats)]
    taken = {
        "scroll to any place": [page.evaluate(_SCROLL, place) for place in places],
        "sort": [page.evaluate(f"() => ({_CHANGE})({_SORT})") for _ in range(repeats)],
        "filter by prompt": [page.evaluate(f"() => ({_CHANGE})({_FILTER})") for _ in range(repeats)],
    }
    page.close()
    return [
        Figure("results of 100,000 tasks, until shown", opened, "ms"),
        *(
            Figure(f"the same: {what}, median", median(times), "ms", mark=_milliseconds(median(times), 200))
            for what, times in taken.items()
        ),
    ]


def _kilobytes(value: float) -> Mark:
    return at_most(value, 150, "< 150 kB")


def _milliseconds(value: float, most: float) -> Mark:
    return at_most(value, most, f"< {most:,.0f} ms")
