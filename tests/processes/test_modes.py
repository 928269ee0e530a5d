"""What docstage keeps can be read by its owner only, from the moment it is there, whatever the umask says."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.browser.server import Server
from tests.cli.conftest import Shell
from tests.support.templates import place_database

from docstage import own_files, private
from docstage.service.context import Services
from docstage.service.system import health
from docstage.settings import Settings
from docstage.store.database import Database
from docstage.store.migrate import upgrade

_OTHERS = 0o077


def open_ones(*folders: Path) -> dict[str, str]:
    """What others may do anything with in the folders, themselves included, by its mode."""
    places = [place for folder in folders for place in (folder, *folder.rglob("*"))]
    modes = {str(place): stat.S_IMODE(place.lstat().st_mode) for place in places if not place.is_symlink()}
    return {place: oct(mode) for place, mode in modes.items() if mode & _OTHERS}


@pytest.fixture(params=[0o000, 0o022], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """The usual umask and none at all, for this process and those that it starts."""
    yield from _with_umask(request.param)


@pytest.fixture
def no_umask() -> Iterator[int]:
    """Every file is open to all unless whoever makes it says otherwise."""
    yield from _with_umask(0)


def _with_umask(mask: int) -> Iterator[int]:
    before = os.umask(mask)
    try:
        yield mask
    finally:
        os.umask(before)


@pytest.fixture
def home(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of commands, below a folder that does not exist either."""
    place = tmp_path / "new" / "home"
    monkeypatch.setenv("DOCSTAGE_HOME", str(place))
    return place


@pytest.mark.usefixtures("no_umask")
def test_a_server_makes_private_files(tmp_path: Path) -> None:
    """Database, logs, locks, key, uploads and samples, while all of them are in use."""
    server = Server(tmp_path / "server")
    (tmp_path / "server").mkdir()
    server.start()
    try:
        home = server.home / "data"
        with httpx.Client(base_url=server.address) as client:
            body = {"name": "n", "provider": "ollama", "model": "m", "api_key": "sk-1"}
            assert client.post("/api/connections", json=body).status_code == 201
            path = {"name": "Ours", "path": "deep/letter.txt"}
            headers = {"content-type": "application/octet-stream"}
            sent = client.post("/api/folders/upload", params=path, content=b"Dear", headers=headers)
            assert sent.status_code == 201
            assert client.post("/api/folders/samples").status_code == 201
        names = {file.name for file in home.rglob("*")}
        logs = {f"docstage{kind}.db{log}" for kind in ("", ".contents") for log in ("", "-wal", "-shm")}
        assert logs | {"docstage.engine.lock", "secret.key", "letter.txt", "deep"} <= names
        assert open_ones(home) == {}
    finally:
        server.stop()


@pytest.mark.usefixtures("no_umask")
def test_a_home_is_made_private(shell: Shell, home: Path, tmp_path: Path) -> None:
    """With the folders above it that were missing, by any command; a database elsewhere is too."""
    elsewhere = tmp_path / "data" / "inner" / "mine.db"
    assert shell.do("folder", "list").code == 0
    assert shell.do("--database", elsewhere, "folder", "list").code == 0
    assert (home / "docstage.db").exists()
    assert elsewhere.with_name("mine.contents.db").exists()
    assert open_ones(tmp_path / "new", tmp_path / "data") == {}


def test_exports_follow_the_umask(umask: int, shell: Shell, home: Path, tmp_path: Path) -> None:
    """They are files of the user, who shares them as usual; what the run leaves in the home is docstage's."""
    out = tmp_path / "answers.csv"
    options = ["--model", "simulated:simulated-small", "--yes", "--out", out]
    assert shell.do("run", shell.documents, "--prompt", "What?", *options).code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~umask
    assert open_ones(home.parent) == {}


