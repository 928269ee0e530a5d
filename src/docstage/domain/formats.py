"""What formats of texts mean in answers: a date is a day that exists, not only digits in its shape.

JSON Schema leaves it open whether `format` is checked. These are, since somebody who asks for a date relies
on it; all others stay notes to the model.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from jsonschema import FormatChecker

#: How fields of the type date were written before they had a format; in a schema it means the same.
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"(?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;.]+(?:\.[^\s@<>,;.]+)+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text) and date.fromisoformat(text))


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    # RFC 3339 knows leap seconds, Python's times do not.
    clock = found["clock"].removesuffix("60") + "59" if found["clock"].endswith(":60") else found["clock"]
    zone = "" if found["zone"] in "Zz" else found["zone"]
    return bool(time.fromisoformat(clock + zone) is not None)


def _is_moment(text: str) -> bool:
    day, mark, rest = text[:10], text[10:11], text[11:]
    return mark in {"T", "t", " "} and _is_date(day) and _is_time(rest)


def _is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _is_uuid(text: str) -> bool:
    return bool(_UUID.fullmatch(text) and UUID(text))


#: Each checked format with its test, which may raise ValueError, and what such a text is in words.
_FORMATS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "date": (_is_date, "a day that exists, written YYYY-MM-DD"),
    "time": (_is_time, "a time of the day with its zone, such as 14:30:00Z"),
    "date-time": (_is_moment, "a day and time with its zone, such as 2026-03-31T14:30:00Z"),
    "email": (_is_email, "an e-mail address"),
    "ipv4": (lambda text: ipaddress.IPv4Address(text) is not None, "an IPv4 address"),
    "ipv6": (lambda text: ipaddress.IPv6Address(text) is not None, "an IPv6 address"),
    "uuid": (_is_uuid, "a UUID"),
}
CHECKED = frozenset(_FORMATS)


@lru_cache(maxsize=1)
def format_checker() -> "FormatChecker":
    """Checks the formats named here, and no others."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    # The class keeps one table for all its instances.
    checker.checkers = {}
    for name, (holds, _words) in _FORMATS.items():
        checker.checks(name, raises=ValueError)(_of_texts(holds))
    return checker


def in_words(name: str) -> str | None:
    """What a text of the format is, such as `a UUID`; None when it is not checked here."""
    return _FORMATS[name][1] if name in _FORMATS else None


def with_formats(node: Any) -> Any:
    """A copy of a schema in which the old way of writing a date has the format it means."""
    if isinstance(node, list):
        return [with_formats(item) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {
        name: value if name in {"enum", "const", "default", "examples"} else with_formats(value)
        for name, value in node.items()
    }
    if copied.get("pattern") == DATE_PATTERN and "format" not in copied:
        copied["format"] = "date"
    return copied


def _of_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)
