"""What people read of a document over HTTP: its receipt, its text, words in it, and the file itself."""

import hashlib
import zipfile
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from tests.support.apps import Bench, client_of

from docstage.domain.content import PICTURE_MARK, DocumentReason, ImagePart, Part, PartKind
from docstage.domain.lifecycle import BatchStatus
from docstage.results.formats import FORMATS
from docstage.store.tables import document

PICTURES = [ImagePart("image/png", b"first"), ImagePart("image/jpeg", b"second, longer")]
PARTS = [
    Part(PartKind.PAGE, 1, f"A lease {PICTURE_MARK} of M\u00fcnchen", (PICTURES[0],)),
    Part(PartKind.PAGE, 2, "", (PICTURES[1],), pictured=True),
    Part(PartKind.SHEET, 1, "Costs", name="Costs", within="offer.xlsx", left_out=("A chart is left out.",)),
]


def _url(bench: Bench, paths: tuple[str, ...] = ("a.txt", "b.txt")) -> str:
    """The address of the first document of a staged batch, which is the only one that is not whole."""
    batch_id = bench.batch_in(BatchStatus.STAGED, paths)
    bench.store_parts(paths[0], PARTS, ["An attachment is left out."])
    if len(paths) > 1:
        bench.store_parts(paths[1], [Part(PartKind.SECTION, 1, "All of it")])
    with bench.database.read() as c:
        wanted = document.c.run_id == bench.run_id(batch_id), document.c.path == paths[0]
        number = c.execute(select(document.c.id).where(*wanted)).scalar_one()
    return f"/api/batches/{batch_id}/documents/{number}"


async def _json(client: httpx.AsyncClient, url: str) -> Any:
    response = await client.get(url)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_receipt_tells_every_part(either: Bench) -> None:
    """The text of each part is where the receipt says; pictures and what is left out are told with it."""
    url = _url(either)
    async with client_of(either) as client:
        receipt = await _json(client, f"{url}/receipt")
        whole = await _json(client, f"{url}/text")
        assert (receipt["path"], receipt["characters"], receipt["images"]) == ("a.txt", len(whole["text"]), 2)
        told = [(one["kind"], one["number"], one["name"], one["within"]) for one in receipt["parts"]]
        assert told == [("page", 1, None, None), ("page", 2, None, None), ("sheet", 1, "Costs", "offer.xlsx")]
        assert [one["pictures"] for one in receipt["parts"]] == [[1], [2], []]
        assert [one["pictured"] for one in receipt["parts"]] == [False, True, False]
        assert receipt["parts"][2]["left_out"] == ["A chart is left out."]
        assert (receipt["left_out"], receipt["notes"]) == (["An attachment is left out."], [])
        first = receipt["parts"][0]
        query = f"start={first['start']}&characters={first['characters']}"
        stretch = await _json(client, f"{url}/text?{query}")
        assert stretch["text"] == "A lease [picture 1] of M\u00fcnchen"
        assert (stretch["start"], stretch["characters"]) == (first["start"], len(whole["text"]))
        assert [(one["number"], one["media_type"], one["size"]) for one in stretch["images"]] == [
            (1, "image/png", 5),
            (2, "image/jpeg", 14),
        ]
        assert (await client.get(f"{url}/images/2")).content == b"second, longer"
        assert (await client.get(f"{url}/images/3")).status_code == 404
        behind = await _json(client, f"{url}/text?start=100000")
        assert (behind["text"], behind["start"]) == ("", len(whole["text"]))


