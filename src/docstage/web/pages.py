"""The pages: files that were built into the package, served from memory.

The names of assets carry a hash of their content, so browsers keep them for ever. `index.html` answers every
address that the pages have, which their build tells in `routes.json`, and browsers ask for it anew each time.
It answers others too, with 404, so that whoever mistyped one is shown the way on.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from docstage.domain.errors import DocstageError, NotFound
from docstage.service.batches import batches
from docstage.service.connections import connections
from docstage.service.context import Services
from docstage.service.folders import folders
from docstage.service.prompts import prompts

#: What finds the thing that an address names, to know whether its page has anything to show. Pages of other
#: addresses always have.
_FINDERS: Mapping[str, Callable[[Services, int], object]] = {
    "/batches/:id": batches.get_batch,
    "/folders/:id": folders.get_folder,
    "/connections/:id": connections.get_connection,
    "/prompts/:id": prompts.get_prompt,
}
_ID = re.compile("[1-9][0-9]{0,15}")
_FOLDER: Traversable = files("docstage") / "pages"
_STYLES = re.compile(r'href="/(assets/[^"]+\.css)"')
_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>docstage</title>
<h1>The pages have not been built</h1>
<p>This is a source checkout. Run <code>make setup</code> in it and start the server again.
The API answers at <a href="/api">/api</a>.</p></html>"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the pages, as it is and compressed by gzip (None where that was not worth it)."""

    data: bytes
    packed: bytes | None
    media_type: str
    tag: str


def router() -> APIRouter:
    """Routes of the pages and their assets; they are no part of the API's description."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/assets/{name}", _asset, methods=["GET", "HEAD"])
    routes.add_api_route("/favicon.svg", _favicon, methods=["GET", "HEAD"])
    for address in _addresses():
        path = address.replace(":id", "{id:int}")
        routes.add_route(path, _page_at(address), ["GET", "HEAD"])
        if address != "/":
            routes.add_route(f"{path}/", _without_slash, ["GET", "HEAD"])
    return routes


def _page_at(address: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return index(request, 200 if _is_there(request, address) else 404)

    return page


def _without_slash(request: Request) -> Response:
    query = request.url.query
    bare = request.url.path.rstrip("/")
    return RedirectResponse(f"{bare}?{query}" if query else bare, 308)


def index(request: Request, status: int) -> Response:
    """The page that shows every address of the pages, and says of others that they are none."""
    asset = _built().get("index.html")
    if asset is None:
        return Response(_NOT_BUILT, status_code=503, media_type="text/html")
    return _answer(request, asset, "no-cache", status)


def _is_there(request: Request, address: str) -> bool:
    """Whether the page of an address has something to show.

    A server with a token says nothing of what it has before the token is given. Where the database does not
    answer nobody knows: the page is shown, and says so.
    """
    if "id" not in request.path_params:
        return True
    number = _ID.fullmatch(request.url.path.rpartition("/")[2])
    if number is None or request.app.state.protected or address not in _FINDERS:
        return number is not None
    services: Services = request.app.state.services
    try:
        _FINDERS[address](services, int(number[0]))
    except NotFound:
        return False
    except DocstageError:
        return True
    return True


def stylesheets() -> list[str]:
    """Paths of the styles that every page has, without the first slash."""
    asset = _built().get("index.html")
    return _STYLES.findall(asset.data.decode()) if asset else []


def _asset(request: Request, name: str) -> Response:
    asset = _built().get(f"assets/{name}")
    if asset is None:
        raise NotFound("The pages have no such file; reload the page to get its present version.")
    return _answer(request, asset, _FOR_EVER)


def _favicon(request: Request) -> Response:
    asset = _built().get("favicon.svg")
    if asset is None:
        raise NotFound("The pages have not been built.")
    return _answer(request, asset, "no-cache")


def _answer(request: Request, asset: Asset, caching: str, status: int = 200) -> Response:
    headers = {"cache-control": caching, "etag": asset.tag, "vary": "accept-encoding"}
    if status == 200 and request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=304, headers=headers)
    data = asset.data
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        data = asset.packed
        headers["content-encoding"] = "gzip"
    return Response(data, status, media_type=asset.media_type, headers=headers)


def _addresses() -> Sequence[str]:
    """The addresses that the pages have; only the first while they are not built."""
    table = _FOLDER / "routes.json"
    return json.loads(table.read_bytes()) if table.is_file() else ["/"]


@cache
def _built() -> Mapping[str, Asset]:
    return load(_FOLDER)


def load(folder: Traversable) -> dict[str, Asset]:
    """The files below a folder by their path in it; none when it does not exist."""
    found = dict(_files(folder, "")) if folder.is_dir() else {}
    return {
        name: _read(data, found.get(f"{name}.gz"), name)
        for name, data in found.items()
        if not name.endswith(".gz")
    }


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _read(data: bytes, packed: bytes | None, name: str) -> Asset:
    suffix = name[name.rfind(".") :]
    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
    return Asset(data, packed, _MEDIA_TYPES.get(suffix, "application/octet-stream"), tag)
