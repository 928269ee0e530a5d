"""How the simulator counts tokens: four characters each, and one for each wide character, word and number.

It is a tokenizer of its own, as every model has one: docstage's estimates may differ from it.
"""

import re

from docstage.domain.token_counts import count_tokens

CHARACTERS_PER_TOKEN = 4
# Scripts without spaces between words, such as Thai, Chinese and Japanese.
_WIDE = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


def count(text: str) -> int:
    """Tokens of a text, rounded up."""
    wide = 0 if text.isascii() else len(_WIDE.findall(text))
    by_length = wide + -(-(len(text) - wide) // CHARACTERS_PER_TOKEN)
    return max(by_length, count_tokens(text).least)


def cut_to(text: str, tokens: int) -> str:
    """The beginning of a text that has no more than so many tokens."""
    shorter = text[: tokens * CHARACTERS_PER_TOKEN]
    while (number := count(shorter)) > tokens:
        shorter = shorter[: min(len(shorter) - 1, len(shorter) * tokens // number)]
    return shorter


def end_of(text: str, tokens: int) -> str:
    """The end of a text that has no more than so many tokens."""
    return cut_to(text[::-1], tokens)[::-1]
