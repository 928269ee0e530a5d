"""`docstage batch documents` and `document`: what was read, and what of it is missing."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.downloads import download_to, is_stdout
from docstage.cli.folders import given
from docstage.cli.lookup import BATCH, find
from docstage.cli.output import JsonFlag, console, counted, plain, say, shortened, show, show_table
from docstage.domain.content import DocumentStatus
from docstage.domain.errors import Conflict, NotFound

_BatchName = Annotated[str, typer.Argument(help="Id or name of the batch.")]
_Run = Annotated[int | None, typer.Option(min=1, help="Number of the run; default: the current one.")]


class DocumentSort(StrEnum):
    """Orders of documents, as options name them."""

    PATH = "path"
    SIZE = "size"
    TOKENS = "tokens"
    LOSSES = "losses"


def register(app: typer.Typer) -> None:
    """Add the commands to `docstage batch`."""
    app.command()(documents)
    app.command()(document)


def documents(
    ctx: typer.Context,
    batch: _BatchName,
    not_whole: Annotated[
        bool, typer.Option("--not-whole", help="Only those of which something is left out.")
    ] = False,
    status: Annotated[list[DocumentStatus] | None, typer.Option(help="May be repeated.")] = None,
    search: Annotated[str | None, typer.Option(help="Only whose path contains this.")] = None,
    sort: Annotated[DocumentSort | None, typer.Option(help="Default: as they were found.")] = None,
    run: _Run = None,
    as_json: JsonFlag = False,
) -> None:
    """List documents and what is missing in them. Example: docstage batch documents 3 --not-whole"""
    wanted = given(
        whole=False if not_whole else None,
        status=[one.value for one in status] if status else None,
        search=search,
        sort=sort and sort.value,
        run=run,
    )
    with connected(ctx) as api:
        found = api.items(f"{BATCH.path}/{find(api, BATCH, batch)['id']}/documents", **wanted)
        show(found, as_json, _show_documents)


def document(
    ctx: typer.Context,
    batch: _BatchName,
    path: Annotated[str, typer.Argument(help="The document's path, as `batch documents` tells it.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the file itself here, as it was staged; -: stdout.")
    ] = None,
    run: _Run = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what is in a document, or write the file with --out. Example: docstage batch document 3 a.pdf"""
    with connected(ctx) as api:
        place = f"{BATCH.path}/{find(api, BATCH, batch)['id']}/documents"
        found = _at(api, place, path, given(run=run))
        if out is None:
            receipt = api.get(f"{place}/{found['id']}/receipt", **given(run=run))
            show(receipt, as_json, _show_receipt)
            return
        download_to(api, out, f"{place}/{found['id']}/original", **given(run=run))
        if not is_stdout(out):
            say(f"Wrote the file to {out}.")


def _at(api: ApiClient, place: str, path: str, query: Json) -> Json:
    """The document of this path. Raises NotFound, Conflict where folders have documents of the same path."""
    found = [one for one in api.items(place, search=path, **query) if one["path"] == path]
    if len(found) > 1:
        raise Conflict(
            f"{len(found)} folders of this batch have a document {path}: look at them in the pages."
        )
    if not found:
        raise NotFound(f"The batch has no document {path}: `docstage batch documents` lists them.")
    return found[0]


def _show_documents(found: list[Json]) -> None:
    rows = (
        [
            one["path"],
            one["status"],
            one["media_type"] or "",
            "" if one["parts"] is None else one["parts"],
            one["losses"] or "",
            shortened(one["detail"] or one["reason"] or "", 100),
        ]
        for one in found
    )
    show_table(["Document", "Status!", "Type", "Parts#", "Left out#", "What is missing, or why"], rows)


def _show_receipt(receipt: Json) -> None:
    size = f"{counted(len(receipt['parts']), 'part')}, {counted(receipt['characters'], 'character')}"
    show_table(
        ["Part", "Name", "In", "Characters#", "Pictures#", "Left out"],
        (_part(one) for one in receipt["parts"]),
        title=f"{receipt['path']}: {size}, {counted(receipt['images'], 'picture')}",
    )
    for sentence in receipt["left_out"]:
        console().print(f"! Left out: {plain(sentence)}")
    for note in receipt["notes"]:
        console().print(f"  {plain(note)}")


def _part(one: Json) -> list[Any]:
    kind = f"{one['kind']} {one['number']}{' (as a picture)' if one['pictured'] else ''}"
    left_out = " ".join(one["left_out"])
    return [kind, one["name"] or "", one["within"] or "", one["characters"], len(one["pictures"]), left_out]
