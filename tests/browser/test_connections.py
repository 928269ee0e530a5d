"""The pages of connections: choosing, detecting, testing, keeping keys, what the engine does with each."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import NARROW, Scheme
from tests.browser.data import Data, unused
from tests.browser.guard import Guard, Visit, scrolls_sideways
from tests.browser.server import Server
from tests.support.llama import LlamaServer
from tests.support.simulators import INSTANT

from docstage.domain.rehearsals import SIMULATOR_OFFERS
from docstage.simulator.profile import Profile

REFUSED = "Failed to load resource"
LIST = re.compile(r"/connections$")
KEY = "sk-very-secret-1234"


def result(page: Page) -> Locator:
    """What the test in the form has found."""
    return page.locator(".connections-result")


def suggestions(page: Page) -> Locator:
    """The models that the field offers."""
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def to_list(page: Page) -> None:
    """Wait until what was sent is stored, and go to the list."""
    expect(page.get_by_text(re.compile("was (added|saved)"))).to_be_visible()
    page.get_by_role("link", name="← Connections").click()


def row(page: Page, name: str) -> Locator:
    """The row of the list that begins with this name."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_the_first_connection_is_one_click_away(visit: Visit, own_server: Server, own_data: Data) -> None:
    """An empty server offers the simulator; what was added is not offered again."""
    page = visit("/connections", server=own_server)
    page.get_by_role("button", name="Add simulated-small").click()
    expect(row(page, "simulated-small")).to_contain_text("free, simulated")
    page.get_by_role("button", name="Detect").click()
    expect(page.get_by_label("Found here").get_by_text("Added")).to_be_visible()
    row(page, "simulated-small").get_by_role("button", name="Test").click()
    expect(row(page, "simulated-small")).to_contain_text("It works")
    (made,) = own_data.get("/api/connections")["items"]
    assert (made["provider"], made["model"], made["base_url"]) == ("simulated", "simulated-small", None)


