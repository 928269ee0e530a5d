"""Takes thoughts off what a model wrote. Servers that do not know a model's template leave them in the text.

Thoughts stand before the answer, between marks of the model's template; of some templates the opening mark
belongs to the prompt, so that only the closing one is in the answer. Marks that are quoted are none.
"""

import re
import string

# DeepSeek, Qwen, GLM and most others; Mistral; Kimi; ByteDance Seed; Open Thoughts.
_OF_TEMPLATES = (
    *((f"<{name}>", f"</{name}>") for name in ("think", "thinking", "seed:think")),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)
_MARKS = (*_OF_TEMPLATES, *((f"<{name}>", f"</{name}>") for name in ("thought", "thoughts", "reasoning")))
_SOLUTION = re.compile(r"\A\s*<\|begin_of_solution\|>(.*?)(?:<\|end_of_solution\|>\s*)?\Z", re.DOTALL)
# The channels of gpt-oss, as its format "harmony" names them, whole or with their marks lost on the way.
_HARMONY = re.compile(
    r"(?:<\|start\|>)?(?:assistant)?\s{0,8}<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>(.*?)"
    r"(?=<\|end\|>|<\|return\|>|<\|call\|>|<\|start\|>|<\|channel\|>|\Z)(?:<\|(?:end|return|call)\|>)?",
    re.DOTALL,
)
_LOST_HARMONY = re.compile(r"\A\s*analysis(?=[A-Z\s])(.*?)assistantfinal(.*)\Z", re.DOTALL)
_QUOTES = "`\"'"
_MOST = 100  # thoughts in one answer
# Not `lower`, which makes two characters of some, so that places would shift.
_PLAIN = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def split_thoughts(text: str) -> tuple[str, str]:
    """The answer and the thoughts in a text; each may be empty."""
    harmony = _of_harmony(text)
    if harmony is not None:
        return harmony
    answer, thoughts = text, list[str]()
    for _ in range(_MOST):
        split = _first(answer)
        if split is None:
            break
        thoughts.append(split[0].strip())
        answer = split[1]
    answer = _without_others(answer, thoughts)
    solution = _SOLUTION.match(answer)
    found = "\n\n".join(filter(None, thoughts))
    return (solution.group(1).strip() if solution else answer), found


def _first(text: str) -> tuple[str, str] | None:
    """The first thought of a text, and what follows it; None where it begins with an answer."""
    start = text.lstrip()
    lowered = start.translate(_PLAIN)
    for opening, closing in _MARKS:
        if lowered.startswith(opening):
            end = _unquoted(lowered, closing, len(opening))
            if end < 0:  # never closed: all of it is thought
                return start[len(opening) :], ""
            return start[len(opening) : end], start[end + len(closing) :].lstrip()
    return _unopened(start, lowered)


def _unopened(start: str, lowered: str) -> tuple[str, str] | None:
    """A thought whose opening mark was part of the prompt."""
    for opening, closing in _OF_TEMPLATES:
        end = _unquoted(lowered, closing, 0)
        if end >= 0 and _unquoted(lowered, opening, 0, end) < 0:
            return start[:end], start[end + len(closing) :].lstrip()
    return None


def _without_others(text: str, thoughts: list[str]) -> str:
    """The text without thoughts that begin a line amid it, which are added to the others."""
    for opening, closing in _OF_TEMPLATES:
        begin = 0
        for _ in range(_MOST):
            lowered = text.translate(_PLAIN)
            start = lowered.find(f"\n{opening}", begin)
            end = lowered.find(closing, start) if start >= 0 else -1
            if end < 0:
                break
            thoughts.append(text[start + 1 + len(opening) : end].strip())
            text, begin = text[: start + 1] + text[end + len(closing) :].lstrip(), start
    return text


def _unquoted(text: str, mark: str, begin: int, end: int | None = None) -> int:
    """Where a mark stands that is not quoted, -1 for nowhere."""
    at = text.find(mark, begin, end)
    while at >= 0:
        behind = at + len(mark)
        quoted = text[at - 1 : at] in _QUOTES and text[behind : behind + 1] in _QUOTES
        if not (quoted and at > 0 and behind < len(text)):
            return at
        at = text.find(mark, behind, end)
    return -1


def _of_harmony(text: str) -> tuple[str, str] | None:
    messages = list(_HARMONY.finditer(text)) if "<|channel|>" in text else []
    if messages:
        final = [one.group(2) for one in messages if one.group(1) == "final"]
        before = text[: messages[0].start()].replace("<|end|>", "").strip()
        others = [before, *(one.group(2).strip() for one in messages if one.group(1) != "final")]
        return "".join(final).strip(), "\n\n".join(filter(None, others))
    lost = _LOST_HARMONY.match(text)
    return (lost.group(2).strip(), lost.group(1).strip()) if lost else None
