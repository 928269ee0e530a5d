"""What commands show of the place that they work on."""

import pytest

from docstage.cli.target import Target, shown


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://ann:hunter2@host/x", "postgresql://***@host/x"),
        (
            "postgresql://host/x?user=ann&password=hunter2&a=b",
            "postgresql://host/x?user=ann&password=***&a=b",
        ),
        ("http://ann:hunt@er/2@host:8640", "http://***@host:8640"),
        ("http://127.0.0.1:8640", "http://127.0.0.1:8640"),
        ("/srv/a@b/docstage.db", "/srv/a@b/docstage.db"),
    ],
)
def test_passwords_are_not_shown(address: str, expected: str) -> None:
    """Whatever else the address of a database or server tells remains."""
    assert shown(address) == expected


def test_commands_to_go_on_with_have_no_password() -> None:
    """They are printed, and may be kept in the log of a job."""
    target = Target(database="postgresql://ann:hunter2@host/x", token="hunter2")
    assert target.command("batch list") == "docstage --database 'postgresql://***@host/x' batch list"
