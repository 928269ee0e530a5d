"""`docstage folder`: places documents come from."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.lookup import FOLDER, find
from docstage.cli.output import JsonFlag, say, show, show_members, show_table, when

app = typer.Typer(no_args_is_help=True, help="Folders: places documents come from.")

FolderName = Annotated[str, typer.Argument(help="Id or name of the folder.")]
Include = Annotated[list[str] | None, typer.Option(help="Take only what fits this glob. May be repeated.")]
Exclude = Annotated[list[str] | None, typer.Option(help="Leave out what fits this glob. May be repeated.")]
Recursive = Annotated[bool | None, typer.Option(help="Also take the folders below it.")]
Archives = Annotated[
    str | None, typer.Option(help="open: files in archives are documents of their own; or skip.")
]
Attached = Annotated[
    str | None, typer.Option(help="in_place: attachments are read with their document; apart, or leave_out.")
]
ReadPictures = Annotated[
    str | None,
    typer.Option("--ocr", help="when_needed: scans are read for blind models; always; never."),
]
Hidden = Annotated[bool | None, typer.Option(help="Also take what begins with a dot.")]


def given(**values: Any) -> Json:
    """The values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def place(api: ApiClient, path: str) -> str:
    """The path as the API takes it: absolute here; on a server as it stands, because it is the server's."""
    return path if api.settings is None else os.path.normpath(Path(path).expanduser().absolute())


@app.command()
def add(
    ctx: typer.Context,
    path: Annotated[str, typer.Argument(help="The folder. With --server, as the server sees it.")],
    name: Annotated[str | None, typer.Option(help="Default: the last part of the path.")] = None,
    recursive: Recursive = None,
    hidden: Hidden = None,
    include: Include = None,
    exclude: Exclude = None,
    archives: Archives = None,
    attachments: Attached = None,
    ocr: ReadPictures = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a folder. Example: docstage folder add ~/contracts --include '*.pdf'"""
    with connected(ctx) as api:
        body = given(
            name=name,
            recursive=recursive,
            hidden=hidden,
            include=include,
            exclude=exclude,
            archives=archives,
            attachments=attachments,
            ocr=ocr,
        )
        show(api.post(FOLDER.path, {"path": place(api, path), **body}), as_json, _show)


@app.command("list")
def list_folders(
    ctx: typer.Context,
    search: Annotated[str | None, typer.Option(help="Only whose name or path contains this.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List folders. Example: docstage folder list"""
    with connected(ctx) as api:
        show(api.items(FOLDER.path, search=search), as_json, _show_all)


@app.command("show")
def show_folder(ctx: typer.Context, folder: FolderName, as_json: JsonFlag = False) -> None:
    """Show a folder. Example: docstage folder show contracts"""
    with connected(ctx) as api:
        show(find(api, FOLDER, folder), as_json, _show)


@app.command()
def edit(
    ctx: typer.Context,
    folder: FolderName,
    path: Annotated[str | None, typer.Option(help="The new path.")] = None,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    recursive: Recursive = None,
    hidden: Hidden = None,
    include: Include = None,
    exclude: Exclude = None,
    archives: Archives = None,
    attachments: Attached = None,
    ocr: ReadPictures = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a folder; runs that exist keep it as it was. Example: docstage folder edit 1 --no-recursive"""
    with connected(ctx) as api:
        where = None if path is None else place(api, path)
        body = given(
            path=where,
            name=name,
            recursive=recursive,
            hidden=hidden,
            include=include,
            exclude=exclude,
            archives=archives,
            attachments=attachments,
            ocr=ocr,
        )
        folder_id = find(api, FOLDER, folder)["id"]
        show(api.patch(f"{FOLDER.path}/{folder_id}", body), as_json, _show)


@app.command()
def delete(ctx: typer.Context, folder: FolderName) -> None:
    """Forget a folder that no batch uses; nothing on disk is touched. Example: docstage folder delete 1"""
    with connected(ctx) as api:
        found = find(api, FOLDER, folder)
        api.delete(f"{FOLDER.path}/{found['id']}")
    say(f"Folder {found['name']} is forgotten.")


def _show(folder: Json) -> None:
    show_members(
        [
            ("Id", str(folder["id"])),
            ("Name", folder["name"]),
            ("Path", folder["path"]),
            ("Recursive", folder["recursive"]),
            ("Hidden files", folder["hidden"]),
            ("Include", folder["include"]),
            ("Exclude", folder["exclude"]),
            ("Archives", folder["archives"]),
            ("Attachments", folder["attachments"]),
            ("Words in pictures", folder["ocr"]),
            ("Changed", when(folder["updated_at"])),
        ]
    )


def _show_all(folders: list[Json]) -> None:
    rows = ([one["id"], one["name"], one["path"], one["include"], one["exclude"]] for one in folders)
    show_table(["Id#", "Name", "Path", "Include", "Exclude"], rows)
