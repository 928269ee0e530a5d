"""The pages: files that were built into the package, served from memory.

The names of assets carry a hash of their content, so browsers keep them for ever. `index.html` answers every
address that the pages know themselves, and browsers ask for it anew each time.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from docstage.domain.errors import NotFound

_SECTIONS = ("/batches", "/folders", "/connections", "/prompts")
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
    for path in ("/", *_SECTIONS, *(f"{section}/{{rest:path}}" for section in _SECTIONS)):
        routes.add_api_route(path, _index, methods=["GET", "HEAD"])
    return routes


def _index(request: Request) -> Response:
    asset = _built().get("index.html")
    if asset is None:
        return Response(_NOT_BUILT, status_code=503, media_type="text/html")
    return _answer(request, asset, "no-cache")


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


def _answer(request: Request, asset: Asset, caching: str) -> Response:
    headers = {"cache-control": caching, "etag": asset.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=304, headers=headers)
    data = asset.data
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        data = asset.packed
        headers["content-encoding"] = "gzip"
    return Response(data, media_type=asset.media_type, headers=headers)


@cache
def _built() -> Mapping[str, Asset]:
    return load(files("docstage") / "pages")


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
