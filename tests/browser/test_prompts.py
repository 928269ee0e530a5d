"""Prompts: written from a sample or from nothing, with fields or a schema, versions, tried, deleted."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.browser.data import Data, unused
from tests.browser.guard import Guard, Visit, scrolls_sideways


def _named(data: Data, name: str) -> dict[str, object]:
    (found,) = [one for one in data.get("/api/prompts", search=name)["items"] if one["name"] == name]
    return dict(found)


def test_a_sample_becomes_a_prompt_with_fields(visit: Visit, data: Data) -> None:
    """A sample is chosen, one of its fields is changed and one is added, without seeing a schema."""
    page = visit("/prompts")
    page.get_by_role("link", name="New prompt").click()
    page.get_by_role("button", name="Contract end").click()
    name = unused("Contract end")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Remove clause").click()
    page.get_by_role("button", name="Add a field").click()
    page.get_by_label("Name of field 7").fill("court")
    page.get_by_label("Type of court").select_option(label="One of several")
    page.get_by_label("Choices for court").fill("London, Paris,")
    page.get_by_label("Description of court").fill("Which court decides")
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    schema = _named(data, name)["schema"]
    assert isinstance(schema, dict)
    assert "clause" not in schema["properties"]
    court = {
        "type": "string",
        "enum": ["London", "Paris"],
        "description": "Which court decides",
    }
    assert schema["properties"]["court"] == court
    assert schema["required"] == list(schema["properties"])
    expect(page.get_by_label("Name of field 7")).to_have_value("court")


def test_what_becomes_of_long_documents_is_chosen(visit: Visit, data: Data) -> None:
    """Refused at first; the other way is told in a sentence, saved, and shown again."""
    page = visit("/prompts/new")
    page.get_by_role("button", name="Write my own").click()
    name = unused("Long")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Question about every document").fill("Who?")
    expect(page.get_by_role("radio", name="Do not send it")).to_be_checked()
    page.get_by_role("radio", name="Send the first parts that fit").check()
    expect(page.get_by_text("such as pages 1 to 7 of 40")).to_be_visible()
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert _named(data, name)["too_long"] == "first_parts"
    expect(page.get_by_role("radio", name="Send the first parts that fit")).to_be_checked()


def test_mistakes_are_told_at_their_field(visit: Visit, data: Data, guard: Guard) -> None:
    """What is missing or no schema is told before it is sent, a name that is taken afterwards."""
    taken = data.prompt()
    page = visit("/prompts/new")
    page.get_by_role("button", name="Write my own").click()
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_text("Give the prompt a name.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(str(taken["name"]))
    page.get_by_label("Question about every document").fill("Who?")
    page.get_by_role("radio", name="JSON Schema").check()
    schema = page.get_by_label("JSON Schema of the answer")
    schema.fill('{"type": "strange"}')
    expect(page.get_by_text('there is no type "strange"')).to_be_visible()
    schema.fill('{"type": "object"')
    expect(page.get_by_text("This is not JSON yet")).to_be_visible()
    schema.fill('{"type": "object", "properties": {"a": {"type": "array"}}}')
    expect(page.get_by_text("more than fields can show")).to_be_visible()
    expect(page.get_by_role("radio", name="Fields")).to_be_disabled()
    guard.expect("409")
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Name", exact=True).fill(unused("Free"))
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()


def test_fields_and_schema_say_the_same(visit: Visit, data: Data) -> None:
    """Turning from fields to the schema and back loses nothing; free text gives the schema back."""
    page = visit("/prompts/new")
    page.get_by_role("button", name="Invoice fields").click()
    page.get_by_role("radio", name="JSON Schema").check()
    text = page.get_by_label("JSON Schema of the answer").input_value()
    assert json.loads(text)["properties"]["due_date"]["type"] == ["string", "null"]
    assert json.loads(text)["properties"]["due_date"]["format"] == "date"
    page.get_by_role("radio", name="Free text").check()
    page.get_by_role("radio", name="Fields").check()
    expect(page.get_by_label("Name of field 4")).to_have_value("due_date")
    page.get_by_role("radio", name="JSON Schema").check()
    expect(page.get_by_label("JSON Schema of the answer")).to_have_value(text)


def test_fields_are_written_with_the_keyboard(visit: Visit, data: Data) -> None:
    """Enter adds the next field, Alt with an arrow moves one; all are required; blank ones are left out."""
    page = visit("/prompts/new")
    page.get_by_role("button", name="Write my own").click()
    name = unused("Typed")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Question about every document").fill("Who, how much, and when?")
    page.get_by_role("radio", name="Fields").check()
    page.get_by_label("Name of field 1").fill("payee")
    page.get_by_label("Name of field 1").press("Enter")
    expect(page.get_by_label("Name of field 2")).to_be_focused()
    page.keyboard.type("Fällig am")
    page.get_by_label("Type of Fällig am").select_option(label="Date")
    expect(page.get_by_text("In answers and columns: Faellig_am")).to_be_visible()
    page.get_by_label("Name of field 2").press("Enter")
    page.keyboard.type("Größe & Preis (€)")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_label("Name of field 2")).to_be_focused()
    expect(page.get_by_label("Name of field 2")).to_have_value("Größe & Preis (€)")
    page.get_by_role("button", name="Details of payee").click()
    page.get_by_role("button", name="Move payee down").click()
    expect(page.get_by_label("Name of field 1")).to_have_value("Größe & Preis (€)")
    page.get_by_label("Name of field 3").press("Enter")
    expect(page.get_by_label("Name of field 4")).to_be_focused()
    page.get_by_role("button", name="Add prompt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    schema = _named(data, name)["schema"]
    assert isinstance(schema, dict)
    assert schema["required"] == ["Groesse_Preis", "payee", "Faellig_am"]
    assert schema["properties"] == {
        "Groesse_Preis": {"type": "string", "title": "Größe & Preis (€)"},
        "payee": {"type": "string"},
        "Faellig_am": {"type": "string", "title": "Fällig am", "format": "date"},
    }
    expect(page.get_by_label("Name of field 3")).to_have_value("Fällig am")
    page.get_by_label("Name of field 3").fill("payee")
    expect(page.get_by_text("Field 2 is called the same.")).to_be_visible()
    expect(page.get_by_label("Name of field 3")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Two fields are called payee.")).to_be_visible()


def test_fields_of_older_prompts_stay_as_they_are(visit: Visit, data: Data) -> None:
    """What is called with a blank keeps its name in answers; a date in the old way is still one."""
    old = {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    properties = {"due date": old, "Ends on": {"type": "number"}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    prompt = data.prompt(schema=schema)
    page = visit(f"/prompts/{prompt['id']}")
    expect(page.get_by_label("Name of field 1")).to_have_value("due date")
    expect(page.get_by_label("Type of due date")).to_have_value("date")
    expect(page.get_by_label("Required: due date")).not_to_be_checked()
    page.get_by_label("Question about every document").fill("When?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 2").first).to_be_visible()
    assert data.get(f"/api/prompts/{prompt['id']}")["schema"] == schema
    page.get_by_label("Required: Ends on").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 3").first).to_be_visible()
    changed = data.get(f"/api/prompts/{prompt['id']}")["schema"]
    assert changed["required"] == ["due date", "Ends on"]
    assert changed["properties"]["due date"] == {"type": ["string", "null"], "format": "date"}


def test_versions_are_compared_and_restored(visit: Visit, data: Data) -> None:
    """What changed is shown line by line; restoring an old version makes a new one of it."""
    prompt = data.prompt("List all.\nOne line each.")
    page = visit(f"/prompts/{prompt['id']}")
    expect(page.get_by_text("There is one version so far.")).to_be_visible()
    page.get_by_label("Question about every document").fill("List all.\nTwo lines each.")
    page.get_by_role("button", name="Save").click()
    lines = page.get_by_role("region", name="Question")
    expect(lines.locator("[data-kind=gone]")).to_contain_text("One line each.")
    expect(lines.locator("[data-kind=new]")).to_contain_text("Two lines each.")
    expect(lines.locator("[data-kind=same]")).to_contain_text("List all.")
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_label("Question about every document")).to_have_value("List all.\nOne line each.")
    versions = data.get(f"/api/prompts/{prompt['id']}/versions")
    assert [one["text"] == prompt["text"] for one in versions] == [True, False, True]


def test_a_prompt_is_tried_before_it_is_saved(visit: Visit, data: Data) -> None:
    """The answer stands beside the document, with what it cost; nothing is saved for it."""
    data.connection(name=(small := unused("Trier")))
    data.folder(
        {"letter.txt": "Dear Mr Brown of Alderbury, pay EUR 12.", "empty.txt": ""},
        name=(post := unused("Post")),
    )
    page = visit("/prompts/new")
    page.get_by_role("button", name="Summary").click()
    panel = page.get_by_role("region", name="Try it on one document")
    panel.get_by_label("Connection").select_option(label=small)
    panel.get_by_label("Folder").select_option(label=post)
    panel.get_by_role("button", name="Try it").click()
    expect(panel.get_by_text("Choose a document.")).to_be_visible()
    panel.get_by_label("Document", exact=True).fill("lett")
    panel.get_by_role("option", name="letter.txt").click()
    panel.get_by_role("button", name="Try it").click()
    expect(panel.get_by_role("region", name="Text of the document")).to_contain_text("Mr Brown of Alderbury")
    expect(panel.get_by_role("region", name="Text of the answer")).not_to_be_empty()
    expect(panel.get_by_text("$0.00")).to_be_visible()
    expect(panel.get_by_text("The prompt has changed since.")).to_be_hidden()
    page.get_by_label("Question about every document").fill("What is to be paid?")
    expect(panel.get_by_text("The prompt has changed since.")).to_be_visible()
    panel.get_by_label("Document", exact=True).fill("empty.txt")
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_text("The document cannot be used")).to_be_visible()
    assert data.get("/api/prompts", search="What is to be paid?")["items"] == []


def test_a_trial_that_takes_too_long_can_be_left(visit: Visit, data: Data, slow_model: str) -> None:
    """Stopping gives the server's turn back, so that more can be tried than run at once."""
    data.connection(slow_model, name=(slow := unused("Slow")))
    data.folder(1, name=(letters := unused("Letters")))
    page = visit(f"/prompts/{data.prompt()['id']}")
    panel = page.get_by_role("region", name="Try it on one document")
    panel.get_by_label("Connection").select_option(label=slow)
    panel.get_by_label("Folder").select_option(label=letters)
    panel.get_by_label("Document", exact=True).fill("letter-001.txt")
    for _ in range(4):
        panel.get_by_role("button", name="Try it").click()
        expect(panel.get_by_text("asking the model")).to_be_visible()
        panel.get_by_role("button", name="Stop waiting").click()
        expect(panel.get_by_text("asking the model")).to_be_hidden()
    quick = data.connection()
    folder = next(one for one in data.get("/api/folders", search=letters)["items"])
    body = {"text": "Who?", "connection_id": quick["id"], "folder_id": folder["id"], "path": "letter-001.txt"}
    assert data.post("/api/prompts/try", body)["ok"]


