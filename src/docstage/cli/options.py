"""Options that several commands have in common."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import TypeVar, get_args, get_type_hints

C = TypeVar("C", bound=Callable[..., None])


def spread(command: C) -> C:
    """Let Typer see each option of a command's `**options: Unpack[Options]`, before the last of its own.

    What is not given is None, or False where an option is a flag.
    """
    *own, last, together = signature(command).parameters.values()
    (options,) = get_args(together.annotation)
    shared = [_option(name, hint) for name, hint in get_type_hints(options, include_extras=True).items()]
    told = signature(command).replace(parameters=[*own, *shared, last])
    vars(command)["__signature__"] = told
    return command


def _option(name: str, hint: object) -> Parameter:
    is_flag = get_args(hint)[0] is bool
    return Parameter(
        name, Parameter.POSITIONAL_OR_KEYWORD, default=False if is_flag else None, annotation=hint
    )
