"""What a secret must look like: one line of printable characters, which a header of a request can carry.

Faults are told in words that follow the name of what held the secret, such as "has several lines", and never
repeat any of it.
"""

import re
import unicodedata

MOST_CHARACTERS = 10_000
MOST_HEADER_CHARACTERS = 4_000
_BYTE_ORDER_MARK = "\ufeff"
_BLANKS = " \t"
_LINE_ENDS = "\r\n"
# What people copy along with a key.
_SCHEME = re.compile(r"bearer\s", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]*(?:KEY|TOKEN)\s*=\s*\S{4}")
_QUOTES = ("''", '""', "``", "\u201c\u201d", "\u2018\u2019")


def clean_secret(text: str) -> str:
    """A secret without a byte order mark, and without blanks and line ends around it.

    Raises:
        ValueError: it is empty, or cannot be one.
    """
    secret = _bare(text)
    if not secret:
        raise ValueError("is empty")
    _check_shape(secret)
    _check_line(secret, MOST_CHARACTERS)
    return secret


def clean_header(text: str) -> str:
    """The value of a header, cleaned in the same way; it may be empty, and has only ASCII characters.

    Raises:
        ValueError: no header can have this value.
    """
    value = _bare(text)
    _check_line(value, MOST_HEADER_CHARACTERS)
    check_ascii(value)
    return value


def clean_name(text: str) -> str:
    """A text that names something, such as a path: one line of printable characters of any script.

    Raises:
        ValueError: it is not.
    """
    name = _bare(text)
    _check_printable(name)
    return name


def check_ascii(secret: str) -> None:
    """Refuse what only some servers understand.

    Raises:
        ValueError: it has other characters than those of ASCII.
    """
    if not secret.isascii():
        place = next(n for n, one in enumerate(secret, 1) if not one.isascii())
        raise ValueError(f"has a character at place {place} that is neither a plain letter, digit nor sign")


def _bare(text: str) -> str:
    return text.removeprefix(_BYTE_ORDER_MARK).rstrip(_BLANKS + _LINE_ENDS).lstrip(_BLANKS)


def _check_shape(secret: str) -> None:
    if _SCHEME.match(secret):
        raise ValueError("begins with 'Bearer': give only what follows it")
    if _ASSIGNMENT.match(secret):
        raise ValueError("begins with a name and =: give only the key behind it")
    if any(len(secret) > 1 and (secret[0], secret[-1]) == tuple(pair) for pair in _QUOTES):
        raise ValueError("is in quotation marks: leave them out")


def _check_line(secret: str, most: int) -> None:
    if len(secret) > most:
        raise ValueError(f"has more than {most:,} characters")
    _check_printable(secret)
    for place, character in enumerate(secret, 1):
        if character > "\xff":
            raise ValueError(f"has a character at place {place} that no request can carry in a header")


def _check_printable(text: str) -> None:
    if len(text.splitlines()) > 1:
        raise ValueError("has several lines, and must be one")
    for place, character in enumerate(text, 1):
        if not character.isprintable():
            raise ValueError(f"has a character at place {place} that cannot be printed: {_named(character)}")


def _named(character: str) -> str:
    """An invisible character, so that people can find it; it is no part of a secret."""
    name = unicodedata.name(character, "a control character").lower()
    return f"{name} (U+{ord(character):04X})"
