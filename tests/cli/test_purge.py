"""`docstage purge`: what it would delete, that it asks, and that it deletes."""

import json
import os
from contextlib import closing
from pwd import getpwuid

from sqlalchemy import select
from tests.cli.conftest import Shell

from docstage.store.database import Database
from docstage.store.tables import event


def test_a_document_is_previewed_asked_for_and_deleted(analysed: Shell) -> None:
    """The preview deletes nothing; without a terminal `--yes` is needed; the original is told to stay."""
    letter = analysed.documents / "letter-1.txt"
    preview = analysed.do("purge", "document", letter, "--dry-run")
    assert preview.code == 0
    assert "Would delete 1 run, 1 document, 1 answer" in preview.out
    assert str(letter) in preview.out
    assert analysed.do("purge", "document", letter).code == 2
    assert "letter-1.txt" in analysed.do("batch", "export", "May").out
    gone = analysed.do("purge", "document", letter, "--yes")
    assert gone.code == 0
    assert "Deleted 1 run, 1 document" in gone.out
    assert str(letter) in gone.err
    exported = analysed.do("batch", "export", "May").out
    assert "letter-1.txt" not in exported
    assert "purged document" in exported
    assert analysed.do("purge", "document", letter, "--yes").code == 3
    assert letter.exists()


def test_all_of_a_batch_and_the_rest(analysed: Shell) -> None:
    """All runs of the batch go, it is SAVED; then nothing is left to erase."""
    told = json.loads(analysed.do("purge", "batch", "May", "--yes", "--json").out)
    assert (told["runs"], told["documents"], told["answers"], told["done"]) == (1, 3, 3, True)
    assert json.loads(analysed.do("batch", "show", "May", "--json").out)["status"] == "SAVED"
    assert "nothing to delete" in analysed.do("purge", "runs", "--older-than", 0, "--yes").err
    assert analysed.do("purge", "rest", "--rewrite").code == 0
    assert analysed.do("doctor", "--deep").code == 0


def test_the_audit_log_tells_whose_command_it_was(analysed: Shell) -> None:
    """Commands on the local database act for the user of the system."""
    assert analysed.do("purge", "batch", "May", "--yes").code == 0
    me = getpwuid(os.getuid()).pw_name
    with closing(Database(str(analysed.home / "docstage.db"))) as database, database.read() as c:
        told = set(c.execute(select(event.c.actor)).scalars())
    assert told == {me, "engine"}


def test_what_cannot_be_meant_is_refused(shell: Shell) -> None:
    """A document needs a path or a hash, and only one of them."""
    assert shell.do("purge", "document").code == 2
    assert shell.do("purge", "document", "a.txt", "--sha256", "0" * 64).code == 2
    assert shell.do("purge", "document", "a.txt", "--yes").code == 3
    assert shell.do("purge", "document", "--sha256", "abc", "--yes").code == 1
