"""Strings for schema answers: by format, by pattern, by the property's name."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from docstage.simulator.facts import Facts

_NO_DATE = "1970-01-01"
# Parts of property names and the facts that they ask for, the first match counting.
_BY_NAME: tuple[tuple[re.Pattern[str], Callable[[Facts], tuple[str, ...]]], ...] = (
    (re.compile("date|deadline|day|until|since|valid|due"), lambda facts: facts.dates),
    (re.compile("mail"), lambda facts: facts.emails),
    (re.compile("amount|total|price|cost|sum$|fee|rent|value"), lambda facts: facts.amounts),
    (re.compile("title|subject|heading"), lambda facts: (facts.title,)),
    (
        re.compile("name|part(y|ies)|vendor|customer|supplier|author|person|company"),
        lambda facts: facts.names,
    ),
)


def string_value(
    schema: Mapping[str, Any], name: str, facts: Facts, sentences: Sequence[str], index: int
) -> str:
    """A string for a property: by its format, else its pattern, else its name, else a fitting sentence."""
    if made := _formatted(schema.get("format", ""), facts, index):
        return made
    if pattern := schema.get("pattern"):
        return _matching(pattern, facts.text)
    found = next((find(facts) for hint, find in _BY_NAME if hint.search(name.lower())), ())
    candidates = found or sentences
    text = candidates[index % len(candidates)] if candidates else "not stated"
    return _fitted(text, schema.get("minLength", 0), schema.get("maxLength"))


def _formatted(kind: str, facts: Facts, index: int) -> str:
    """A string of the format, or an empty one when the format asks for nothing special."""
    day = facts.dates[index % len(facts.dates)] if facts.dates else _NO_DATE
    email = facts.emails[index % len(facts.emails)] if facts.emails else "nobody@example.org"
    made = {
        "date": day,
        "date-time": f"{day}T00:00:00Z",
        "time": "00:00:00Z",
        "duration": "P1D",
        "email": email,
        "idn-email": email,
        "uri": "https://example.org/",
        "uri-reference": "https://example.org/",
        "hostname": "example.org",
        "ipv4": "192.0.2.1",
        "ipv6": "2001:db8::1",
        "uuid": str(UUID(int=index)),
    }
    return made.get(kind, "")


def _matching(pattern: str, text: str) -> str:
    """A string that fulfils a regular expression: one from the document, else a simple one.

    Raises:
        ValueError: none was found.
    """
    inner = pattern.removeprefix("^").removesuffix("$")
    samples = (match.group() for match in re.finditer(inner, text))
    simple = ("A", "a", "0", "00", "000", "0000", "AA", "AAA", "A0", "AB-123", "2000-01-01", "1.00", "+1")
    for candidate in (*samples, *simple):
        if re.search(pattern, candidate):
            return candidate
    raise ValueError(f"nothing fulfils the pattern {pattern}")


def _fitted(text: str, least: int, most: int | None) -> str:
    return text.ljust(least, ".")[:most]
