"""Results as files, over HTTP."""

import csv
import io
import json

import httpx
import pytest
from tests.api.analysed import PATHS, analysed, answered
from tests.support.apps import Bench, client_of

from docstage.domain.lifecycle import BatchStatus
from docstage.results.formats import FORMATS
from docstage.results.formats.format import Format


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
async def test_every_format_is_answered_under_its_name(
    bench: Bench, client: httpx.AsyncClient, form: Format
) -> None:
    """With its type and a name that ends as it should, whole, and as the listing of formats says."""
    url = analysed(bench)
    response = await client.get(f"{url}/export?format={form.name}")
    assert response.headers["content-type"] == form.media_type
    assert response.headers["content-disposition"].endswith(f'run-1{form.suffix}"')
    assert [response.text.count(path) for path in PATHS] == [1] * len(PATHS)
    listed = {one["name"]: one for one in await answered(client, "/api/export-formats")}
    assert list(listed) == list(FORMATS)
    assert listed[form.name] == {name: getattr(form, name) for name in listed[form.name]}
    described = await answered(client, "/openapi.json")
    (parameter,) = (
        one
        for one in described["paths"]["/api/batches/{batch_id}/export"]["get"]["parameters"]
        if one["name"] == "format"
    )
    assert (parameter["schema"]["enum"], parameter["schema"]["default"]) == (list(FORMATS), "csv")


async def test_export_as_csv(either: Bench) -> None:
    """Formulas are made harmless, numbers are not touched, and members of answers have columns."""
    url = analysed(either)
    async with client_of(either) as client:
        response = await client.get(f"{url}/export?format=csv")
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["document"] for row in rows] == PATHS
    assert (rows[0]["value.kind"], rows[0]["value.due"], rows[0]["value"]) == (
        "'=cmd()",
        "-5",
        '{"more": [1]}',
    )
    assert (rows[1]["value.kind"], rows[1]["value"], rows[1]["cost_usd"]) == ("ä\nb", "", "")
    assert (rows[2]["message"], rows[2]["failure_kind"]) == ("'@late", "timeout")
    assert rows[3]["status"] == "QUEUED"
    assert rows[0]["finished_at"].endswith("+00:00")


async def test_export_as_json_lines(bench: Bench, client: httpx.AsyncClient) -> None:
    """Each line is a task with its answer as it is."""
    url = analysed(bench)
    response = await client.get(f"{url}/export?format=jsonl")
    rows = [json.loads(line) for line in response.text.splitlines()]
    assert [row["document"] for row in rows] == PATHS
    assert rows[0]["value"]["kind"] == "=cmd()"
    assert (await client.get(f"{url}/export?format=xml")).status_code == 422


async def test_a_large_export_comes_in_pages(bench: Bench, client: httpx.AsyncClient) -> None:
    """More tasks than a page are all there, each once and in order."""
    paths = [f"{n:05}.txt" for n in range(2_100)]
    batch_id = bench.batch_in(BatchStatus.STAGED, paths)
    text = (await client.get(f"/api/batches/{batch_id}/export?format=jsonl")).text
    assert [json.loads(line)["document"] for line in text.splitlines()] == paths


async def test_an_export_has_what_the_filters_leave_in_the_order_of_the_table(either: Bench) -> None:
    """The same parameters choose rows of the table and of the file; without any match the header stays."""
    url = analysed(either)
    async with client_of(either) as client:
        for query in (
            "status=COMPLETED",
            "search=late",
            "sort=-document&status=QUEUED&status=FAILED",
            "sort=-cost",
        ):
            listed = (await answered(client, f"{url}/tasks?{query}"))["items"]
            lines = (await client.get(f"{url}/export?format=jsonl&{query}")).text.splitlines()
            assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in listed], query
            text = (await client.get(f"{url}/export?{query}")).text
            cells = list(csv.DictReader(io.StringIO(text, newline="")))
            assert [int(row["id"]) for row in cells] == [row["id"] for row in listed], query
        nothing = await client.get(f"{url}/export?search=nowhere")
        assert nothing.text.splitlines()[0].startswith("id,run,")
        assert len(nothing.text.splitlines()) == 1
        assert "selection" in nothing.headers["content-disposition"]
        assert (await client.get(f"{url}/export?format=jsonl&search=nowhere")).text == ""
        for wrong in ("sort=weight", "status=LOST", "failure_kind=fate", "connection_id=0"):
            assert (await client.get(f"{url}/export?{wrong}")).status_code == 422, wrong
