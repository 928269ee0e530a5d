"""Archives, mails and mailboxes as small as they can be."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage


def zip_of(files: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(
    files: Mapping[str, bytes | str], packing: str = "", links: Mapping[str, str] | None = None
) -> bytes:
    """A tar archive: `packing` is empty, `gz`, `bz2` or `xz`; `links` are symbolic ones by their names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]  # any packing
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return buffer.getvalue()


def mail_with(
    files: Mapping[str, bytes], text: str = "See what is attached.", subject: str = "Offer"
) -> bytes:
    """A mail with attachments."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "a@example.com", "b@example.com"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    mail.set_content("See what is attached.")
    for name, data in files.items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def mailbox_of(*mails: bytes) -> bytes:
    """An mbox file."""
    return b"".join(b"From a@example.com Mon Mar  2 10:00:00 2026\n" + mail + b"\n\n" for mail in mails)