async def test_what_an_earlier_version_read_has_no_receipt(bench: Bench, client: httpx.AsyncClient) -> None:
    """It says what to do; text and words are there all the same."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    bench.store_content("a.txt", "An old letter")
    url = f"/api/batches/{batch_id}/documents/1"
    problem = await client.get(f"{url}/receipt")
    assert problem.status_code == 404
    assert "Stage the batch again" in problem.json()["detail"]
    assert [one["start"] for one in (await _json(client, f"{url}/find?q=letter"))["hits"]] == [7]
    listed = (await _json(client, f"/api/batches/{batch_id}/documents?whole=true"))["items"]
    assert len(listed) == 2


async def test_words_are_found_in_parts(either: Bench) -> None:
    """With the part, the place and what stands around; pages are no words; so many at most."""
    url = _url(either)
    async with client_of(either) as client:
        whole = (await _json(client, f"{url}/text"))["text"]
        found = await _json(client, f"{url}/find?q=munchen")
        assert found["complete"] is True
        assert [(one["part"], one["text"], one["after"]) for one in found["hits"]] == [
            (1, "M\u00fcnchen", "")
        ]
        assert whole[found["hits"][0]["start"] :].startswith("M\u00fcnchen")
        assert (await _json(client, f"{url}/find?q=page"))["hits"] == []
        assert len((await _json(client, f"{url}/find?q=c&limit=1"))["hits"]) == 1
        for bad in ("", "q=", f"q={'x' * 201}", "q=a&limit=1001"):
            assert (await client.get(f"{url}/find?{bad}")).status_code == 422, bad


async def test_documents_that_are_not_whole(either: Bench) -> None:
    """They can be listed alone, sorted by how much is left out, and the estimate counts them."""
    url = _url(either).rpartition("/")[0]
    async with client_of(either) as client:

        async def paths(query: str) -> list[str]:
            return [one["path"] for one in (await _json(client, f"{url}?{query}"))["items"]]

        assert await paths("whole=false") == ["a.txt"]
        assert await paths("whole=true") == ["b.txt"]
        assert await paths("sort=losses") == ["b.txt", "a.txt"]
        assert await paths("sort=-losses") == ["a.txt", "b.txt"]
        assert (await _json(client, f"{url}/pages?whole=false"))["total"] == 1
        estimate = await _json(client, url.replace("/documents", "/estimate"))
        assert estimate["partly_read"] == [{"media_type": "text/plain", "documents": 1}]
        rows = (await _json(client, url.replace("/documents", "/tasks")))["items"]
        assert [(row["parts"], row["losses"]) for row in rows] == [(3, 2), (1, 0)]
        assert "A chart is left out." in rows[0]["left_out"]
        assert rows[1]["left_out"] is None
        for form in FORMATS:
            export = await client.get(url.replace("/documents", f"/export?format={form}"))
            assert "An attachment is left out." in export.text, form


def _write(bench: Bench, path: str, data: bytes) -> None:
    """A file of the folder, as the batch was staged with it."""
    place = bench.documents / path
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)
    values = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    with bench.database.write() as c:
        c.execute(update(document).where(document.c.path == path).values(values))


async def test_the_original_is_a_download(bench: Bench, client: httpx.AsyncClient) -> None:
    """Its bytes, under its name whatever that is, as nothing that a browser would show."""
    path = 'sub/M\u00e4rz "<b>".html'
    url = _url(bench, (path,))
    data = b"<script>alert(1)</script>" * 50_000
    _write(bench, path, data)
    answer = await client.get(f"{url}/original")
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    named = "attachment; filename*=UTF-8''M%C3%A4rz%20%22%3Cb%3E%22.html"
    assert answer.headers["content-disposition"] == named


async def test_an_original_that_is_not_there(bench: Bench, client: httpx.AsyncClient) -> None:
    """Changed, gone, replaced by a link that leads out, or deleted everywhere: never other bytes."""
    url = _url(bench)
    place = bench.documents / "a.txt"
    _write(bench, "a.txt", b"as it was")
    for changed in (b"as it is!", b"as it was, and more", b""):
        place.write_bytes(changed)
        problem = await client.get(f"{url}/original")
        assert (problem.status_code, "Stage the batch again" in problem.text) == (409, True)
    place.unlink()
    gone = await client.get(f"{url}/original")
    assert (gone.status_code, "no longer exists" in gone.text) == (404, True)
    outside = bench.documents.with_name("outside.txt")
    outside.write_bytes(b"as it was")
    place.symlink_to(outside)
    assert (await client.get(f"{url}/original")).status_code == 404
    with bench.database.write() as c:
        c.execute(update(document).values(reason=DocumentReason.PURGED))
    assert "deleted everywhere" in (await client.get(f"{url}/original")).text


async def test_what_lies_in_another_file_is_taken_out_of_it(bench: Bench, client: httpx.AsyncClient) -> None:
    """Its bytes as they were staged; never others, and in words where there are none."""
    url = _url(bench, ("box.zip/offer.txt", "box.zip"))
    _pack(bench, {"offer.txt": b"77 EUR"})
    with bench.database.write() as c:
        its_own = document.c.path == "box.zip/offer.txt"
        c.execute(update(document).where(its_own).values(sha256=hashlib.sha256(b"77 EUR").hexdigest()))
    answer = await client.get(f"{url}/original")
    assert (answer.status_code, answer.content) == (200, b"77 EUR")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''offer.txt"
    _pack(bench, {"offer.txt": b"99 EUR"})
    assert (await client.get(f"{url}/original")).status_code == 409
    _pack(bench, {"other.txt": b"77 EUR"})
    problem = await client.get(f"{url}/original")
    assert (problem.status_code, "cannot be downloaded" in problem.json()["detail"]) == (404, True)


def _pack(bench: Bench, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(bench.documents / "box.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("name", ["receipt", "text", "find?q=a", "original", "images/1"])
async def test_a_document_that_does_not_exist(bench: Bench, client: httpx.AsyncClient, name: str) -> None:
    """Nothing of another batch's documents is told."""
    _url(bench)
    other = bench.batch_in(BatchStatus.SAVED)
    for path in (f"/api/batches/{other}/documents/1/{name}", f"/api/batches/77/documents/1/{name}"):
        assert (await client.get(path)).status_code == 404


async def test_a_folder_that_may_no_longer_be_used(bench: Bench) -> None:
    """Where the settings have changed, its files are out of reach; the same message as at staging."""
    url = _url(bench)
    _write(bench, "a.txt", b"as it was")
    settings = replace(bench.services.settings, allowed_roots=("/somewhere/else",))
    async with client_of(replace(bench, services=replace(bench.services, settings=settings))) as client:
        assert (await client.get(f"{url}/original")).status_code == 403
