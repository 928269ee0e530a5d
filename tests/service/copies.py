"""Backups and restored copies, and what is in them."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.faults.chat import ChatServer
from tests.support.engines import Laboratory
from tests.support.waiting import until_true

from docstage.clock import SystemClock
from docstage.domain.lifecycle import Action
from docstage.service.context import Services
from docstage.service.system.backup import BackupOrder, back_up
from docstage.service.system.deep_checks import deep_checks
from docstage.service.system.restore import Restored, restore
from docstage.settings import Settings
from docstage.store.backups.manifest import Manifest
from docstage.store.tables import result

CLOCK = SystemClock()


def copy_of(lab: Laboratory, target: Path, **options: Any) -> Manifest:
    """Back a laboratory up; returns what was written."""
    return back_up(lab.services.settings, CLOCK, BackupOrder(target, **options))


def bring_back(backup: Path, home: Path, **settings: Any) -> Restored:
    """Restore a backup into a home."""
    return restore(Settings(home=home, **settings), CLOCK, backup)


def ill(services: Services) -> list[str]:
    """Invariants that do not hold."""
    return [f"{check.name}: {check.message}" for check in deep_checks(services) if not check.ok]


def answered(services: Services) -> set[int]:
    """Tasks that have an answer."""
    with services.database.read() as c:
        return set(c.execute(select(result.c.task_id)).scalars())


async def ask_eight(lab: Laboratory, chat: ChatServer, let: int) -> int:
    """A batch that is analysed: so many of its eight tasks are answered, others are in flight."""
    chat.let_through(let)
    batch_id = await lab.staged([lab.connection(chat.base_url, concurrency=2)], [lab.prompt("ASK-1: what?")])
    await lab.act(batch_id, Action.RUN)
    await until_true(lambda: len(answered(lab.services)) == let and len(chat.calls) == let + 2)
    return batch_id
