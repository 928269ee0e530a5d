"""`docstage doctor`: whether everything that docstage needs is well."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator

import typer

from docstage import __version__
from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.connections import tested
from docstage.cli.failures import ExitCode, told
from docstage.cli.lookup import CONNECTION
from docstage.cli.output import JsonFlag, say, show, show_table
from docstage.cli.target import Target
from docstage.domain.errors import DocstageError


def doctor(
    ctx: typer.Context,
    connections: bool = typer.Option(
        False, "--connections", help="Also test each connection with a short call, which may cost a little."
    ),
    deep: bool = typer.Option(
        False, "--deep", help="Also look for anything in the database that cannot be true. Takes a while."
    ),
    as_json: JsonFlag = False,
) -> None:
    """Check the database, disk, folders, keys and versions, and say what to do.

    Example: docstage doctor --connections --deep
    """
    checks = [_versions()]
    try:
        checks += [] if Target.of(ctx).address else [_home(ctx)]
        with connected(ctx) as api:
            checks += _of_api(api, deep)
            checks += [_connection(api, one) for one in _connections(api) if connections]
    except DocstageError as error:
        checks.append(_check("server" if Target.of(ctx).address else "database", False, told(error)))
    show(checks, as_json, _show)
    if not all(check["ok"] for check in checks):
        raise typer.Exit(ExitCode.ERROR)


def _of_api(api: ApiClient, deep: bool) -> list[Json]:
    checks: Iterable[Json] = _told_as_made(api) if deep else api.get("/api/doctor")
    if api.settings is None:
        return [*checks, _check("server version", True, f"docstage {api.get('/api')['version']}.")]
    return [_without_engine(check) for check in checks]


def _told_as_made(api: ApiClient) -> Iterator[Json]:
    """The deep checks too, each told as soon as it is made: a large database takes a while."""
    for check in api.lines("/api/doctor", deep=True):
        say(f"Looked at {check['name']} ({check['milliseconds'] / 1_000:.1f} s)")
        yield check


def _without_engine(check: Json) -> Json:
    """On the local database commands bring an engine of their own, so none needs to run."""
    if check["name"] != "engine" or check["ok"]:
        return check
    text = "None runs now. `docstage run` and --wait bring their own; `docstage serve` keeps one."
    return check | {"ok": True, "message": text}


def _connections(api: ApiClient) -> list[Json]:
    return api.items(CONNECTION.path)


def _connection(api: ApiClient, connection: Json) -> Json:
    try:
        found = tested(api, str(connection["id"]))
    except DocstageError as error:
        return _check(f"connection {connection['name']}", False, told(error))
    return _check(f"connection {connection['name']}", found["ok"], found["message"])


def _versions() -> Json:
    parts = f"docstage {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return _check("versions", True, f"{parts}, {platform.system()}.")


def _home(ctx: typer.Context) -> Json:
    home = Target.of(ctx).settings().home
    place = next((one for one in (home, *home.parents) if one.exists()), home)
    if os.access(place, os.W_OK):
        return _check("home", True, f"{home} can be written.")
    return _check("home", False, f"{home} cannot be written. Choose another with --home.")


def _check(name: str, ok: bool, message: str) -> Json:
    return {"name": name, "ok": ok, "message": message}


def _show(checks: list[Json]) -> None:
    rows = ([check["name"], "ok" if check["ok"] else "failed", check["message"]] for check in checks)
    show_table(["Check", "Result!", "What was found"], rows)
