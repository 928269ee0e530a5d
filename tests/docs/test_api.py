"""docs/api.md says what there is: every endpoint, parameter, sort, status and problem, and nothing else."""

import json
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource
from typing import Any

import pytest
from pydantic import BaseModel
from tests.docs.conftest import ROOT, Operations, Page
from tests.support.apps import Bench, client_of

import docstage
from docstage.domain.errors import ActionNotAllowed, DocstageError
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.results.formats import FORMATS
from docstage.service.batches.views import BatchView, EventView
from docstage.service.fields import Input
from docstage.web import problems
from docstage.web.guard import UPLOAD_TYPE

# What any endpoint may answer; the page says so once.
_EVERYWHERE = {"400", "401", "403", "408", "413", "415", "422", "500", "503"}
# Seen only as the reason of a failed staging, or at the end of commands on the database itself.
_INSIDE = {"folder-unusable", "nothing-to-stage"}
_INSIDE |= {"wrong-schema", "at-work", "migration-failed", "copy-failed"}


def test_the_page_has_every_endpoint_and_no_other(page: Page, operations: Operations) -> None:
    """Methods and paths are those of the OpenAPI document, each once."""
    headings = re.findall(r"^### `([A-Z]+) (/\S*)`$", page.text, re.MULTILINE)
    assert sorted(headings) == sorted(operations)


def test_the_page_has_every_parameter(page: Page, operations: Operations) -> None:
    """Query parameters and headers are in the endpoint's section; those that it names there exist."""
    for endpoint, operation in operations.items():
        expected = {one["name"] for one in operation.get("parameters", []) if one["in"] != "path"}
        said = re.search(r"(?:Query|Header):\s(.*?)\.(?: |\n|$)", page.sections[endpoint], re.DOTALL)
        # What stands in parentheses are values.
        named = re.sub(r"\([^)]*\)", "", said[1]) if said else ""
        assert expected == set(re.findall(r"`([a-z_-]+)`", named)), endpoint


def _json_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    """What is said of an operation's JSON body, None when it takes none; uploads are the bytes of a file."""
    content = operation.get("requestBody", {}).get("content", {})
    assert content.keys() <= {"application/json", UPLOAD_TYPE}
    said: dict[str, Any] | None = content.get("application/json")
    return said


def test_the_page_has_the_members_of_every_body(
    page: Page, operations: Operations, openapi: dict[str, Any]
) -> None:
    """A new member of a body is not forgotten. Changes take what the creation takes."""
    for (method, path), operation in operations.items():
        content = _json_body(operation)
        if content is None or method == "PATCH" or path == "/api/batches/stage":
            continue
        schema = json.dumps(content["schema"])
        model = re.search(r"schemas/(\w+)", schema)
        assert model is not None
        for name in openapi["components"]["schemas"][model[1]]["properties"]:
            assert f"`{name}`" in page.sections[method, path], (path, name)


def test_the_page_has_the_statuses_of_every_endpoint(page: Page, operations: Operations) -> None:
    """What is particular to an endpoint is named there: success first, then its problems."""
    for endpoint, operation in operations.items():
        said = re.search(r"Answers\s(.*)", page.sections[endpoint], re.DOTALL)
        assert said is not None, endpoint
        named = set(re.findall(r"\b[2-5]\d\d\b", said[1].partition("\n\n")[0]))
        assert named <= set(operation["responses"]), endpoint
        assert named >= set(operation["responses"]) - _EVERYWHERE, endpoint


async def test_the_page_has_the_sorts_of_every_listing(page: Page, bench: Bench) -> None:
    """The keys and the default of the page are those that the application takes and uses."""
    batch_id = str(bench.batch_in(BatchStatus.STAGED))
    listings = {path: said for (_method, path), said in page.sections.items() if "`sort`" in said}
    async with client_of(bench) as client:
        for path, said in listings.items():
            listed = re.search(r"`sort` \((.*?); default `(.*?)`\)", " ".join(said.split()))
            assert listed is not None, path
            address = path.replace("{batch_id}", batch_id)
            wrong = await client.get(address, params={"sort": "nothing"})
            assert wrong.status_code == 422
            known = re.search(r"one of: (.*?);", wrong.json()["detail"])
            assert known is not None
            assert sorted(re.findall(r"`(\w+)`", listed[1])) == known[1].split(", "), path
            usual = (await client.get(address)).text
            assert (await client.get(address, params={"sort": listed[2]})).text == usual, path


