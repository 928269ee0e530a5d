"""The `docstage` command."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from docstage import __version__
from docstage.cli.commands import COMMANDS, Command, wanted
from docstage.cli.failures import exit_code, told
from docstage.cli.output import say
from docstage.cli.signals import code_after, interruptible
from docstage.cli.target import Target
from docstage.domain.errors import DocstageError
from docstage.settings import unknown_variables

_EPILOG = (
    "Exit codes: 0 done, 1 an error that you can mend, 2 wrong usage, 3 not found, 4 not possible in the "
    "present state, 5 the server or database does not answer, 6 ended with failed tasks or paused by itself, "
    "129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM."
)

# Options before the command that are followed by a value; see `docstage` below.
_WITH_VALUE = frozenset({"--home", "--database", "--server", "--token"})


def application(commands: Iterable[Command] = COMMANDS.values()) -> typer.Typer:
    """The command line with these commands."""
    app = typer.Typer(name="docstage", no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback(epilog=_EPILOG)(docstage)
    for command in commands:
        command.add_to(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; what a user can mend ends with a few words and an exit code.

    Args:
        arguments: what follows `docstage`; None takes those of the process.
    """
    with interruptible():
        try:
            _run(sys.argv[1:] if arguments is None else list(arguments))
        except SystemExit as end:
            sys.exit(code_after(end.code))


def _run(arguments: list[str]) -> None:
    try:
        app = application(wanted(arguments, _WITH_VALUE))
        app(args=arguments, prog_name="docstage")
    except DocstageError as error:
        say(told(error))
        sys.exit(exit_code(error))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"docstage {__version__}")
        raise typer.Exit


def docstage(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Where docstage keeps all it has, or DOCSTAGE_HOME.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="SQLite file or postgresql:// URL, or DOCSTAGE_DATABASE.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="URL of a docstage server to work on, or DOCSTAGE_SERVER.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="That server's token, or what `serve` demands; or DOCSTAGE_TOKEN.")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Run prompts over whole folders of documents with several language models.

    Example: docstage run ~/contracts --prompt "Who are the parties?" --model ollama:llama3.2
    """
    for text in unknown_variables():
        say(f"Warning: {text}")
    ctx.obj = target = Target(home, database, server, token)
    _check_obeyed(ctx.invoked_subcommand, target)


# What commands make of the options before them, where it is not all; what they would ignore is refused.
_OBEYED = {
    "demo": {"home"},
    "serve": {"home", "database", "token"},
    "engine": {"home", "database"},
    # These say themselves why a server does not do it.
    "backup": {"home", "database", "server"},
    "restore": {"home", "database", "server"},
    "migrate": {"home", "database", "server"},
    "simulate": set[str](),
}


def _check_obeyed(command: str | None, target: Target) -> None:
    """Refuse what the command would ignore, and two places at once.

    Raises:
        typer.BadParameter: an option was given that would make no difference.
    """
    given = target.given
    ignored = given - _OBEYED.get(command or "", given)
    if ignored:
        raise typer.BadParameter(f"`docstage {command}` makes no use of {_options(ignored)} before it.")
    if "server" in given and (local := given & {"home", "database"}):
        raise typer.BadParameter(
            f"--server names a server, {_options(local)} a place on this machine: give one."
        )


def _options(names: set[str]) -> str:
    return " and ".join(f"--{name}" for name in sorted(names))
