"""Watches pages while a test uses them: what they complain of, where they send requests, what axe finds."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_MARK_VIOLATIONS = """
  addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass(slots=True)
class Guard:
    """What went wrong in the pages of a test. Expect what the test brings about; anything else fails it."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, *patterns: str) -> None:
        """Complaints that match one of these regular expressions do not fail the test."""
        self.expected.extend(patterns)

    def watch(self, page: Page, address: str) -> None:
        """Note what a page of the server at this address complains of."""
        page.add_init_script(_MARK_VIOLATIONS)
        # Playwright sets attributes on the owner of a method that listens, which slots do not allow.
        page.on("console", lambda message: self._hear(message))  # noqa: PLW0108
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("request", lambda request: self._note_request(request, address))

    def check(self) -> None:
        """Fail if there was anything that was not expected."""
        unexpected = [text for text in self.seen if not any(re.search(one, text) for one in self.expected)]
        assert not unexpected, "the pages complained:\n" + "\n".join(unexpected)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _note_request(self, request: Request, address: str) -> None:
        if not request.url.startswith((f"{address}/", "data:", "blob:")):
            self.seen.append(f"request to elsewhere: {request.url}")


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def find_faults(page: Page, within: str = "html", *, colours_only: bool = False) -> list[str]:
    """What axe finds on the page as it is now: WCAG 2.2 A and AA, and best practices.

    The debugging protocol runs axe, which the page's content security policy does not concern.

    Args:
        within: the part to look at, as a selector; what an open menu covers for a moment is no target then.
        colours_only: ask the rules about colours alone, where all have been asked in other colours.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe_source() + "\n;null")
    found: list[dict[str, Any]] = page.evaluate(
        """async ([part, tags, coloursOnly]) => {
          const rules = axe.getRules(tags).filter((rule) => rule.tags.includes('cat.color'));
          const runOnly = coloursOnly ? rules.map((rule) => rule.ruleId) : tags;
          const found = await axe.run(part, {runOnly, resultTypes: ['violations']});
          return found.violations;
        }""",
        [within, AXE_TAGS, colours_only],
    )
    return [
        f"{fault['id']}: {fault['help']}: {json.dumps([node['html'][:200] for node in fault['nodes'][:5]])}"
        for fault in found
    ]


def scrolls_sideways(page: Page) -> list[str]:
    """Parts that make the page, or what is open above it, wider than it can be; empty when all fits."""
    return list(
        page.evaluate("""() => {
          const open = [...document.querySelectorAll('dialog[open], :popover-open')]
            .filter((one) => one.scrollWidth > one.clientWidth)
            .map((one) => `${one.className}: ${one.scrollWidth} of ${one.clientWidth}`);
          if (open.length) return open;
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > width + 1)
            .slice(0, 8)
            .map((one) => `${one.tagName} ${one.className} ${Math.round(one.getBoundingClientRect().right)}`);
        }""")
    )


Visit = Callable[..., Page]
