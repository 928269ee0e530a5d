"""The pages as the server gives them out."""

import gzip
import json
from pathlib import Path

import httpx
import pytest
from tests.support.apps import Bench, client_of

from docstage.domain.lifecycle import BatchStatus
from docstage.web import pages

INDEX = "<!doctype html><title>docstage</title>" + " " * 100
ADDRESSES = [
    "/",
    "/batches",
    "/batches/:id",
    "/batches/new",
    "/connections/new",
    "/prompts/:id",
    "/costs",
    "/costs/:id",
]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built pages, which the server takes instead of its own."""
    folder = tmp_path / "pages"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "index.html.gz").write_bytes(gzip.compress(INDEX.encode()))
    (folder / "assets" / "app-1a2b.js").write_text("export {}")
    (folder / "routes.json").write_text(json.dumps(ADDRESSES))
    monkeypatch.setattr(pages, "_FOLDER", folder)
    monkeypatch.setattr(pages, "_built", lambda: pages.load(folder))
    return folder


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/", "/batches", "/batches/1?tab=results", "/connections/new"])
async def test_every_address_of_the_pages_answers_with_them(
    bench: Bench, client: httpx.AsyncClient, path: str
) -> None:
    """A link into the pages can be opened, shared and reloaded; the index itself is never kept."""
    bench.batch_in(BatchStatus.SAVED)
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.text == INDEX
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("path", "status"), [("/costs", 200), ("/costs/7", 200), ("/costs/x", 404), ("/folders", 404)]
)
async def test_the_build_says_which_addresses_there_are(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    """A page is served because the built pages have it, and not because the server knows its name."""
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (status, INDEX)


@pytest.mark.usefixtures("built")
async def test_assets_are_kept_and_compressed_where_that_is_understood(client: httpx.AsyncClient) -> None:
    """Files whose names carry a hash are kept for ever; gzip is sent to those who take it."""
    asset = await client.get("/assets/app-1a2b.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    packed = await client.get("/", headers={"accept-encoding": "gzip"})
    plain = await client.get("/", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert (await client.get("/assets/app-old.js")).status_code == 404


async def test_without_built_pages_the_server_says_what_to_do(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout whose pages have not been built tells how to build them."""
    monkeypatch.setattr(pages, "_FOLDER", tmp_path / "nothing")
    monkeypatch.setattr(pages, "_built", lambda: pages.load(tmp_path / "nothing"))
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


@pytest.mark.usefixtures("built")
async def test_pages_need_no_token_but_the_api_does(bench: Bench) -> None:
    """The pages can be opened to enter the token; they hold no data themselves."""
    async with client_of(bench, token="secret") as client:
        assert (await client.get("/batches")).status_code == 200
        assert (await client.get("/api")).status_code == 401


@pytest.mark.usefixtures("built")
async def test_no_inline_script_or_style_is_permitted(client: httpx.AsyncClient) -> None:
    """Scripts and styles come from this server only, never from the text of a page."""
    policy = (await client.get("/")).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


async def test_unknown_addresses_of_the_api_stay_problems(client: httpx.AsyncClient) -> None:
    """The pages take nothing away from the API: what is unknown there is a problem document."""
    answer = await client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["title"]


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    [
        "/batchs/3",
        "/foo/bar",
        "/batches/abc",
        "/batches/999999",
        "/batches/0",
        "/batches/007",
        "/batches/99999999999999999999",
        "/prompts/7",
        "/batches/3/x",
        "/x/",
    ],
)
async def test_a_mistyped_address_gets_the_pages_with_404(client: httpx.AsyncClient, path: str) -> None:
    """Whoever opens what is not there in a browser sees no raw JSON, and the status is true all the same."""
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (404, INDEX)
    assert answer.headers["content-type"].startswith("text/html")
    again = await client.get(path, headers=BROWSER | {"if-none-match": answer.headers["etag"]})
    assert again.status_code == 404


@pytest.mark.usefixtures("built")
async def test_a_slash_too_many_is_taken_away(client: httpx.AsyncClient) -> None:
    """The address without it is opened, with what is asked of it."""
    answer = await client.get("/batches/?status=PAUSED", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (308, "/batches?status=PAUSED")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/batches/7", "/api/batches/x", "/foo"]
)
async def test_programs_get_problem_documents(client: httpx.AsyncClient, path: str) -> None:
    """Addresses of the API answer everybody in the same way, and others a program as before."""
    headers = BROWSER if path != "/foo" else {"accept": "application/json"}
    answer = await client.get(path, headers=headers)
    if path != "/api":
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("path", "host", "status", "words"),
    [
        ("/openapi.json", "localhost", 401, "open them and enter it there"),
        ("/", "elsewhere.example", 403, "This server is not known as"),
        ("/assets/gone.js", "localhost", 404, "reload the page"),
        ("/" + "x" * 3000, "localhost", 414, "at most 2,000 characters"),
    ],
)
async def test_refusals_are_readable_in_a_browser(
    bench: Bench, path: str, host: str, status: int, words: str
) -> None:
    """What is refused is told in words, without scripts, with the status and headers it has for programs."""
    async with client_of(bench, token="secret") as client:
        answer = await client.get(path, headers=BROWSER | {"host": host})
        plain = await client.get(path, headers={"host": host})
    assert (answer.status_code, plain.status_code) == (status, status)
    assert answer.headers["content-type"].startswith("text/html")
    assert plain.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("www-authenticate") == plain.headers.get("www-authenticate")
    assert words in answer.text
    assert "<script" not in answer.text


@pytest.mark.usefixtures("built")
async def test_a_protected_server_does_not_tell_what_it_has(bench: Bench) -> None:
    """Before the token is given, the status of a page says nothing of what is there."""
    async with client_of(bench, token="secret") as client:
        assert (await client.get("/batches/999999", headers=BROWSER)).status_code == 200
        assert (await client.get("/batches/abc", headers=BROWSER)).status_code == 404
