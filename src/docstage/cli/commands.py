"""The commands below `docstage`, and where they are defined.

Importing and describing all of them takes a tenth of a second, which a command that only reads would spend
for nothing: only what the arguments name is made. The help, and whatever cannot be told, gets them all.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module

import typer

_JOB, _PARTS, _UPKEEP = "The main job", "Batches, and what they are made of", "Processes and checks"


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of commands.

    Attributes:
        module: below `docstage.cli`. A command is its function of the command's name, a group its `app`.
        panel: below which the help lists it.
    """

    name: str
    module: str
    panel: str
    is_group: bool = False

    def add_to(self, app: typer.Typer) -> None:
        """Import it, and make it a command of the application."""
        module = import_module(f"docstage.cli.{self.module}")
        if self.is_group:
            app.add_typer(module.app, name=self.name, rich_help_panel=self.panel)
        else:
            app.command(rich_help_panel=self.panel)(getattr(module, self.name))


COMMANDS = {
    command.name: command
    for command in (
        Command("demo", "demo", _JOB),
        Command("run", "oneshot", _JOB),
        Command("serve", "serving", _JOB),
        Command("spending", "spending", _UPKEEP),
        Command("engine", "serving", _UPKEEP),
        Command("simulate", "simulating", _UPKEEP),
        Command("doctor", "doctor", _UPKEEP),
        Command("backup", "backups", _UPKEEP),
        Command("restore", "backups", _UPKEEP),
        Command("migrate", "migrating", _UPKEEP),
        Command("batch", "batches", _PARTS, is_group=True),
        Command("folder", "folders", _PARTS, is_group=True),
        Command("connection", "connections", _PARTS, is_group=True),
        Command("prompt", "prompts", _PARTS, is_group=True),
        Command("purge", "purging", _UPKEEP, is_group=True),
    )
}


def wanted(arguments: Sequence[str], with_value: Collection[str]) -> Collection[Command]:
    """The command that these arguments name, or all where they name none for certain.

    Args:
        arguments: what follows `docstage`.
        with_value: options before a command that are followed by a value.
    """
    everything = COMMANDS.values()
    if "_DOCSTAGE_COMPLETE" in os.environ:
        return everything
    rest = iter(arguments)
    for argument in rest:
        if argument in with_value:
            next(rest, None)
        elif not argument.startswith("-"):
            return [COMMANDS[argument]] if argument in COMMANDS else everything
        elif argument.partition("=")[0] not in with_value:
            return everything
    return everything
