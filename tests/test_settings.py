"""Settings come from flags, the environment, a file and defaults, in this order."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from docstage.domain.errors import ConfigurationError
from docstage.settings import Settings, unknown_variables

ROOT = Path(__file__).resolve().parents[1]


def _load(home: Path, toml: str = "", flags: dict[str, Any] | None = None, /, **environ: str) -> Settings:
    (home / "docstage.toml").write_text(toml)
    return Settings.load({"home": home} | (flags or {}), environ)


def test_flags_are_stronger_than_the_environment_the_file_and_defaults(tmp_path: Path) -> None:
    """Each source is asked in its turn; a flag that is None was not given."""
    assert _load(tmp_path).port == 8640
    assert _load(tmp_path, "port = 1").port == 1
    assert _load(tmp_path, "port = 1", DOCSTAGE_PORT="2").port == 2
    assert _load(tmp_path, "port = 1", {"port": 3}, DOCSTAGE_PORT="2").port == 3
    assert _load(tmp_path, "port = 1", {"port": None}, DOCSTAGE_PORT="2").port == 2


def test_home_comes_from_flag_or_environment(tmp_path: Path) -> None:
    """The file lies in the home, whichever names it; what docstage keeps lies there too."""
    (tmp_path / "docstage.toml").write_text('host = "::1"')
    settings = Settings.load({}, {"DOCSTAGE_HOME": str(tmp_path)})
    assert (settings.home, settings.host) == (tmp_path, "::1")
    assert settings.database_url == str(tmp_path / "docstage.db")
    assert settings.key_file == tmp_path / "secret.key"
    assert Settings.load({"home": tmp_path}, {"DOCSTAGE_HOME": "/elsewhere"}).home == tmp_path


def test_home_may_be_relative_or_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made absolute, so that changing the working folder does not change it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.load({"home": "here"}, {}).home == tmp_path / "here"
    assert Settings.load({}, {"DOCSTAGE_HOME": "~/there"}).home == tmp_path / "there"


def test_every_kind_is_converted(tmp_path: Path) -> None:
    """Texts of the environment become numbers and lists; the file has its own kinds."""
    toml = 'allowed_roots = ["/a", "/b,c"]\nextract_seconds = 2\nlog_level = "DEBUG"'
    settings = _load(
        tmp_path, toml, DOCSTAGE_ALLOWED_HOSTS=" a.example , b.example,", DOCSTAGE_GIVE_UP_AFTER="0.5"
    )
    assert settings.allowed_roots == ("/a", "/b,c")
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert (settings.extract_seconds, settings.give_up_after, settings.log_level) == (2.0, 0.5, "DEBUG")


@pytest.mark.parametrize("toml", ["prot = 1", 'home = "/x"', "[port]\nx = 1", "port = ", "\x00"])
def test_unknown_or_broken_files_are_refused(tmp_path: Path, toml: str) -> None:
    """A misspelt name does not pass silently; the home cannot be set by a file inside it."""
    with pytest.raises(ConfigurationError, match=r"unknown settings|Cannot read|cannot be"):
        _load(tmp_path, toml)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "x"),
        ("port", True),
        ("port", 1.5),
        ("workers", []),
        ("give_up_after", "soon"),
        ("give_up_after", "nan"),
        ("give_up_after", "inf"),
        ("give_up_after", True),
        ("host", 7),
        ("allowed_roots", 7),
        ("allowed_roots", [7]),
    ],
)
def test_values_of_the_wrong_kind_are_refused(tmp_path: Path, name: str, value: Any) -> None:
    """The message names the setting and the value."""
    with pytest.raises(ConfigurationError, match=f"The setting {name} cannot be"):
        _load(tmp_path, "", {name: value})


def test_token_is_never_shown(tmp_path: Path) -> None:
    """Neither by repr nor in a message."""
    assert "hunter2" not in repr(_load(tmp_path, DOCSTAGE_TOKEN="hunter2"))
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, 'token = ["hunter2"]')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("token", ["\ufeffhunter2\r\n", " hunter2 ", "hunter2\n\n"])
def test_what_comes_along_with_a_token_is_taken_off(tmp_path: Path, token: str) -> None:
    """As an editor or `$(cat file)` adds it: nobody could send such a token."""
    assert _load(tmp_path, DOCSTAGE_TOKEN=token).token == "hunter2"
    assert _load(tmp_path, "", {"token": token}).token == "hunter2"
    assert _load(tmp_path, f"token = {json.dumps(token)}").token == "hunter2"
    assert _load(tmp_path, DOCSTAGE_TOKEN="").token == ""


@pytest.mark.parametrize(
    "token",
    ["hunter2\nhunter2", "hunter2\x00", " \n", "hunter2\u200b", "hünter2", "Bearer hunter2", "'hunter2'"],
)
def test_a_token_that_nobody_can_send_is_refused(tmp_path: Path, token: str) -> None:
    """Rather than keeping everybody out, or, where it is blank, letting everybody in."""
    in_file = f"token = {json.dumps(token)}"
    for toml, environ in (("", {"DOCSTAGE_TOKEN": token}), (in_file, {})):
        with pytest.raises(ConfigurationError, match=r"^The setting token ") as caught:
            _load(tmp_path, toml, **environ)
        assert "hunter2" not in str(caught.value)


def test_a_database_is_named_in_one_line(tmp_path: Path) -> None:
    """Its URL may have a password, so nothing of it is repeated."""
    url = "postgresql://u:hunter2@127.0.0.1/x"
    assert _load(tmp_path, DOCSTAGE_DATABASE=f"{url}\n").database == url
    with pytest.raises(ConfigurationError, match="The setting database has several lines") as caught:
        _load(tmp_path, DOCSTAGE_DATABASE=f"{url}\n{url}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "shared"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"token": "t"}, True),
        ({"host": "0.0.0.0"}, True),
        ({"allowed_hosts": ("docs.example",)}, True),
        ({"allowed_roots": ("/data",)}, True),
    ],
)
def test_a_server_that_others_use_is_known_as_such(settings: dict[str, Any], shared: bool) -> None:
    """By its token, by what it listens on and answers to, and by roots that somebody confined it to."""
    assert Settings(**settings).is_shared is shared


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """For instance a folder of that name."""
    (tmp_path / "docstage.toml").mkdir()
    with pytest.raises(ConfigurationError, match="Cannot read"):
        Settings.load({"home": tmp_path}, {})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DOCSTAGE_TOKN", "DOCSTAGE_TOKEN"),
        ("DOCSTAGE_ALLOWED_ROOT", "DOCSTAGE_ALLOWED_ROOTS"),
        ("DOCSTAGE_ROOTS", "DOCSTAGE_ALLOWED_ROOTS"),
        ("DOCSTAGE_SERVER_", "DOCSTAGE_SERVER"),
        ("docstage_token", "DOCSTAGE_TOKEN"),
        ("Docstage_Port", "DOCSTAGE_PORT"),
        ("DOCSTAGETOKEN", "DOCSTAGE_TOKEN"),
        ("DOCSTAGE__TOKEN", "DOCSTAGE_TOKEN"),
        ("DOC_STAGE_TOKEN", "DOCSTAGE_TOKEN"),
        ("DOCSATGE_ALLOWED_HOSTS", "DOCSTAGE_ALLOWED_HOSTS"),
        ("DOCSTAGE_TOKEN ", "DOCSTAGE_TOKEN"),
        ("DOCSTAGE_XQZ", None),
        ("DOCSTAGE_", None),
    ],
)
def test_a_variable_that_is_no_setting_is_told(name: str, meant: str | None) -> None:
    """With the one that it was perhaps meant to be, and never with its value."""
    (told,) = unknown_variables({name: "hunter2", "DOCSTAGE_PORT": "1"})
    assert name in told
    assert "hunter2" not in told
    assert ("Did you mean" in told) is (meant is not None)
    assert meant is None or told.endswith(f"Did you mean {meant}?")


def test_variables_of_others_are_not_told() -> None:
    """Every name in the documentation is known, and so are those that are not docstage's to read."""
    texts = [path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    named = set(re.findall(r"\bDOCSTAGE_[A-Z][A-Z_]*", "\n".join(texts)))
    assert {"DOCSTAGE_TOKEN", "DOCSTAGE_SERVER", "DOCSTAGE_CORPUS", "DOCSTAGE_LLAMA_SERVER"} <= named
    others = {
        "PATH",
        "DOCKER_HOST",
        "DATABASE_URL",
        "DISPLAY",
        "DOCSTAGE_SERVICE_PORT",
        "DOCSTAGE_PORT_80_TCP",
    }
    assert unknown_variables(dict.fromkeys(named | others | {"DOCSTAGE_OPENAI_API_KEY"}, "x")) == []


def test_a_misspelt_name_in_the_file_is_told_with_what_was_meant(tmp_path: Path) -> None:
    """The file is docstage's own: there it is refused."""
    for line, meant in (("tokn = 'x'", "token"), ("ALLOWED_ROOTS = []", "allowed_roots")):
        with pytest.raises(ConfigurationError, match=rf"unknown settings: .*\. Did you mean {meant}\?$"):
            _load(tmp_path, line)
    with pytest.raises(ConfigurationError, match=r"Did you mean port\?$"):
        _load(tmp_path, "DOCSTAGE_PORT = 1")


def test_lists_of_the_environment_may_have_commas(tmp_path: Path) -> None:
    """As a list of JSON; what only begins like one is a text of the form with commas."""
    for text, roots in (
        ('["/a", "/b,c"]', ("/a", "/b,c")),
        (' [ "/ä b " ] ', ("/ä b ",)),
        ("[]", ()),
        ("[::1], a", ("[::1]", "a")),
        ("[A-Z]*,B", ("[A-Z]*", "B")),
        ("/a", ("/a",)),
    ):
        assert _load(tmp_path, DOCSTAGE_ALLOWED_ROOTS=text).allowed_roots == roots
    for broken in ('["/a", "/b', '["/a", 7]', '["/a"] /b'):
        with pytest.raises(ConfigurationError, match="The setting allowed_roots cannot be"):
            _load(tmp_path, DOCSTAGE_ALLOWED_ROOTS=broken)


def test_settings_reach_another_process_as_they_are(tmp_path: Path) -> None:
    """Whatever their texts are: the engine has exactly those of its starter, and the file adds nothing."""
    odd = ("/a,b", " /c ", '["/d"]', "/e\n", "/\udcff", "[::1]")
    names = ("allowed_hosts", "allowed_origins", "allowed_roots", "secret_files", "secret_env")
    lists: dict[str, Any] = dict.fromkeys(names, odd)
    given = Settings(home=tmp_path / "a,b", workers=3, give_up_after=0.25, token="t", **lists)
    assert Settings.load({}, given.variables()) == given
    plain = Settings(home=tmp_path)
    (tmp_path / "docstage.toml").write_text('allowed_roots = ["/x"]')
    assert Settings.load({}, plain.variables()) == plain