def test_files_of_an_older_version_are_tightened(umask: int, shell: Shell, home: Path) -> None:
    """In a home that existed, which stays as open as it was made: it may be a folder of the user's."""
    home.mkdir(parents=True)
    place_database(home)
    (home / "uploads").mkdir()
    (home / "docstage.toml").write_text('token = "hunter2"\n')
    for place in (home, *home.iterdir()):
        place.chmod(0o755 if place.is_dir() else 0o644)
    assert shell.do("folder", "list").code == 0
    assert open_ones(home) == {str(home): "0o755"}


def test_settings_without_secrets_stay_as_they_are(shell: Shell, home: Path) -> None:
    """Others may read them, where whoever wrote them lets them."""
    home.mkdir(parents=True)
    (home / "docstage.toml").write_text("port = 8641\n")
    (home / "docstage.toml").chmod(0o644)
    assert shell.do("folder", "list").code == 0
    assert stat.S_IMODE((home / "docstage.toml").stat().st_mode) == 0o644
    (home / "docstage.toml").write_text('database = "postgresql://u:hunter2@127.0.0.1:9/x"\n')
    own_files.tighten(Settings(home=home))
    assert stat.S_IMODE((home / "docstage.toml").stat().st_mode) == 0o600


def test_tightening_does_not_take_locks_away(tmp_path: Path) -> None:
    """SQLite loses its locks in a process that closes a database's file: it is never opened for its mode."""
    path = tmp_path / "docstage.db"
    first = Database(str(path))
    upgrade(first)
    path.chmod(0o644)
    with first.write() as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
        second = Database(str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        script = (
            "import sqlite3, sys\n"
            "try:\n"
            "    sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')\n"
            "except sqlite3.OperationalError as error:\n"
            "    print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
        )
        second.close()
    first.close()
    assert "locked" in done.stdout


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("there", [True, False])
def test_a_database_behind_a_link_is_private_too(tmp_path: Path, there: bool) -> None:
    """Whether the link leads to a file or to nothing yet."""
    (tmp_path / "disk").mkdir(mode=0o700)
    if there:
        sqlite3.connect(tmp_path / "disk" / "real.db").close()
    (tmp_path / "docstage.db").symlink_to(tmp_path / "disk" / "real.db")
    database = Database(str(tmp_path / "docstage.db"))
    upgrade(database)
    database.close()
    assert open_ones(tmp_path / "disk") == {}
    assert stat.S_IMODE((tmp_path / "docstage.contents.db").stat().st_mode) == 0o600


def test_the_doctor_tells_what_cannot_be_tightened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where docstage may not change a mode, it names the files, and a home that others can change."""
    home = tmp_path / "a home"
    place_database(home)
    services = Services.open(Settings(home=home))
    try:
        upgrade(services.database)
        assert _own_files(services) == (True, "Nobody else can read docstage's own files.")
        (home / "docstage.db").chmod(0o644)
        (home / "docstage.toml").write_text('token = "hunter2"')
        (home / "docstage.toml").chmod(0o640)
        (home / "uploads").mkdir(mode=0o755)
        home.chmod(0o777)
        ok, message = _own_files(services)
        assert not ok
        for name in ("", "/docstage.db", "/docstage.toml", "/uploads"):
            assert f"'{home}{name}'" in message
        assert "secret.key" not in message
        assert "hunter2" not in message
        # Of another user's file this user's group is no other: an administrator may have written it.
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert not private.is_open_to_others(home / "docstage.toml")
        assert private.is_open_to_others(home / "docstage.db")
        private.tighten(home / "docstage.db")
        assert stat.S_IMODE((home / "docstage.db").stat().st_mode) == 0o644
    finally:
        services.database.close()


def _own_files(services: Services) -> tuple[bool, str]:
    found = next(check for check in health.doctor(services) if check.name == "own files")
    return found.ok, found.message


@pytest.mark.usefixtures("umask")
def test_a_file_is_written_whole(tmp_path: Path) -> None:
    """A private file takes the place of another, and nothing is left beside it."""
    path = tmp_path / "a"
    path.write_text("older and longer")
    private.write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
