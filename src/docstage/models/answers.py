"""Finds the value that an answer's text is, and has it checked."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from docstage.models.schemas.validation import BadAnswer, check_value

_FENCED = re.compile(r"\A\s*```[a-zA-Z]*[ \t]*\n(.*)\n[ \t]*```\s*\Z", re.DOTALL)


def _as_it_is(value: Any) -> Any:
    return value


def parse_answer(text: str, schema: Mapping[str, Any], restored: Callable[[Any], Any] = _as_it_is) -> Any:
    """The answer's value. A surrounding Markdown code fence is taken off first.

    Args:
        schema: the user's own.
        restored: makes of what the provider was asked for what the schema asks for.

    Raises:
        BadAnswer: it is no JSON or does not fulfil the schema.
    """
    fenced = _FENCED.match(text)
    try:
        value = json.loads(fenced.group(1) if fenced else text, parse_constant=_refuse_constant)
        value = restored(value)
        check_value(value, schema)
    except BadAnswer:
        raise
    except ValueError as error:
        raise BadAnswer(f"The answer is not JSON: {error}.") from None
    except RecursionError:
        raise BadAnswer("The answer is nested too deeply.") from None
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")
