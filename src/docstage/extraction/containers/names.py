"""Names of members as paths that are safe, distinct and the same each time.

What is written in an archive may lead elsewhere, come twice, or be no text. The paths made of it never leave
the container, differ from each other also where letter case does not count, and none is a folder of another:
so a path says by itself which member of which container it means.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from docstage.extraction.extractors.text.decoding import decode

_MOST_CHARACTERS = 160  # of one name
_MOST_FOLDERS = 20
_SEPARATORS = re.compile(r"[/\\]+")
_DRIVE = re.compile(r"[A-Za-z]:")
# Controls, what cannot be stored, and marks that turn the direction of writing, which hide a name's ending.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# What systems leave in folders and beside open documents; macOS puts resource forks into a folder of its own.
_JUNK = re.compile(
    r"(?:^|/)(?:__macosx/.*|\.ds_store|thumbs\.db|desktop\.ini|\._[^/]*|~\$[^/]*|\.~lock\.[^/]*#)$",
    re.IGNORECASE,
)
_LATIN = re.compile("[\x20-\x7e\u00c0-\u024f]*")


def safe_paths(names: Sequence[str]) -> list[str]:
    """A path for each member, in their order."""
    wanted = [_clean(name) for name in names]
    taken = {_key(folder) for path in wanted for folder in _folders(path)}
    numbers: dict[str, int] = {}
    return [_free(path, taken, numbers) for path in wanted]


def is_junk(path: str) -> bool:
    """Whether a file only serves the program or the system that made the archive."""
    return _JUNK.search(path) is not None


def file_name(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


def decoded(raw: Sequence[bytes], usual: str) -> list[str]:
    """Names that were written as bytes: in UTF-8, in the code page that is usual, or in one that is guessed.

    Args:
        usual: the code page that the format's specification names, or its programs use.
    """
    guessed: list[str] | None = None
    texts: list[str] = []
    for one in raw:
        text = _unambiguous(one, usual)
        if text is None and guessed is None:
            guessed = _guess(raw, usual)
        texts.append(text if text is not None else (guessed or [])[len(texts)])
    return texts


def _unambiguous(raw: bytes, usual: str) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode(usual, "replace")
        # Names of another code page come out of it with signs and frames among the letters.
        return text if _LATIN.fullmatch(text) else None


def _guess(raw: Sequence[bytes], usual: str) -> list[str]:
    """All names by one encoding, guessed of all together: one name is too short for that."""
    joined = b"\n".join(one.replace(b"\n", b"_") for one in raw)
    lines = (decode(joined) or "").split("\n")
    return lines if len(lines) == len(raw) else [one.decode(usual, "replace") for one in raw]


def _clean(name: str) -> str:
    parts = [_part(part) for part in _SEPARATORS.split(unicodedata.normalize("NFC", name))]
    kept = [part for part in parts if part]
    if len(kept) > _MOST_FOLDERS:
        kept = [*kept[: _MOST_FOLDERS // 2], "…", *kept[-_MOST_FOLDERS // 2 :]]
    return "/".join(kept) or "unnamed"


def _part(name: str) -> str:
    """One name without what misleads, empty where it says nothing: `.`, `..`, a drive."""
    name = _ODD.sub("_", name).strip()
    if not name.strip(".") or _DRIVE.fullmatch(name):
        return ""
    if len(name) <= _MOST_CHARACTERS:
        return name
    stem, ending = _split(name)
    return f"{stem[: _MOST_CHARACTERS - len(ending) - 1]}…{ending}"


def _split(name: str) -> tuple[str, str]:
    """A name's stem and its ending with the dot."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and 0 < len(ending) <= 10 else (name, "")


def _folders(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _free(path: str, taken: set[str], numbers: dict[str, int]) -> str:
    """The path, with a number where it is taken."""
    key = _key(path)
    if key in taken:
        folder, slash, name = path.rpartition("/")
        stem, ending = _split(name)
        number = numbers.get(key, 1)
        original = key
        while key in taken:
            number += 1
            path = f"{folder}{slash}{stem} ({number}){ending}"
            key = _key(path)
        numbers[original] = number
    taken.add(key)
    return path


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
