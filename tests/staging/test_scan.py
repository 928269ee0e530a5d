"""Finding documents in a folder."""

import os
import socket
from pathlib import Path

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.files import open_regular
from docstage.staging.scan import FolderUnusable, FoundFile, ScanOptions, scan
from docstage.stored_path import to_os_path, to_stored_path


def fill(root: Path, *paths: str) -> None:
    """Make files that hold their own path."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def found(root: Path, **options: bool | tuple[str, ...]) -> list[str]:
    """The paths of a scan."""
    return [file.path for file in scan(root, ScanOptions(**options))]  # type: ignore[arg-type]  # mixed options


def problems(root: Path) -> dict[str, DocumentReason | None]:
    """The problems of a scan by path."""
    return {file.path: file.problem for file in scan(root, ScanOptions()) if file.problem}


def test_sorted_depth_first(tmp_path: Path) -> None:
    """The order is by name within each folder, sub-folders in their place, and always the same."""
    fill(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "c/a.txt", "B.txt")
    assert found(tmp_path) == ["B.txt", "a/b/c.txt", "a/z.txt", "b.txt", "c/a.txt"]


def test_size_and_time(tmp_path: Path) -> None:
    """Size and time are those of the file."""
    fill(tmp_path, "a.txt")
    status = (tmp_path / "a.txt").stat()
    assert list(scan(tmp_path, ScanOptions())) == [FoundFile("a.txt", 5, status.st_mtime_ns)]


def test_not_recursive(tmp_path: Path) -> None:
    """Sub-folders are left out when asked to."""
    fill(tmp_path, "a.txt", "b/c.txt")
    assert found(tmp_path, recursive=False) == ["a.txt"]


def test_include_and_exclude(tmp_path: Path) -> None:
    """Excluding wins over including, and an excluded folder takes all below it along."""
    fill(tmp_path, "a.pdf", "a.txt", "x/b.PDF", "x/draft-c.pdf", "old/d.pdf")
    assert found(tmp_path, include=("*.pdf",), exclude=("draft*", "old/")) == ["a.pdf", "x/b.PDF"]


def test_hidden_and_junk(tmp_path: Path) -> None:
    """Hidden files come only when asked for, junk of desktops never."""
    fill(
        tmp_path,
        ".secret/a.txt",
        ".b.txt",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "~$c.docx",
        ".~lock.c.odt#",
    )
    assert found(tmp_path) == []
    assert found(tmp_path, hidden=True) == [".b.txt", ".secret/a.txt"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    """Any name survives: stored as valid UTF-8, and opened again."""
    names = [
        b"caf\xe9.txt",
        b"100%.txt",
        b"a%20b.txt",
        b"%E9.txt",
        b"%25.txt",
        b"%\xe9%25.txt",
        "\u00e9.txt".encode(),
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name)
    files = [file.path for file in scan(tmp_path, ScanOptions())]
    assert {"caf%E9.txt", "100%.txt", "a%20b.txt", "%25E9.txt", "\u00e9.txt"} < set(files)
    for file in files:
        file.encode()
        with open_regular(tmp_path, file) as opened:
            assert os.fsencode(to_os_path(tmp_path, file).name) == opened.read()


def test_stored_paths_are_reversible() -> None:
    """What is escaped is exactly what would be misread otherwise."""
    for name in ("plain", "%", "%%41", "%80", "%2525", "%25", "%\udc80", "a/%FF/\udcff%"):
        stored = to_stored_path(name)
        stored.encode()
        assert str(to_os_path(Path(), stored)) == name


def test_links_inside_are_followed_once(tmp_path: Path) -> None:
    """A link counts where its target is not listed itself, so that no document comes twice."""
    fill(tmp_path, "a.txt", ".store/hidden.txt", ".data/b.txt")
    (tmp_path / "again.txt").symlink_to("a.txt")
    (tmp_path / "shown.txt").symlink_to(".store/hidden.txt")
    (tmp_path / "data").symlink_to(".data")
    (tmp_path / "data2").symlink_to(".data")
    assert found(tmp_path) == ["a.txt", "data/b.txt", "shown.txt"]
    with open_regular(tmp_path, "data/b.txt") as file:
        assert file.read() == b".data/b.txt"


def test_a_link_to_what_the_patterns_leave_out(tmp_path: Path) -> None:
    """A link by a wanted name to a file by an unwanted one is a document."""
    fill(tmp_path, "blobs/123")
    (tmp_path / "a.pdf").symlink_to("blobs/123")
    assert found(tmp_path, include=("*.pdf",)) == ["a.pdf"]


def test_circles(tmp_path: Path) -> None:
    """Links in circles end the walk nowhere and hide nothing."""
    fill(tmp_path, ".d/a.txt")
    (tmp_path / ".d" / "up").symlink_to("..")
    (tmp_path / ".d" / "self").symlink_to("../.d")
    (tmp_path / "in").symlink_to(".d")
    (tmp_path / "x").symlink_to("y")
    (tmp_path / "y").symlink_to("x")
    assert [file.path for file in scan(tmp_path, ScanOptions()) if not file.problem] == ["in/a.txt"]
    assert problems(tmp_path) == {"x": DocumentReason.GONE, "y": DocumentReason.GONE}


def test_links_that_leave(tmp_path: Path) -> None:
    """Links out of the folder are named and not followed."""
    fill(tmp_path, "out/a.txt", "root/b.txt", "rooted/c.txt")
    (tmp_path / "root" / "file.txt").symlink_to("../out/a.txt")
    (tmp_path / "root" / "folder").symlink_to(tmp_path / "out")
    (tmp_path / "root" / "neighbour").symlink_to(tmp_path / "rooted")
    (tmp_path / "root" / "broken").symlink_to("nowhere")
    assert problems(tmp_path / "root") == {
        "broken": DocumentReason.GONE,
        "file.txt": DocumentReason.LEAVES_FOLDER,
        "folder": DocumentReason.LEAVES_FOLDER,
        "neighbour": DocumentReason.LEAVES_FOLDER,
    }


def test_not_files(tmp_path: Path) -> None:
    """Pipes and sockets are named and not opened."""
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        assert problems(tmp_path) == {
            "pipe.txt": DocumentReason.NOT_A_FILE,
            "s.txt": DocumentReason.NOT_A_FILE,
        }


def test_unreadable_sub_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be read is named, and the rest is found. (Permissions do not bind root.)"""
    fill(tmp_path, "a/x.txt", "b.txt")
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [(file.path, file.problem) for file in scan(tmp_path, ScanOptions())] == [
        ("a", DocumentReason.NOT_PERMITTED),
        ("b.txt", None),
    ]


