"""Which rules go with a part of a schema, and what the model is told of the others."""

import json
import re
from collections.abc import Iterable
from typing import Any

from docstage.domain.formats import in_words
from docstage.models.schemas.dialects import Dialect
from docstage.models.schemas.nodes import Node, Rule

_LONGEST_RULE = 300
# Not read alike by all engines of regular expressions: look-around, references, boundaries, Unicode classes.
_STRANGE = re.compile(r"\(\?(?!:)|\\(?![dws.\-/()\[\]{}|^$*+?\\])|[+*?}]\+|\[\[|&&")
_LARGEST = 2**53  # of what every reader of JSON takes for the same number
_COUNTS = ("minItems", "maxItems")
_WORDS = {
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "pattern": "matches the regular expression {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "uniqueItems": "no item twice",
    "oneOf": "exactly one of the alternatives",
}


def split_rules(node: Node, dialect: Dialect) -> tuple[list[Rule], list[Rule]]:
    """The rules of a node that the dialect takes, and those that it does not."""
    kept: dict[str, Any] = {}
    dropped: list[Rule] = []
    for keyword, value in node.rules:
        if keyword in dialect.rules and keyword not in kept and _is_taken(keyword, value, dialect):
            kept[keyword] = value
        else:
            dropped.append((keyword, value))
    return list(kept.items()), dropped


def _is_taken(keyword: str, value: Any, dialect: Dialect) -> bool:
    if keyword == "format":
        return value in dialect.formats
    if keyword == "pattern":
        return isinstance(value, str) and value.isascii() and not _STRANGE.search(value)
    if not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        return False
    return keyword not in _COUNTS or dialect.most_items is None or value <= dialect.most_items


def described(node: Node, dropped: Iterable[Rule], name: str) -> str:
    """What the model is told of a part: its title if it says more than the name, description, rules."""
    words = [node.description.strip()] if node.description else []
    if node.title and not _says_the_same(node.title, [name, *words]):
        words.insert(0, f"{node.title.strip().rstrip('.:')}.")
    rules = [told for rule in dropped if (told := _in_words(*rule))]
    if rules:
        words.append(f"Must be: {'; '.join(rules)}.")
    return " ".join(words)


def _says_the_same(title: str, words: list[str]) -> bool:
    bare = re.sub(r"\W|_", "", title).lower()
    return any(bare in re.sub(r"\W|_", "", one).lower() for one in words)


def _in_words(keyword: str, value: Any) -> str:
    if keyword == "format":
        return in_words(str(value)) or f"in the format {value}"
    if keyword in _WORDS:
        return _WORDS[keyword].format(value)[:_LONGEST_RULE]
    told = f"what fulfils {json.dumps({keyword: value}, ensure_ascii=False)}"
    return told if len(told) <= _LONGEST_RULE else ""