def _errors(kind: type[DocstageError]) -> Iterator[type[DocstageError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _errors(one)


def test_the_page_has_every_problem(page: Page) -> None:
    """Kinds and statuses are those of the errors that exist, and of what the framework answers."""
    for module in pkgutil.walk_packages(docstage.__path__, "docstage."):
        if not re.search(r"\.cli\.|\.migrations\.|__main__", module.name):
            import_module(module.name)
    found = {one.kind: str(one.status) for one in _errors(DocstageError) if ".cli" not in one.__module__}
    assert found.keys() >= _INSIDE
    found = {kind: status for kind, status in found.items() if kind not in _INSIDE}
    found |= {kind: str(status) for status, (kind, _title) in problems._OF_STATUS.items()}
    found |= {"http": "other", "defect": "500", "too-many-connections": "503"}
    assert {kind: said.partition(" |")[0] for kind, said in page.kinds().items()} == found
    assert all(f"`{kind}`" in page.text for kind in _INSIDE)
    literal = set(re.findall(r"kind=\"([a-z-]+)\"", getsource(problems)))
    assert literal <= page.kinds().keys()


def test_the_example_of_a_problem_is_one(page: Page) -> None:
    """Its members and texts are those that the application answers."""
    (example,) = (json.loads(block) for block in page.blocks("json problem"))
    error = ActionNotAllowed("run", "COMPLETED", ["restage", "rerun", "retry", "reset"])
    response = problems.problem_of(error, "/api/batches/1/run")
    assert json.loads(bytes(response.body)) == example


def _same_members(example: Any, model: type[BaseModel]) -> None:
    assert model.model_validate(example).model_dump(mode="json", by_alias=True) == example


def test_the_example_of_a_batch_is_one(page: Page) -> None:
    """It has exactly the members of a batch, with values of the right form."""
    (example,) = (json.loads(block) for block in page.blocks("json batch"))
    _same_members(example, BatchView)


def test_the_examples_of_the_stream_are_events(page: Page) -> None:
    """Each kind of message of the stream is shown with all its members."""
    (block,) = page.blocks("text stream")
    models: dict[str, type[BaseModel]] = {"event": EventView, "batch": BatchView}
    for name, model in models.items():
        said = re.search(rf"^event: {name}\ndata: (.*)\n\n", block, re.MULTILINE)
        assert said is not None
        _same_members(json.loads(said[1]), model)


def test_the_page_has_every_action(page: Page) -> None:
    """The unified endpoint's section lists the actions of the lifecycle."""
    said = page.sections["POST", "/api/batches/{batch_id}/action"]
    assert re.findall(r"`([a-z]+)`", said.partition("Body")[0]) == [str(one) for one in Action]


def test_links_lead_somewhere(page: Page) -> None:
    """Anchors are headings of the page, and other pages exist."""
    headings = re.findall(r"^#+ (.*)$", page.text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(([^)]+)\)", page.text)
    assert links
    for link in links:
        name, _, anchor = link.partition("#")
        assert (ROOT / "docs" / name).is_file() if name else anchor in anchors, link


@pytest.mark.parametrize("member", ["summary", "description", "operationId", "tags"])
def test_every_operation_says_what_it_is(operations: Operations, member: str) -> None:
    """Programs that are made from the OpenAPI document have names and texts; names are unique."""
    values = [str(operation[member]) for operation in operations.values()]
    assert all(values)
    if member == "operationId":
        assert len(set(values)) == len(values)


def test_every_body_has_an_example(operations: Operations) -> None:
    """The OpenAPI document shows each request body, and the application takes what it shows."""
    bodies = {body.__name__: body for body in Input.__subclasses__()}
    for operation in operations.values():
        if content := _json_body(operation):
            model = re.search(r"schemas/(\w+)", json.dumps(content["schema"]))
            assert model is not None
            for example in content["examples"].values():
                bodies[model[1]].model_validate(example["value"])


def test_every_answer_has_a_form(operations: Operations) -> None:
    """Success is a model, or a type of media that is no JSON; every problem is a problem document."""
    for endpoint, operation in operations.items():
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            if status == "204":
                assert not content
            elif status.startswith("2"):
                assert content, endpoint
                assert all(
                    "json" not in kind.split("/")[1] or "schema" in said or kind == "application/jsonl"
                    for kind, said in content.items()
                ), endpoint
            else:
                assert list(content) == [problems.MEDIA_TYPE], endpoint


def test_items_can_be_missing_and_bodies_can_conflict(operations: Operations) -> None:
    """404 is documented wherever an id is in the path, 409 wherever a batch is acted on."""
    for (method, path), operation in operations.items():
        repeats = path in {"/api/batches/save", "/api/batches/stage"}  # of what was deleted since
        named = path == "/api/purge"  # in its body
        assert ("404" in operation["responses"]) == ("{" in path or repeats or named), path
        if path.startswith("/api/batches/{batch_id}/") and method == "POST":
            assert "409" in operation["responses"], path


def test_the_token_is_documented(openapi: dict[str, Any], operations: Operations) -> None:
    """Programs learn from the document which addresses need the token."""
    assert openapi["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for (_method, path), operation in operations.items():
        needed = path in {"/api", "/metrics"} or path.startswith("/api/")
        assert ("security" in operation) == needed == ("401" in operation["responses"]), path


def test_the_page_has_every_export_format(page: Page) -> None:
    """Names, media types and what an empty file has are those of the registry, in its order."""
    table = page.sections["GET", "/api/batches/{batch_id}/export"]
    said = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| .* \| (only the header|nothing) \|$", table, re.MULTILINE)
    empty = {True: "only the header", False: "nothing"}
    assert said == [(one.name, one.media_type, empty[one.has_header]) for one in FORMATS.values()]
