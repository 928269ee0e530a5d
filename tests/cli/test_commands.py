"""Which commands are made for which arguments."""

import pytest

from docstage.cli.commands import COMMANDS, wanted
from docstage.cli.main import _WITH_VALUE, application


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("batch list", {"batch"}),
        ("--home batch list", set(COMMANDS)),
        ("--home batch purge runs", {"purge"}),
        ("--home=x --server http://y batch list", {"batch"}),
        ("--home", set(COMMANDS)),
        ("--help batch", set(COMMANDS)),
        ("--unknown batch list", set(COMMANDS)),
        ("btach list", set(COMMANDS)),
        ("", set(COMMANDS)),
    ],
)
def test_only_what_is_named_is_made(words: str, expected: set[str]) -> None:
    """A command that stands first, behind options and their values, is made alone; in doubt all are."""
    assert {command.name for command in wanted(words.split(), _WITH_VALUE)} == expected


def test_a_shell_that_completes_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Completion begins with an unfinished name, whatever the arguments are."""
    monkeypatch.setenv("_DOCSTAGE_COMPLETE", "complete_bash")
    assert len(wanted(["batch"], _WITH_VALUE)) == len(COMMANDS)


def test_options_with_values_are_those_of_the_command_line() -> None:
    """No option is missing in the list of those that are followed by a value."""
    import typer

    options = {
        option
        for parameter in typer.main.get_command(application()).params
        if not getattr(parameter, "is_flag", False)
        for option in parameter.opts
    }
    assert options - {"--install-completion", "--show-completion", "--help"} == _WITH_VALUE
