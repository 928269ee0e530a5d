"""Reads what servers say when they fail: the words for people, the codes for programs, and waits.

Servers put them in many places, and gateways put the answer of the server behind them into their own, as
JSON or as text that has JSON within it. So a body is read from the outside in, whatever its shape.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_BODY = 100_000  # bytes of an unusable answer that are looked at
_DEEPEST = 6
_MOST_PARTS = 8
_TAGS = re.compile(r"<(script|style|title)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_CODES = (
    "code",
    "type",
    "status",
    "reason",
    "error_type",
    "error_code",
    "errorcode",
    "__type",
    "finish_reason",
)
_WORDS = ("message", "msg", "error_description", "title", "reason", "description")
# Where gateways and frameworks put what went wrong below them.
_INNER = (
    "error",
    "errors",
    "detail",
    "details",
    "innererror",
    "inner_error",
    "metadata",
    "raw",
    "cause",
    "param",
)
_GENERIC = re.compile(r"(?:provider returned error|bad request|error|param incorrect)[.!]?", re.IGNORECASE)
_CODE_LIKE = re.compile(r"\S+")
_PYTHON_ESCAPES = str.maketrans({"\n": " "})


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What the body of an unsuccessful answer says.

    Attributes:
        message: for people.
        codes: for programs, in lower case: its code, type, status and the like, also of servers behind it.
        waits: what it says in members of its own about when to come again: durations such as `36s`, and
            headers of servers behind it.
        quotas: names of Google's quotas that were used up, such as `GenerateRequestsPerDayPerProject`.
        is_page: it is a web page.
        is_structured: it is JSON, so that a program and not a gateway's page has said it.
        written: what the model had written, where the server says that it could not use it.
    """

    message: str
    codes: frozenset[str] = frozenset()
    waits: Mapping[str, str] = field(default_factory=dict)
    quotas: tuple[str, ...] = ()
    is_page: bool = False
    is_structured: bool = False
    written: str | None = None


def read_error(body: bytes) -> ErrorBody:
    """The error in a body: JSON of any shape, a web page, or plain text."""
    text = body[:LONGEST_BODY].decode("utf-8", "replace").strip().lstrip("\ufeff")
    try:
        data = json.loads(without_keep_alives(text))
    except (ValueError, RecursionError):
        return _error_of_text(text)
    return error_of(data)


def error_of(data: object) -> ErrorBody:
    """The error in a parsed body."""
    if isinstance(data, str):
        return _error_of_text(data)
    reading = _Reading()
    reading.read(data)
    message = reading.message() or _as_json(_innermost(data))
    return ErrorBody(
        message,
        frozenset(reading.codes),
        reading.waits,
        tuple(reading.quotas),
        is_structured=True,
        written=reading.written,
    )


def without_keep_alives(text: str) -> str:
    """A body without the comments and blank lines that servers send to keep a connection open.

    OpenRouter sends `: OPENROUTER PROCESSING`, DeepSeek blank lines (their documentation on keep-alive).
    """
    lines = text.splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith(":")):
        del lines[0]
    return "\n".join(lines)


def _error_of_text(text: str) -> ErrorBody:
    if not text.startswith("<"):
        reading = _Reading()
        reading.read(text)
        return ErrorBody(reading.message(), frozenset(reading.codes), reading.waits, tuple(reading.quotas))
    title = _TITLE.search(text)
    shown = " ".join(_TAGS.sub(" ", text).split())
    heading = " ".join(title.group(1).split()) if title else ""
    return ErrorBody(shown if heading in shown else f"{heading}: {shown}", is_page=True)