def test_very_deep_trees(tmp_path: Path) -> None:
    """Depth is limited by the operating system, not by Python's recursion."""
    folder = str(tmp_path / "top")
    for _ in range(1_100):
        os.mkdir(folder)  # noqa: PTH102  (pathlib is slow with paths of this length)
        folder += "/d"
    fill(tmp_path, "keep")
    Path(folder).write_text("deepest")
    assert [path[-4:] for path in found(tmp_path)] == ["keep", "/d/d"]
    Path(folder).unlink()
    os.removedirs(folder.removesuffix("/d"))  # pytest removes its folders recursively


def test_lazy(tmp_path: Path) -> None:
    """Files come while folders further on have not been looked at."""
    fill(tmp_path, "a.txt", "z/b.txt")
    files = scan(tmp_path, ScanOptions())
    assert next(files).path == "a.txt"
    fill(tmp_path, "z/c.txt")
    assert [file.path for file in files] == ["z/b.txt", "z/c.txt"]


def test_root_that_is_a_link(tmp_path: Path) -> None:
    """A folder given by a link is the folder it points to."""
    fill(tmp_path, "real/a.txt")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link") == ["a.txt"]
    with open_regular((tmp_path / "link").resolve(), "a.txt") as file:
        assert file.read() == b"real/a.txt"


def test_unusable_folders(tmp_path: Path) -> None:
    """What cannot be searched as a whole is said at once, not when the first file is asked for."""
    fill(tmp_path, "a.txt")
    (tmp_path / "circle").symlink_to("circle")
    for name, words in (("none", "does not exist"), ("a.txt", "not a folder"), ("circle", "cannot be read")):
        with pytest.raises(FolderUnusable, match=words):
            scan(tmp_path / name, ScanOptions())
