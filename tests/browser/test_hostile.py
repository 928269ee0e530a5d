"""What documents and models say is shown as text: nothing of it runs, nothing of it is fetched."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import wait_until_shown
from tests.browser.data import Data, Json, unused
from tests.browser.guard import Visit
from tests.browser.server import Server
from tests.hostile.parrot import Parrot, asked, running_parrot
from tests.hostile.payloads import MARKDOWN, MARKUP


def payload(attacker: Parrot) -> str:
    """Everything that could run or call home."""
    home = f"{attacker.base_url}/home"
    return (
        f"<script>window.attacked = 1; fetch('{home}/script')</script>"
        f"<img src='{home}/picture' onerror='window.attacked = 2'>"
        "<svg onload='window.attacked = 3'></svg>"
        "<iframe srcdoc='<script>parent.attacked = 4</script>'></iframe>"
        f"<link rel=stylesheet href='{home}/css'>"
        f"![picture]({home}/markdown) [link](javascript:window.attacked=5)"
        "<a href='javascript:attacked=6'>a</a>"
        "</script></pre></td></table><h1>Not a heading</h1>"
    )


@pytest.fixture(scope="module")
def attacker() -> Iterator[Parrot]:
    """A model that answers with the payload, and notes who calls home."""
    with running_parrot(lambda _body: payload(one), model="<img src=x onerror=window.attacked=8>") as one:
        yield one


def test_nothing_hostile_runs_or_calls_home(visit: Visit, data: Data, attacker: Parrot) -> None:
    """Answers, documents, their names, and all names of things, on every page that shows them."""
    name = "<img src=x onerror=window.attacked=7>"
    folder = data.folder({f"{name}.html": payload(attacker), "b.md": payload(attacker)}, name=unused(name))
    connection = data.connection(attacker.base_url, name=unused(name))
    prompt = data.prompt(payload(attacker), name=unused(name))
    batch = data.completed(unused(name), folder=folder, connection=connection, prompt=prompt)
    ids = (batch["id"], folder["id"], connection["id"], prompt["id"])
    batch_id, folder_id, connection_id, prompt_id = ids
    tabs = ("results", "documents", "progress", "failures", "runs", "events", "details", "estimate")
    addresses = [
        "/",
        f"/batches?search={name}",
        f"/batches/new?folder={folder_id}&connection={connection_id}&prompt={prompt_id}",
        *(f"/batches/{batch_id}?tab={tab}" for tab in tabs),
        f"/folders/{folder_id}",
        f"/connections/{connection_id}",
        f"/prompts/{prompt_id}",
    ]
    page = visit("/batches")
    for address in addresses:
        page.goto(address)
        wait_until_shown(page)
        assert page.evaluate("window.attacked") is None, address
        assert page.get_by_role("heading", name="Not a heading").count() == 0, address
    page.goto(f"/connections/{connection_id}")
    expect(page.get_by_text("The server offers 1 model.")).to_be_visible()
    assert page.evaluate("window.attacked") is None
    assert attacker.visits == []


def test_a_hostile_answer_is_shown_as_it_is(visit: Visit, data: Data, attacker: Parrot) -> None:
    """In the drawer of a result the answer stands word for word, as text."""
    folder = data.folder({"a.txt": payload(attacker)})
    batch = data.completed(
        unused("Hostile"), folder=folder, connection=data.connection(attacker.base_url), prompt=data.prompt()
    )
    page = visit(f"/batches/{batch['id']}?tab=results")
    page.get_by_role("row").filter(has_text="a.txt").get_by_text("a.txt").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("<script>window.attacked = 1;")
    assert page.evaluate("window.attacked") is None
    assert attacker.visits == []


def test_every_known_attack_is_shown_as_text(visit: Visit, data: Data) -> None:
    """All classes of markup, in documents and answers: in the table, and one by one in the drawer."""
    attacks = (*MARKUP, *MARKDOWN)
    documents = {f"{number:03}.txt": f"Attack no. {number}.\n{text}" for number, text in enumerate(attacks)}

    def answer(body: dict[str, Any]) -> str:
        found = re.search(r"Attack no. (\d+)", asked(body))
        assert found is not None
        return attacks[int(found[1])]

    with running_parrot(answer) as parrot:
        connection = data.connection(parrot.base_url)
        batch = data.completed(unused("Attacks"), folder=data.folder(documents), connection=connection)
    assert batch["counts"]["completed"] == len(attacks)
    page = visit(f"/batches/{batch['id']}?tab=results")
    page.get_by_role("row").filter(has_text="000.txt").get_by_text("000.txt").first.click()
    answer_of = page.get_by_role("dialog").get_by_role("region", name="Answer", exact=True)
    for number in range(len(attacks)):  # rendered, where Markdown is
        expect(page.get_by_role("dialog", name=f"{number:03}.txt")).to_contain_text(f"{number + 1} of ")
        expect(answer_of.locator(".drawer-text")).not_to_have_text("")
        expect(answer_of.locator("img, svg, script, iframe, object, form, input, style")).to_have_count(0)
        expect(answer_of.locator("[href^='javascript:' i], [href^='data:' i], [style]")).to_have_count(0)
        if answer_of.get_by_role("button", name="Rendered").is_visible():
            rendered = number
        page.keyboard.press("j")
    _open(page, batch, rendered)
    answer_of.get_by_role("button", name="As written").click()
    _open(page, batch, 0)
    for number, attack in enumerate(attacks):
        drawer = page.get_by_role("dialog", name=f"{number:03}.txt")
        expect(drawer).to_contain_text(f"{number + 1} of {len(attacks)}")
        expect(drawer.get_by_role("region", name="Document")).to_contain_text(f"Attack no. {number}.")
        expect(drawer.get_by_role("region", name="Answer", exact=True)).to_contain_text(attack)
        page.keyboard.press("j")
    assert page.evaluate("window.attacked") is None


def _open(page: Page, batch: Json, number: int) -> None:
    tasks = page.request.get(f"/api/batches/{batch['id']}/tasks?search={number:03}.txt").json()["items"]
    page.goto(f"/batches/{batch['id']}?tab=results&task={tasks[0]['id']}")
    expect(page.get_by_role("dialog", name=f"{number:03}.txt")).to_be_visible()


def test_the_policy_is_strict_and_the_page_has_no_inline_script(server: Server) -> None:
    """Only files of this server run; the page itself contains no script, no style and no handler."""
    answer = httpx.get(f"{server.address}/batches")
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";") if part
    )
    assert policy["default-src"] == "'none'"
    for directive in ("script-src", "style-src", "connect-src", "worker-src"):
        assert policy[directive] == "'self'"
    assert "http" not in policy["img-src"]
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert all(re.search(r"\bsrc=\"/assets/", tag) for tag in re.findall(r"<script[^>]*>", answer.text))
    assert re.findall(r"<script[^>]*>([^<]+)</script>|<style|\son\w+=|\sstyle=", answer.text) == []
