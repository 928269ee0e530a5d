"""What every service function works with."""

from dataclasses import dataclass, field

from docstage.asking.trials import Trials
from docstage.clock import Clock, SystemClock
from docstage.own_files import tighten
from docstage.secrets import Secrets
from docstage.settings import Settings
from docstage.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The open database and what goes with it; made once a process."""

    database: Database
    settings: Settings
    secrets: Secrets
    clock: Clock
    trials: Trials = field(default_factory=Trials)

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> "Services":
        """Open the database that the settings name; it must have been migrated.

        Raises:
            ConfigurationError: the settings name no usable database.
        """
        hands = clock or SystemClock()
        database = Database(settings.database_url, synchronous=settings.synchronous)
        tighten(settings)
        return cls(database, settings, Secrets.of(settings, hands), hands)
