"""Finds the value that an answer is, and has it checked. Nothing is mended: what is found was written so."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docstage.models.schemas.validation import BadAnswer, check_value

_FENCE = re.compile(r"(```+|~~~+)[^`]*\Z")
# What may begin an object or an array of JSON; other braces and brackets are prose.
_OPENING = re.compile(r'\{(?=\s*["}])|\[(?=\s*["\[{\]\-0-9tfn])')
_MARK = re.compile(r'["\\{}\[\]]')
_MOST = 100  # values in one answer that are looked at, the last of them
# A call of a tool that was written as text has its arguments in one of these.
_ARGUMENTS = ("arguments", "parameters", "input")
_OF_CALLS = frozenset({"name", "id", "type", *_ARGUMENTS})


class _NotJson(BadAnswer):
    pass


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer's value must be.

    Attributes:
        schema: the user's own.
        restored: makes of what the provider was asked for what the schema asks for.
    """

    schema: Mapping[str, Any]
    restored: Callable[[Any], Any] = _as_it_is


def parse_answer(text: str, wanted: Wanted, arguments: Sequence[str] = ()) -> Any:
    """The value of an answer: the whole text, arguments of tools, what is in code fences, or amid prose.

    In this order, the first of these places in which values fulfil the schema decides. Where it has different
    ones nobody can tell which is meant, and none is taken.

    Args:
        arguments: with which the model called tools, each as JSON.

    Raises:
        BadAnswer: there is no JSON, none that fulfils the schema, or more than one that does.
    """
    faults: list[BadAnswer] = []
    whole = [text.strip().lstrip("\ufeff")]
    for place in (whole, arguments[-_MOST:], list(_fenced(text))[-_MOST:], _in_prose(text)):
        fitting = _fitting(place, wanted, faults)
        if len(fitting) > 1:
            raise BadAnswer(
                f"The answer has {len(fitting)} different JSON values that fulfil the schema: nobody can "
                "tell which is meant."
            )
        if fitting:
            return fitting[0]
    misfits = [fault for fault in faults if not isinstance(fault, _NotJson)]
    raise misfits[-1] if misfits else faults[0]


def is_json(text: str) -> bool:
    """Whether all of a text is an object or an array of JSON."""
    try:
        return text.lstrip()[:1] in ("{", "[") and _read(text) is not None
    except BadAnswer:
        return False


def _fitting(texts: Iterable[str], wanted: Wanted, faults: list[BadAnswer]) -> list[Any]:
    """The different values that fulfil the schema; what is wrong with others is added to the faults."""
    found: dict[str, Any] = {}
    for text in texts:
        try:
            value = _fit(text, wanted)
        except BadAnswer as fault:
            faults.append(fault)
        else:
            found[json.dumps(value, sort_keys=True)] = value
    return list(found.values())


def _fit(text: str, wanted: Wanted) -> Any:
    """The value of a JSON text, as the provider was asked for it or as the user's schema has it."""
    value = _read(text)
    faults: list[BadAnswer] = []
    for found in _forms(value):
        for form in (wanted.restored, _as_it_is):
            try:
                return _checked(form(found), wanted.schema)
            except BadAnswer as fault:
                faults.append(fault)
    raise faults[0]


def _forms(value: Any) -> Iterator[Any]:
    """The value, and what it wraps: JSON in a string, or the arguments of a tool."""
    yield value
    if isinstance(value, dict) and value.keys() <= _OF_CALLS:
        value = next((value[name] for name in _ARGUMENTS if name in value), None)
        yield value
    if isinstance(value, str):
        try:
            yield _read(value)
        except BadAnswer:
            return


def _checked(value: Any, schema: Mapping[str, Any]) -> Any:
    if value == schema:
        raise BadAnswer("The answer is the schema itself.")
    check_value(value, schema)
    return value


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise _NotJson(f"The answer is not JSON: {error}.") from None
    except RecursionError:
        raise _NotJson("The answer is nested too deeply.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _fenced(text: str) -> Iterator[str]:
    """What is in the code fences of a Markdown text."""
    fence, block = "", list[str]()
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not fence:
            opening = _FENCE.match(bare)
            fence, block = (opening.group(1) if opening else ""), []
        elif bare.startswith(fence) and not bare.strip(fence[0]):
            yield "".join(block)
            fence = ""
        else:
            block.append(line)


def _in_prose(text: str) -> list[str]:
    """The outermost objects and arrays in a text; none where one has no end: what it holds are parts."""
    found: list[str] = []
    opening = _OPENING.search(text)
    while opening is not None:
        end = _end(text, opening.start())
        if end is None:
            return []
        found.append(text[opening.start() : end])
        opening = _OPENING.search(text, end)
    return found[-_MOST:]


def _end(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at `start`, None where there is none."""
    depth, in_string, escaped = 0, False, -1
    for found in _MARK.finditer(text, start):
        mark, at = found.group(), found.start()
        if at == escaped:
            continue
        if mark == "\\":
            escaped = at + 1
        elif mark == '"':
            in_string = not in_string
        elif not in_string:
            depth += 1 if mark in "{[" else -1
            if depth == 0:
                return at + 1
    return None
