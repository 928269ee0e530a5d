"""Tar archives, packed or not, by Python's tarfile. Links, devices and pipes in them are no files."""

import io
import tarfile
from functools import partial
from itertools import islice

from docstage.extraction.containers.base import Entry, Opened, Overfull, damaged, damaged_member
from docstage.extraction.containers.bounded import Bounded
from docstage.extraction.containers.names import decoded, safe_paths
from docstage.extraction.packed_streams import BROKEN, stream_of

_BLOCK = 512
_CROWD = 100_000
_TROUBLES = (tarfile.TarError, *BROKEN)


def open_tar(data: bytes, _name: str, most: int, room: int) -> Opened:
    """Open a tar archive. See `Opener`."""
    packed = stream_of(data)
    try:
        file = Bounded(packed, room) if packed else io.BytesIO(data)
        archive = tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    except _TROUBLES as error:
        raise damaged() from error
    members, left_out, limited = _members(archive)
    if not left_out:
        left_out = _ending(archive.offset, members, file)
    files = [member for member in members if member.isreg()]
    hard = [member for member in members if member.islnk()]
    others = sum(1 for member in members if member.issym() or member.isdev())
    chosen = sorted([*files, *hard], key=lambda member: member.offset)
    named = zip(safe_paths(_names(chosen)), chosen, strict=True)
    entries = [
        Entry(path, None if member.islnk() else member.size, partial(_read, archive, member))
        for path, member in islice(named, most)
    ]
    notes = (f"{others:,} links, devices and pipes in it are no files.",) if others else ()
    return Opened(entries, len(chosen), notes, left_out, limited)


def _members(archive: tarfile.TarFile) -> tuple[list[tarfile.TarInfo], tuple[str, ...], bool]:
    """The members that can be read, what keeps from going on, and whether that is a limit."""
    members: list[tarfile.TarInfo] = []
    try:
        while (member := archive.next()) is not None:
            if len(members) >= _CROWD:
                return members, (f"What comes after its first {_CROWD:,} members is not read.",), True
            members.append(member)
    except Overfull as problem:
        return members, (f"What comes after its file {_last(members)} is not read: {problem.detail}",), True
    except _TROUBLES:
        lost = f"It is damaged or cut off after its file {_last(members)}: what follows is lost."
        return members, (lost,), False
    return members, (), False


def _last(members: list[tarfile.TarInfo]) -> str:
    return safe_paths(_names(members[-1:]))[0] if members else "header"


def _ending(at: int, members: list[tarfile.TarInfo], file: Bounded | io.BytesIO) -> tuple[str, ...]:
    """What is lost where the next header would be: tarfile takes a damaged one for the end."""
    try:
        file.seek(at)
        block = file.read(_BLOCK)
    except (*_TROUBLES, Overfull):
        return ("It is damaged or cut off at its end.",)
    if block.strip(b"\0"):
        return (f"It is damaged behind its file {_last(members)}: what follows is lost.",)
    return ()


def _names(members: list[tarfile.TarInfo]) -> list[str]:
    return decoded([member.name.encode("utf-8", "surrogateescape") for member in members], "cp1252")


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    if member.size > most:
        raise Overfull(f"It has {member.size / 2**20:,.0f} MiB; the limit is {most / 2**20:,.0f} MiB.")
    try:
        file = archive.extractfile(member)
        data = file.read(most + 1) if file else b""
    except (*_TROUBLES, KeyError, RecursionError) as error:
        raise damaged_member() from error
    if len(data) > most:
        raise Overfull(f"It is larger than {most / 2**20:,.0f} MiB.")
    if not member.islnk() and len(data) < member.size:
        raise damaged_member()
    return data
