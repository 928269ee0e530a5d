"""Whether everything that docstage needs is well, and what to do where it is not."""

import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from docstage import __version__
from docstage.domain.errors import ConfigurationError, DocstageError, Unavailable
from docstage.domain.lifecycle import BatchStatus
from docstage.extraction.ocr.engine import how_to_install, installed_engine
from docstage.models.libraries import check_library, missing_library
from docstage.own_files import open_to_others
from docstage.secrets import Destination
from docstage.service.context import Services
from docstage.service.engine_state import engine_state
from docstage.service.folders.server_folders import usable_folder
from docstage.service.system.views import Check, EngineView
from docstage.settings import unknown_variables
from docstage.store import library, summaries
from docstage.store.batches import last_event_id
from docstage.store.held import waiting_since_restored
from docstage.store.migrate import HEAD, current, is_newer
from docstage.store.paging import MAX_LIMIT, PageRequest
from docstage.store.records import ConnectionRecord
from docstage.store.runs import Tally

LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be measured.

    Attributes:
        batches: how many have each status; statuses without any are left out.
        tally: tasks, calls, tokens and money of all runs that are kept.
        engine_up: whether the engine was seen lately.
        in_flight: calls of each connection's lane, by connection id.
    """

    batches: Mapping[BatchStatus, int]
    tally: Tally
    engine_up: bool
    in_flight: Mapping[int, int]


def check_ready(services: Services) -> EngineView:
    """The engine's state, once the database has answered.

    Raises:
        Unavailable: the database cannot be reached or written, or has not been migrated.
    """
    _check_schema(services)
    with services.database.read() as c:
        view = engine_state(services, c).view
    _check_trouble(view)
    if not view.running:  # else it has written within the last seconds
        services.database.check_writable()
    return view


def _check_trouble(view: EngineView) -> None:
    if view.trouble:
        raise Unavailable(f"The engine cannot record what it does: {view.trouble}")


def figures(services: Services) -> Figures:
    """What can be measured at the moment."""
    with services.database.read() as c:
        engine = engine_state(services, c)
        in_flight = {int(lane): int(state.get("in_flight", 0)) for lane, state in engine.lanes.items()}
        return Figures(summaries.batches_by_status(c), summaries.overall(c), engine.view.running, in_flight)


def doctor(services: Services) -> list[Check]:
    """Every check, the most fundamental first; where the database is away the rest is left out."""
    checks = [
        _check("database", partial(_database, services)),
        _check("disk", partial(_disk, services)),
        _check("settings", _settings),
        _check("own files", partial(_own_files, services)),
        _check("ocr", partial(_ocr, services)),
    ]
    if not checks[0].ok:
        return checks
    with services.database.read() as c:
        checks.append(_check("engine", partial(_engine, services, c)))
        waiting = waiting_since_restored(c)
        if waiting:
            checks.append(_check("restored", partial(_restored, waiting)))
        checks += _folders(services, c)
        checks += _secrets(services, c)
        checks += _libraries(c)
    return checks


def _check(name: str, examine: Callable[[], str]) -> Check:
    began = time.perf_counter()
    try:
        ok, message = True, examine()
    except DocstageError as error:
        ok, message = False, error.detail
    return Check(name=name, ok=ok, message=message, milliseconds=(time.perf_counter() - began) * 1_000)


def _database(services: Services) -> str:
    _check_schema(services)
    with services.database.read() as c:
        last_event_id(c)
    services.database.check_writable()
    return "SQLite answers." if services.database.is_sqlite else "PostgreSQL answers."


def _check_schema(services: Services) -> None:
    revision = current(services.database)
    if is_newer(revision):
        raise Unavailable(
            f"The database was migrated to the schema {revision} by a newer docstage; this one, "
            f"{__version__}, knows up to {HEAD}. Stop it, and start the newer one in its place."
        )
    if revision != HEAD:
        raise Unavailable(
            f"The database has {f'the schema {revision}' if revision else 'no schema'}, and docstage "
            f"{__version__} needs {HEAD}. Stop docstage, run docstage migrate, and start it again."
        )


def _disk(services: Services) -> str:
    wanted = services.database.path.parent if services.database.path else services.settings.home
    # With PostgreSQL a home is made only when something is put into it.
    folder = next((one for one in (wanted, *wanted.parents) if one.is_dir()), wanted)
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ConfigurationError(f"Cannot look at {folder}: {error.strerror}.") from error
    amount = f"{free / 1e9:,.1f} GB free in {folder}."
    if free < LEAST_FREE_BYTES:
        raise Unavailable(f"Only {amount} Results may soon find no room.")
    return amount


def _settings() -> str:
    unknown = unknown_variables()
    if unknown:
        raise ConfigurationError(" ".join(unknown))
    return "Every variable that looks like a setting is one."


def _own_files(services: Services) -> str:
    found = open_to_others(services.settings)
    if found:
        names = " ".join(shlex.quote(str(path)) for path in found)
        raise ConfigurationError(
            f"Others can read or change what is docstage's own. Make it private: chmod go= {names}"
        )
    return "Nobody else can read docstage's own files."


def _ocr(services: Services) -> str:
    languages = services.settings.ocr_languages
    engine = installed_engine(languages)
    if engine:
        return f"Words in pictures are read by {engine.title}, {engine.reads}."
    text = f"Nothing here reads words in pictures. {how_to_install(languages)}"
    if languages:
        raise ConfigurationError(text)
    return text


def _engine(services: Services, c: Connection) -> str:
    view = engine_state(services, c).view
    _check_trouble(view)
    if view.running:
        return f"The engine runs as process {view.pid}."
    raise Unavailable("The engine does not run, so nothing is staged or analysed. Start: docstage serve")


def _restored(waiting: int) -> str:
    batches = "1 batch waits" if waiting == 1 else f"{waiting:,} batches wait"
    return (
        f"{batches} since the database was restored from a backup. Go on with each only if no other docstage "
        "does: what that called since would be paid for again."
    )


def _folders(services: Services, c: Connection) -> Iterator[Check]:
    for folder in library.list_folders(c, PageRequest(MAX_LIMIT)).items:
        yield _check(f"folder {folder.name}", partial(_folder, services, folder.path))


def _folder(services: Services, path: str) -> str:
    return f"{usable_folder(services.settings, path)} can be read."


def _secrets(services: Services, c: Connection) -> Iterator[Check]:
    for record in library.list_connections(c, PageRequest(MAX_LIMIT)).items:
        if record.secret_ref is not None:
            yield _check(f"key of {record.name}", partial(_secret, services, c, record))
        if record.headers:
            yield _check(f"headers of {record.name}", partial(_headers, services, record.headers))


def _libraries(c: Connection) -> Iterator[Check]:
    for record in library.list_connections(c, PageRequest(MAX_LIMIT)).items:
        if missing_library(record.provider):
            yield _check(f"library of {record.name}", partial(_library, record.provider))


def _library(provider: str) -> str:
    check_library(provider)
    return "It is installed."


def _secret(services: Services, c: Connection, record: ConnectionRecord) -> str:
    services.secrets.resolve(c, record.secret_ref, Destination(record.provider, record.base_url))
    return "The key can be read."


def _headers(services: Services, headers: Mapping[str, str]) -> str:
    services.secrets.unseal(headers)
    return "The headers can be read."
