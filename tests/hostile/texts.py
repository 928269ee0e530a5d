"""Endless texts, pages and mails."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path


def sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(b"a,b,c")
            file.truncate(size)

    return make


def page(body: str) -> bytes:
    return f"<!doctype html><html><head><title>a</title></head><body>{body}</body></html>".encode()


def multiparts(depth: int) -> bytes:
    lines = ["Subject: a", "From: b", "MIME-Version: 1.0"]
    for n in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="b{n}"', "", f"--b{n}"]
    return "\r\n".join([*lines, "Content-Type: text/plain", "", "deep"]).encode()


def mails(depth: int) -> bytes:
    inner = "Subject: innermost\r\n\r\ndeep\r\n"
    head = "Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    return (head * depth + inner).encode()


def mail(attachments: Mapping[str, bytes]) -> bytes:
    """A mail with these files."""
    parts = ['Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n']
    parts.append("--b\r\nContent-Type: text/plain\r\n\r\nSee the attachments.\r\n")
    for name, data in attachments.items():
        parts.append(
            f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{base64.b64encode(data).decode()}\r\n'
        )
    return ("".join(parts) + "--b--\r\n").encode()


def mail_page(body: bytes) -> bytes:
    packed = base64.encodebytes(b"<html><body>" + body)
    return b"Subject: a\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + packed


def mail_crowd() -> bytes:
    part = "--b\r\nContent-Type: application/x; name=a.txt\r\n\r\nx\r\n"
    return (
        'Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + part * 200_000
    ).encode()


def mailbox() -> bytes:
    return b"From a@b Mon Jan  1 00:00:00 2024\nSubject: a\nFrom: b\nTo: c\n\nx\n\n" * 300_000
