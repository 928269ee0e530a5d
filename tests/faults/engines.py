"""A batch over documents that a chat server answers, and engines as processes that are told where to die."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.chat import ChatServer
from tests.faults.life import CONCURRENCY, PROMPTS, write_documents
from tests.faults.processes import ENGINE, ROOT, own_environment
from tests.support.engines import Laboratory, open_services
from tests.support.waiting import until

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches.actions import act
from docstage.service.session import Session

RESTING = (BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.PAUSED, BatchStatus.FAILED_STAGING)


@dataclass(frozen=True, slots=True)
class Bed:
    """A batch, services for it, and the environment of processes that shall work on it."""

    lab: Laboratory
    chat: ChatServer
    batch_id: int
    environment: dict[str, str]

    @property
    def status(self) -> BatchStatus:
        """The batch's."""
        return self.lab.get(self.batch_id).status

    def act(self, action: Action) -> None:
        """Carry out an action as a user would."""
        act(Session(self.lab.services), self.batch_id, action)

    def until(self, *statuses: BatchStatus) -> None:
        """Wait until the batch has one of the statuses."""
        until(lambda: self.status in statuses, lambda: f"{statuses}, not {self.status}")

    @contextmanager
    def process(self, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process over the database; without words it is an engine."""
        process = subprocess.Popen(words or ENGINE, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def launched(self, point: str, nth: int, *words: str) -> tuple[str, ...]:
        """The command line of a process that dies at a point."""
        return (sys.executable, "-m", "tests.faults.launcher", point, str(nth), *(words or ("engine",)))

    def go_on(self) -> None:
        """Do what a user does next, until the batch rests after its run."""
        self.until(BatchStatus.SAVED, BatchStatus.STAGED, *RESTING)
        if self.status is BatchStatus.SAVED:
            self.act(Action.STAGE)
        self.until(BatchStatus.STAGED, *RESTING)
        if self.status is BatchStatus.STAGED:
            self.act(Action.RUN)
        self.until(*RESTING)


@contextmanager
def bed(place: Path, url: str, chat: ChatServer, **settings: float) -> Iterator[Bed]:
    """A SAVED batch. Settings are those of the processes."""
    services = open_services(place / "home", url)
    lab = Laboratory(services, place / "letters")
    write_documents(lab.folder)
    connection = lab.connection(chat.base_url, concurrency=CONCURRENCY)
    batch_id = lab.batch([connection], [lab.prompt(f"ASK-{n}: what is it?") for n in range(PROMPTS)])
    given = {"home": place / "home", "database": url, "workers": 1, "stop_grace": 3.0} | settings
    environment = own_environment(**given)
    try:
        yield Bed(lab, chat, batch_id, environment)
    finally:
        services.database.close()


def was_killed(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a process has ended by SIGKILL."""
    return process.poll() == -signal.SIGKILL