class _Reading:
    """What was found so far, from the outside in."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.waits: dict[str, str] = {}
        self.quotas: list[str] = []
        self.written: str | None = None
        self._messages: list[str] = []

    def message(self) -> str:
        """All that is said, without what says nothing or is part of something else."""
        told = [said for said in self._messages if not _GENERIC.fullmatch(said)] or self._messages[:1]
        kept: list[str] = []
        for said in told:
            if not any(said in other for other in kept):
                kept = [other for other in kept if other not in said] + [said]
        return " ".join(kept)

    def read(self, value: object, depth: int = 0) -> None:
        """Read a part of a body: text, an object or a list of them."""
        if depth > _DEEPEST:
            return
        if isinstance(value, str):
            self._read_text(value, depth)
        elif isinstance(value, Mapping):
            self._read_object(value, depth)
        elif isinstance(value, Sequence) and not isinstance(value, bytes):
            for one in value[:_MOST_PARTS]:
                self.read(one, depth + 1)

    def _read_text(self, text: str, depth: int) -> None:
        found = _object_in(text)
        if found is None:
            self._say(text)
            return
        before, inner = found
        self._say(before.strip(" -:"))
        self.read(inner, depth + 1)

    def _read_object(self, value: Mapping[object, object], depth: int) -> None:
        members = {str(name).lower(): one for name, one in value.items()}
        if "msg" in members and "loc" in members:  # a framework's list of faults, which repeats the request
            self._say(f"{_path(members['loc'])}: {members['msg']}")
            return
        for name in _CODES:
            self._add_code(members.get(name))
        for name in _WORDS:
            if isinstance(said := members.get(name), str) and not (name == "reason" and _is_code(said)):
                self._read_text(said, depth)
        self._read_particulars(members)
        for name in _INNER:
            if name in members and not _is_code(members[name]):
                self.read(members[name], depth + 1)

    def _read_particulars(self, members: Mapping[str, object]) -> None:
        """Members that only some servers have: Google's details, a gateway's headers, Groq's own."""
        for name in (
            "retrydelay",
            "retry_after",
            "retry_after_seconds",
            "resets_at",
            "reset_at",
            "estimated_time",
        ):
            if isinstance(said := members.get(name), str | int | float) and not isinstance(said, bool):
                self.waits[name] = str(said)
        for violation in _objects(members.get("violations")):
            self.quotas.append(str(violation.get("quotaId", "")))
            if violation.get("quotaValue") == "0":
                self._say("limit: 0")
        for name, said in _pairs(members.get("headers")):
            self.waits[name.lower()] = said
        if isinstance(written := members.get("failed_generation"), str) and written:
            self.written = written

    def _add_code(self, code: object) -> None:
        if isinstance(code, str) and code and not _is_code(code):
            self._say(code)  # xAI's codes are sentences
        elif isinstance(code, str | int) and not isinstance(code, bool):
            # Amazon's types have a namespace before them, or an address behind: `com.amazon#Name:http://…`.
            self.codes.add(str(code).lower().rsplit("#", 1)[-1].split(":", 1)[0])

    def _say(self, text: str) -> None:
        words = " ".join(text.split())
        if words:
            self._messages.append(words)


def _object_in(text: str) -> tuple[str, object] | None:
    """The object within a text, as JSON or as Python writes it, and what stands before it."""
    start = text.find("{")
    if start < 0 or len(text) > LONGEST_BODY:
        return None
    for candidate in _candidates(text[start:]):
        if isinstance(candidate, dict):
            return text[:start].removesuffix("b'").removesuffix("["), candidate
    return None


def _candidates(text: str) -> Iterator[object]:
    whole = text[: text.rfind("}") + 1]
    for form in (text, whole.replace("\\n", " ").replace("\\'", "'").replace('\\"', '"')):
        try:
            yield json.JSONDecoder().raw_decode(form)[0]
        except (ValueError, RecursionError):
            continue
    try:
        yield ast.literal_eval(whole.translate(_PYTHON_ESCAPES))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE_LIKE.fullmatch(value) is not None


def _path(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return ".".join(str(part) for part in parts)


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(name), str(said)) for name, said in value.items())


def _innermost(data: object) -> object:
    inner = data.get("error") if isinstance(data, dict) else None
    return inner or data


def _as_json(data: object) -> str:
    return json.dumps(data, default=str)