def test_the_list_is_searched_and_tells_who_uses_a_prompt(visit: Visit, data: Data) -> None:
    """Of a prompt in use nobody is told that it will be deleted: its batches are named; another one goes."""
    used, free = data.prompt(name=unused("Kept")), data.prompt(name=unused("Unkept"))
    batch = data.batch(prompt=used)
    page = visit("/prompts?search=kept")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=str(used["name"]), exact=True))
    expect(row.get_by_role("cell").nth(2)).to_have_text("1")
    row.get_by_role("button", name=f"More actions for {used['name']}", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_role("link", name=str(batch["name"]))).to_be_visible()
    expect(page.get_by_role("dialog")).not_to_contain_text("for good")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    page.get_by_role("button", name=f"More actions for {free['name']}", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("link", name=str(free["name"]), exact=True)).to_be_hidden()
    page.get_by_role("searchbox").fill("nothing has this name")
    expect(page.get_by_text("No prompt matches")).to_be_visible()


def test_a_batch_that_comes_to_use_a_prompt_is_told_instead_of_the_deletion(
    visit: Visit, data: Data, guard: Guard
) -> None:
    """What was free when the dialog was opened may be in use when it is confirmed."""
    prompt = data.prompt()
    page = visit(f"/prompts/{prompt['id']}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("No batch uses it.")).to_be_visible()
    batch = data.batch(prompt=prompt)
    guard.expect("409")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_role("link", name=batch["name"])).to_be_visible()
    expect(page.get_by_role("heading", name=f"{prompt['name']} is in use")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_of_prompts_pass_axe_and_fit(
    visit: Visit,
    data: Data,
    axe: Callable[[Page], None],
    picture: Callable[..., None],
    size: ViewportSize,
    scheme: Scheme,
) -> None:
    """The list, a sample in the form, and a prompt with versions that was tried."""
    connection, folder = data.connection(), data.folder(2)
    prompt = data.prompt("One.\nTwo.")
    data.call("PATCH", f"/api/prompts/{prompt['id']}", {"text": "One.\nThree."})
    page = visit("/prompts", size=size, scheme=scheme)
    views = {"list": None, "samples": "/prompts/new", "one": f"/prompts/{prompt['id']}"}
    for name, address in views.items():
        if address:
            page.goto(address)
            expect(page.locator("main h1")).to_be_visible()
            expect(page.locator("main .skeleton")).to_have_count(0)
        if name == "one":
            panel = page.get_by_role("region", name="Try it on one document")
            panel.get_by_label("Connection").select_option(label=str(connection["name"]))
            panel.get_by_label("Folder").select_option(label=str(folder["name"]))
            panel.get_by_label("Document", exact=True).fill("letter-001.txt")
            panel.get_by_role("button", name="Try it").click()
            expect(panel.get_by_text("Output tokens")).to_be_visible()
        axe(page)
        assert scrolls_sideways(page) == []
        picture(page, f"prompts-{name}-{scheme}-{size['width']}")
        if name == "samples":
            page.get_by_role("button", name="Invoice fields").click()
            axe(page)
            assert scrolls_sideways(page) == []
