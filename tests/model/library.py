"""What batches are made of: a folder of documents, the connections, and prompts of each batch's own."""

from collections.abc import Iterable
from pathlib import Path

from tests.model.fees import CONNECTIONS, QUESTION, connection_of
from tests.model.seen import Observer

from docstage.service.connections import connections
from docstage.service.context import Services
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput


class Library:
    """Ids by the names that the model knows.

    Attributes:
        folder: the id of the folder.
    """

    def __init__(self, services: Services, documents: Path) -> None:
        self._services = services
        self._questions: dict[int, str] = {}
        self.folder = folders.create_folder(services, FolderInput(path=str(documents))).id
        self._connections = {
            name: connections.create_connection(services, connection_of(name)).id for name in CONNECTIONS
        }

    def connections(self, names: Iterable[str]) -> list[int]:
        """The ids of connections."""
        return [self._connections[name] for name in names]

    def new_prompt(self) -> tuple[int, str]:
        """A prompt that nobody has asked yet: its id and text."""
        text = QUESTION.format(len(self._questions) + 1)
        made = prompts.create_prompt(self._services, PromptInput(name=text, text=text))
        self._questions[made.id] = text
        return made.id, text

    def observer(self) -> Observer:
        """Who reads batches in these terms, prompts that are made later included."""
        names = {number: name for name, number in self._connections.items()}
        return Observer(self._services.database, names, self._questions)