def test_a_real_model_is_one_click_away(
    visit: Visit, own_server: Server, own_data: Data, real_model: str
) -> None:
    """Where its file is, it is offered as what it is, and answers; its form asks for no address."""
    page = visit("/connections", server=own_server)
    found = page.get_by_role("listitem").filter(has_text=real_model)
    expect(found).to_contain_text("A real language model, and a very small one: it often invents")
    page.get_by_role("button", name=f"Add {real_model}").click()
    expect(row(page, real_model)).to_contain_text("free, on your own machine")
    row(page, real_model).get_by_role("button", name="Test").click()
    expect(row(page, real_model)).to_contain_text("It works")
    (made,) = own_data.get("/api/connections")["items"]
    assert (made["provider"], made["model"], made["base_url"]) == ("local", real_model, None)
    page = visit("/connections/new?provider=local", server=own_server)
    expect(page.get_by_text("nothing leaves the computer")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_count(0)
    expect(page.get_by_label("Model", exact=True)).to_be_visible()


def test_keys_in_the_environment_are_found(visit: Visit, start_server: Callable[..., Server]) -> None:
    """A provider whose key is set leads to the form, which takes the key from there."""
    server = start_server(settings={"GROQ_API_KEY": KEY})
    page = visit("/connections", server=server)
    page.route(
        re.compile("/api/connections/models"),
        lambda route: route.fulfill(json=[{"name": "llama-x", "context_tokens": 8192}]),
    )
    page.get_by_role("button", name="Choose a model of Groq").click()
    expect(page.get_by_label("Key", exact=True)).to_have_value("env")
    expect(page.get_by_label("Name of the variable")).to_have_value("GROQ_API_KEY")
    model = page.get_by_label("Model")
    expect(page.get_by_text("The server offers 1 model.")).to_be_visible()
    model.press("ArrowDown")
    expect(suggestions(page)).to_contain_text("8,192 tokens")
    model.press("Enter")
    expect(model).to_have_value("llama-x")
    page.get_by_role("button", name="Add connection").click()
    to_list(page)
    expect(row(page, "llama-x")).to_contain_text("variable GROQ_API_KEY")
    assert KEY not in page.content()


def test_a_connection_is_tested_before_it_is_saved(
    visit: Visit, data: Data, guard: Guard, llama_server_with_key: LlamaServer
) -> None:
    """A real server: without its key, with a wrong one, and with the right one; then it is kept sealed."""
    guard.expect(REFUSED)
    page = visit("/connections/new")
    page.get_by_label("Search the providers").fill("llama.c")
    page.get_by_label("Search the providers").press("Enter")
    page.get_by_label("Address").fill(llama_server_with_key.base_url)
    expect(page.get_by_text(re.compile("No list: The server answered 401"))).to_be_visible()
    page.get_by_label("Model").fill(llama_server_with_key.model)
    test = page.get_by_role("button", name="Test connection")
    test.click()
    expect(result(page)).to_contain_text("The key is not accepted")
    page.get_by_label("Key", exact=True).select_option("typed")
    page.get_by_label("The key itself").fill("wrong")
    test.click()
    expect(result(page)).to_contain_text("Check the key, and what it is allowed to do.")
    page.get_by_label("The key itself").fill(str(llama_server_with_key.api_key))
    page.get_by_label("Model").click()
    expect(page.get_by_text("The server offers 1 model.")).to_be_visible()
    test.click()
    expect(result(page)).to_contain_text("It works")
    name = unused("Keyed")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add connection").click()
    to_list(page)
    expect(row(page, name)).to_contain_text("stored, sealed")
    row(page, name).get_by_role("link", name=name).click()
    expect(page.get_by_label("Key", exact=True)).to_have_value("kept")
    test.click()
    expect(result(page)).to_contain_text("It works")
    assert str(llama_server_with_key.api_key) not in page.content()
    (made,) = data.get("/api/connections", search=name)["items"]
    assert made["api_key"] == "stored"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:9/v1", "Nothing listens at http://127.0.0.1:9"),
        ("http://no-such-host.invalid/v1", "The server cannot be reached"),
    ],
)
def test_a_wrong_address_is_told_in_words(visit: Visit, guard: Guard, address: str, said: str) -> None:
    """What is wrong and what to do is said, for a port where nothing is and for a host that is none."""
    guard.expect(REFUSED)
    page = visit("/connections/new?provider=openai-compatible")
    page.get_by_label("Address").fill(address)
    page.get_by_label("Model").fill("m")
    page.get_by_role("button", name="Test connection").click()
    expect(result(page)).to_contain_text(said)
    expect(result(page)).to_contain_text("Check the address; it usually ends in /v1.")


def test_an_unknown_model_is_told_with_those_there_are(visit: Visit, simulator: Callable[..., str]) -> None:
    """The server's refusal comes with the name that was probably meant."""
    page = visit("/connections/new?provider=openai-compatible")
    page.get_by_label("Address").fill(simulator())
    page.get_by_label("Model").fill("simulated-smal")
    page.get_by_role("button", name="Test connection").click()
    expect(result(page)).to_contain_text("The server does not have this model")
    expect(result(page)).to_contain_text("Did you mean simulated-small")


def test_values_are_checked_as_they_are_typed(visit: Visit, data: Data, guard: Guard) -> None:
    """Each fault is told at its field, and nothing is saved; a fault under More settings opens it."""
    # Once the address can be one, it is asked for its models, unless the form is left before that.
    guard.expect(r"503 .*/api/connections/models")
    page = visit("/connections/new?provider=openai-compatible")
    page.get_by_label("Address").fill("localhost:8080")
    expect(page.get_by_text("Write an address such as")).to_be_visible()
    page.get_by_label("Address").fill("http://localhost:9/v1")
    expect(page.get_by_text("Write an address such as")).to_have_count(0)
    page.get_by_text("More settings").click()
    page.get_by_label("Calls at once").fill("0")
    expect(page.get_by_text("Give a whole number from 1 to 1,000.")).to_be_visible()
    page.get_by_label("Calls at once").fill("4")
    page.get_by_label("Further members").fill("[1]")
    expect(page.get_by_text("Write a JSON object, in braces.")).to_be_visible()
    page.get_by_label("Headers").fill("no header")
    expect(page.get_by_text("“no header” is no header.")).to_be_visible()
    page.get_by_role("button", name="Add connection").click()
    expect(page.get_by_text("Name the model.")).to_be_visible()
    expect(page.get_by_label("Model")).to_be_focused()
    assert not data.get("/api/connections", search="localhost:9")["items"]


