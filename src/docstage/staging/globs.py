"""Include and exclude patterns, with the meaning people know from .gitignore files."""

import re
import unicodedata
from collections.abc import Iterable


class Globs:
    """A set of patterns that a relative path can match.

    A pattern without a slash matches a name at any depth (`*.pdf`); one with a slash matches the whole path
    from the folder downwards (`reports/**/*.txt`, `/notes.md`). A pattern that matches a folder covers
    everything below it. `*` and `?` stay within one name, `**` crosses folders, `[a-c]` and `[!a-c]` are
    sets. Letter case and Unicode composition make no difference.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        expressions = [_translate(_fold(pattern.strip())) for pattern in patterns if pattern.strip(" /")]
        self._expression = re.compile("|".join(expressions)) if expressions else None

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return self._expression is not None

    def match(self, path: str) -> bool:
        """Whether a relative path with POSIX separators matches any of the patterns."""
        return self._expression is not None and self._expression.fullmatch(_fold(path)) is not None


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _translate(pattern: str) -> str:
    pattern = pattern.removeprefix("./")
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/")
    prefix = "" if anchored else "(?:.*/)?"
    return f"(?s:{prefix}{_body(pattern)}(?:/.*)?)"


def _body(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        assert token is not None  # the last alternative takes any character
        parts.append(_expression(token.group()))
        at = token.end()
    return "".join(parts)


_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]+\]|.", re.DOTALL)
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _expression(token: str) -> str:
    if token in _WILD:
        return _WILD[token]
    if len(token) > 1:
        negated = token[1] == "!"
        members = token[2 if negated else 1 : -1].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]")
        members = (
            members.replace("^", r"\^").replace("&&", r"&\&").replace("||", r"|\|").replace("~~", r"~\~")
        )
        return f"(?!/)[{'^' if negated else ''}{members}]"
    return re.escape(token)
