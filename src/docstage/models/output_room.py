"""How many tokens an answer may have, from what servers say when the limit that was sent is too high."""

import re

LEAST_ROOM = 256
"""Tokens with less of which hardly any answer is worth having: then it is the document that does not fit."""

_NUMBER = r"`?(\d[\d,]*)`?"
_AT_MOST = r"(?:less than or equal to|<=|at most|no more than|not exceed|maximum (?:of|is))"
_LIMIT = r"max\w*[_ ]?(?:output|completion|new)?[_ ]?tokens\w*"
# Each says the limit of answers alone. The first that fits counts.
_OF_ANSWERS = (
    rf"supports at most {_NUMBER} (?:completion|output) tokens",
    rf"at most {_NUMBER} (?:completion|output) tokens",
    rf"range of {_LIMIT} is [\[(]\d+, ?{_NUMBER}[\])]",
    rf"(?<!\+ )(?<!\+ `){_LIMIT}`?'?:? .{{0,40}}?{_AT_MOST} {_NUMBER}",
    rf"(?:maximum tokens|{_LIMIT}).{{0,40}}exceeds? the model(?:'s)? limit of {_NUMBER}",
    rf"{_LIMIT}`?'?: ?\d+ > {_NUMBER}(?! ?[-+])",
)
_EXCLUSIVE = rf"{_LIMIT}.{{0,80}}? to {_NUMBER} \(exclusive\)"
_INCLUSIVE = rf"{_LIMIT}.{{0,80}}? to {_NUMBER} \(inclusive\)"
# What the model takes in all, and what the input takes of it.
_IN_ALL = (
    rf"context limit: \d+ \+ \d+ > {_NUMBER}",
    rf"context (?:length|window|limit|size)(?: is| of|:)? {_NUMBER}",
    rf"tokens`? \+ `?{_LIMIT}`? must be <= {_NUMBER}",
)
_OF_INPUT = (
    rf"{_NUMBER} (?:tokens )?(?:in the (?:messages|prompt)|of text input|from the (?:input|prompt))",
    rf"(?:contains|has)(?: at least)? {_NUMBER} input tokens",
    rf"context limit: {_NUMBER} \+ \d+ >",
    rf"{_NUMBER} `?inputs?`? tokens",
)


def output_room(message: str) -> int | None:
    """The most tokens that an answer may have by what a server says, None where it does not say so.

    It may be less than nothing, where the input alone is too long.
    """
    for pattern in _OF_ANSWERS:
        if (most := _found(pattern, message)) is not None:
            return most
    if (end := _found(_EXCLUSIVE, message)) is not None:
        return end - 1
    if (most := _found(_INCLUSIVE, message)) is not None:
        return most
    in_all, of_input = _first(_IN_ALL, message), _first(_OF_INPUT, message)
    return in_all - of_input if in_all is not None and of_input is not None else None


def _first(patterns: tuple[str, ...], message: str) -> int | None:
    return next((found for one in patterns if (found := _found(one, message)) is not None), None)


def _found(pattern: str, message: str) -> int | None:
    match = re.search(pattern, message, re.IGNORECASE)
    return int(match.group(1).replace(",", "")) if match else None