def test_every_setting_is_kept(visit: Visit, data: Data) -> None:
    """What is set comes back when it is changed; values of headers are kept without being shown."""
    name = unused("Full")
    page = visit("/connections/new?provider=simulated")
    page.get_by_label("Model").fill("simulated-large")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_text("More settings").click()
    typed = {
        "Calls at once": "3",
        "Requests a minute": "600",
        "Tokens a minute": "90000",
        "Longest answer": "256",
        "Timeout": "30",
        "Temperature": "0.5",
        "Output": "2",
        "Headers": f"X-Team: {KEY}",
        "Further members": '{"seed": 7}',
    }
    for label, value in typed.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Input", exact=True).fill("1")
    page.get_by_label("Pictures").select_option("no")
    page.get_by_role("button", name="Add connection").click()
    to_list(page)
    expect(row(page, name)).to_contain_text("$1.00 in, $2.00 out")
    (made,) = data.get("/api/connections", search=name)["items"]
    assert made["limits"] == {"concurrency": 3, "requests_per_minute": 600, "tokens_per_minute": 90_000}
    assert (made["temperature"], made["max_output_tokens"], made["timeout"]) == (0.5, 256, 30.0)
    assert (made["images_override"], made["header_names"], made["extra"]) == (False, ["X-Team"], {"seed": 7})
    row(page, name).get_by_role("link", name=name).click()
    page.get_by_text("More settings").click()
    expect(page.get_by_label("Tokens a minute")).to_have_value("90000")
    expect(page.get_by_label("Pictures")).to_have_value("no")
    expect(page.get_by_text("Their values are kept and not shown.")).to_be_visible()
    page.get_by_label("Requests a minute").fill("")
    page.get_by_label("Input", exact=True).fill("")
    page.get_by_label("Output").fill("")
    page.get_by_role("button", name="Save").click()
    to_list(page)
    expect(page).to_have_url(LIST)
    changed = data.get(f"/api/connections/{made['id']}")
    assert changed["limits"]["requests_per_minute"] is None
    assert changed["header_names"] == ["X-Team"]
    assert changed["price"]["source"] == "simulator"


def test_a_key_that_cannot_be_read_says_where_it_should_be(visit: Visit, data: Data, guard: Guard) -> None:
    """In the list as in the form the missing variable is named."""
    guard.expect(REFUSED)
    one = data.connection(provider="groq", model="llama-x", api_key="env:NOT_THERE_KEY")
    page = visit("/connections?search=groq")
    row(page, one["name"]).get_by_role("button", name="Test").click()
    expect(row(page, one["name"])).to_contain_text("The environment variable NOT_THERE_KEY is not set")
    row(page, one["name"]).get_by_role("link", name=one["name"]).click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator(".field-error")).to_contain_text("NOT_THERE_KEY is not set")


@pytest.mark.parametrize("step", ["Test connection", "Add connection"])
def test_a_key_that_is_none_is_told_at_the_key(
    visit: Visit, start_server: Callable[..., Server], guard: Guard, tmp_path: Path, step: str
) -> None:
    """What was pasted along, a bad file, what others may not use: in words, at the field, and not stored."""
    guard.expect(REFUSED)
    key_file = tmp_path / "key"
    key_file.write_text(f"{KEY}\n{KEY}\n")
    settings = {"DOCSTAGE_ALLOWED_HOSTS": "docs.example", "DOCSTAGE_SECRET_FILES": str(tmp_path)}
    server = start_server(settings=settings)
    page = visit("/connections/new?provider=openai", server=server)
    page.get_by_label("Model").fill("gpt-5-mini")
    page.get_by_label("Key", exact=True).select_option("typed")
    for kind, label, value, words in (
        ("typed", "The key itself", f"Bearer {KEY}", "Begins with 'Bearer': give only what follows it."),
        ("typed", "The key itself", f"{KEY}\u200b", "zero width space"),
        ("file", "Path of the file", str(key_file), "has several lines, and must be one."),
        ("file", "Path of the file", "keys/one", "without its whole path"),
        ("env", "Name of the variable", "HOME", "may not be used on this server"),
    ):
        page.get_by_label("Key", exact=True).select_option(kind)
        page.get_by_label(label).fill(value)
        page.get_by_role("button", name=step).click()
        expect(page.locator(".field-error")).to_contain_text(words)
        expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        expect(page.locator("main")).not_to_contain_text(KEY)
    with httpx.Client(base_url=server.address) as client:
        assert client.get("/api/connections").json()["items"] == []


