"""Opening and hashing documents."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from docstage import opening
from docstage.domain.content import DocumentReason
from docstage.extraction import files
from docstage.extraction.files import FileProblem, Fingerprint, fingerprint, open_regular, read_regular


def reason(root: Path, path: str) -> DocumentReason:
    """Why a file cannot be opened."""
    with pytest.raises(FileProblem) as caught:
        open_regular(root, path)
    assert caught.value.detail.endswith(".")
    return caught.value.reason


def test_fingerprint(tmp_path: Path) -> None:
    """The fingerprint is hash, size and time of the file."""
    (tmp_path / "a").write_bytes(b"abc")
    expected = Fingerprint(hashlib.sha256(b"abc").hexdigest(), 3, (tmp_path / "a").stat().st_mtime_ns)
    assert fingerprint(tmp_path, "a") == expected
    with pytest.raises(FileProblem, match="limit"):
        fingerprint(tmp_path, "a", max_bytes=2)


def test_reasons(tmp_path: Path) -> None:
    """Everything that is no regular file inside the folder is refused with its reason, and nothing hangs."""
    (tmp_path / "root" / "folder").mkdir(parents=True)
    (tmp_path / "out.txt").write_text("secret")
    root = tmp_path / "root"
    os.mkfifo(root / "pipe")
    (root / "link").symlink_to("../out.txt")
    (root / "circle").symlink_to("circle")
    assert reason(root, "none") is DocumentReason.GONE
    assert reason(root, "folder") is DocumentReason.NOT_A_FILE
    assert reason(root, "pipe") is DocumentReason.NOT_A_FILE
    assert reason(root, "link") is DocumentReason.LEAVES_FOLDER
    assert reason(root, "circle") in (DocumentReason.GONE, DocumentReason.LEAVES_FOLDER)
    assert reason(root, "../out.txt") is DocumentReason.LEAVES_FOLDER
    assert reason(root, "/etc/passwd") is DocumentReason.LEAVES_FOLDER
    assert reason(root, "a\x00b") is DocumentReason.GONE
    assert reason(root, "") is DocumentReason.NOT_A_FILE


def test_socket(tmp_path: Path) -> None:
    """A socket is not a file."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert reason(tmp_path, "s") is DocumentReason.NOT_A_FILE


def test_device() -> None:
    """A device is not a file."""
    assert reason(Path("/dev"), "null") is DocumentReason.NOT_A_FILE


def test_parent_swapped_for_a_link(tmp_path: Path) -> None:
    """A folder that became a link out of the folder after the scan does not lead out."""
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("secret")
    (tmp_path / "root" / "a").rmdir()
    (tmp_path / "root" / "a").symlink_to(tmp_path / "out")
    assert reason(tmp_path / "root", "a/x") is DocumentReason.LEAVES_FOLDER


def test_parent_swapped_between_resolving_and_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a swap at the worst moment is noticed, because no component is opened through a link."""
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "root" / "a" / "x").write_text("fine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").write_text("secret")
    real = opening.open_below

    def swap_then_open(root: Path, parts: tuple[str, ...], flags: int) -> int:
        (tmp_path / "root" / "a").rename(tmp_path / "root" / "b")
        (tmp_path / "root" / "a").symlink_to(tmp_path / "out")
        return real(root, parts, flags)

    monkeypatch.setattr(files, "open_below", swap_then_open)
    assert reason(tmp_path / "root", "a/x") in (DocumentReason.GONE, DocumentReason.LEAVES_FOLDER)


def test_changing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows while it is read is not taken for a document."""
    (tmp_path / "a").write_bytes(b"abc")
    real = files._check_size

    def grow(size: int, max_bytes: int | None) -> None:
        with (tmp_path / "a").open("ab") as file:
            file.write(b"more")
        real(size, max_bytes)

    monkeypatch.setattr(files, "_check_size", grow)
    with pytest.raises(FileProblem) as caught:
        read_regular(tmp_path, "a", 100)
    assert caught.value.reason is DocumentReason.CHANGING
    with pytest.raises(FileProblem) as caught:
        fingerprint(tmp_path, "a")
    assert caught.value.reason is DocumentReason.CHANGING


def test_read(tmp_path: Path) -> None:
    """All bytes come with the status of the same file; larger files are not read."""
    (tmp_path / "a").write_bytes(b"abc")
    data, status = read_regular(tmp_path, "a", 3)
    assert (data, status.st_size) == (b"abc", 3)
    with pytest.raises(FileProblem) as caught:
        read_regular(tmp_path, "a", 2)
    assert caught.value.reason is DocumentReason.TOO_LARGE