def test_a_stored_key_goes_to_no_other_address(
    visit: Visit, data: Data, guard: Guard, simulator: Callable[..., str]
) -> None:
    """When the address changes, the form asks for the key again, at the key."""
    guard.expect(REFUSED)
    address = simulator(Profile(latency=INSTANT, api_key=KEY))
    one = data.connection(address, provider="openai-compatible", api_key=KEY)
    page = visit(f"/connections/{one['id']}")
    page.get_by_label("Address").fill("http://127.0.0.1:9/v1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".field-error")).to_contain_text("enter it again")
    assert data.get(f"/api/connections/{one['id']}")["base_url"] == address


def test_the_list_shows_what_the_engine_does(
    visit: Visit, data: Data, slow_model: str, simulator: Callable[..., str]
) -> None:
    """Calls in flight and a held connection with its reason appear by themselves."""
    busy = data.connection(slow_model, limits={"concurrency": 2})
    keyless = data.connection(
        simulator(Profile(latency=INSTANT, api_key=KEY)), provider="openai-compatible", api_key="wrong"
    )
    page = visit(f"/connections?search={busy['model']}")
    expect(row(page, busy["name"])).to_contain_text("idle")
    folder, prompt = data.folder(4), data.prompt()
    batch = data.staged(
        folder=folder, prompt=prompt, connection=busy, connection_ids=[busy["id"], keyless["id"]]
    )
    data.act(batch, "run")
    expect(row(page, busy["name"])).to_contain_text("2 of 2 calls in flight")
    expect(row(page, keyless["name"])).to_contain_text("held: the key is not accepted")
    data.act(batch, "cancel")
    expect(row(page, busy["name"])).to_contain_text("idle")


def test_a_connection_is_deleted_unless_it_is_used(visit: Visit, data: Data, guard: Guard) -> None:
    """The dialog names the batches that are in the way, instead of offering what would be refused."""
    guard.expect("connections/models")  # its page may ask which models it has when it is gone already
    free, used = data.connection(), data.connection()
    batch = data.batch(unused("User"), connection=used)
    page = visit(f"/connections/{free['id']}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(LIST)
    expect(row(page, used["name"])).to_be_visible()
    expect(row(page, free["name"])).to_have_count(0)
    page.get_by_role("button", name=f"More actions for {used['name']}", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=batch["name"])).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_connections_pass_axe_and_fit_a_narrow_window(
    visit: Visit, data: Data, axe: Callable[[Page], None], picture: Callable[..., None], scheme: Scheme
) -> None:
    """List with a test, picker, form with suggestions and all settings, in both colours, at 360 px."""
    one = data.connection()
    page = visit("/connections", size=NARROW, scheme=scheme)
    row(page, one["name"]).get_by_role("button", name="Test").click()
    expect(row(page, one["name"])).to_contain_text("It works")
    page.get_by_role("button", name="Detect").click()
    expect(page.get_by_text("Look again")).to_be_visible()
    axe(page)
    assert scrolls_sideways(page) == []
    picture(page, f"connections-{scheme}")
    for address in ("/connections/new", f"/connections/{one['id']}"):
        page.goto(address)
        page.locator("main h1").wait_for()
        expect(page.locator("main .skeleton")).to_have_count(0)
        axe(page)
        assert scrolls_sideways(page) == []
        picture(page, f"connections{address}-{scheme}")
    page.get_by_text("More settings").click()
    page.get_by_role("button", name="Test connection").click()
    expect(result(page)).to_contain_text("It works")
    page.get_by_label("Model").press("ArrowDown")
    expect(suggestions(page)).to_have_count(len(SIMULATOR_OFFERS))
    expect(suggestions(page).filter(has_text="night")).to_contain_text(SIMULATOR_OFFERS["night"])
    axe(page)
    assert scrolls_sideways(page) == []
    picture(page, f"connections-form-{scheme}")
