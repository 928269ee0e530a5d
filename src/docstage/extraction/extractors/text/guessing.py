"""Which old encoding a text is in: what a detector proposes, by how its words look in it.

Detectors go by frequencies, of which short texts have none. There it tells more that a word has a currency
sign or a capital inside.
"""

import codecs
import re

from docstage.extraction.extractors.text.plausibility import implausibility

# The legacy encodings that the web knows (WHATWG Encoding Standard, section 4), those of DOS and of old
# Macintoshes. Others, such as those of mainframes, are more often wrong than right.
_PAGES = (437, 850, 852, 855, 866, 874, 932, 949, *range(1250, 1259))
_PARTS = (2, 3, 4, 5, 6, 7, 8, 10, 13, 15, 16)
_CANDIDATES = (
    *(f"cp{page}" for page in _PAGES),
    *(f"iso8859-{part}" for part in _PARTS),
    *("koi8-r", "koi8-u", "mac-cyrillic", "mac-latin2", "mac-roman", "big5hkscs", "euc-jp", "gb18030"),
)
_USUAL = "cp1252"
# How much better a less likely proposal must look: a step a rank; likewise the usual one where it is none.
_STEP, _MOST, _NOT_PROPOSED = 0.03, 0.3, 0.2
_SMALL = 0.2
_LOOKED_AT = 8_192  # bytes of lines beyond ASCII; in longer texts frequencies tell
# What typographers add to plain English, in the usual encoding.
_TYPOGRAPHY = frozenset("’‘“”„‚«»‹›–—…·•§°€£¥©®™†")
_DRAWN = re.compile("[─═]{3,}")
_SHARE_OF_DRAWN = 0.3


def guess(sample: bytes) -> str | None:
    """A name of the encoding that Python knows; None when it is text in none of those that are looked for.

    Args:
        sample: bytes that are not UTF-8. The last character may be cut.
    """
    looked_at = _beyond_ascii(sample)
    if _has_drawn_lines(looked_at):
        return "cp437"
    if _has_typography_only(looked_at):
        return _USUAL
    rated = [
        (implausibility(text) + handicap, codec)
        for codec, handicap in _proposals(sample).items()
        if (text := _decoded(looked_at, codec)) is not None
    ]
    return min(rated, key=lambda one: one[0])[1] if rated else None


def _beyond_ascii(sample: bytes) -> bytes:
    """Its first lines with characters beyond ASCII."""
    lines = (line for line in sample.split(b"\n") if not line.isascii())
    kept: list[bytes] = []
    left = _LOOKED_AT
    for line in lines:
        kept.append(line[:left])
        left -= len(line) + 1
        if left <= 0:
            break
    return b"\n".join(kept)


def _proposals(sample: bytes) -> dict[str, float]:
    """Encodings, the likeliest first, with their handicaps."""
    import chardet

    found = chardet.detect_all(sample, include_encodings=_CANDIDATES)
    names = [name for one in found if (name := one["encoding"])]
    ranked = {codecs.lookup(name).name: min(_MOST, rank * _STEP) for rank, name in enumerate(names)}
    return ranked if _USUAL in ranked else ranked | {_USUAL: _NOT_PROPOSED}


def _decoded(sample: bytes, codec: str) -> str | None:
    """The text but for a character that is cut at its end; None where it is none in this encoding."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return None


def _has_drawn_lines(sample: bytes) -> bool:
    """Whether much of what is beyond ASCII draws lines, as programs for DOS did."""
    text = sample.decode("cp437")
    drawn = sum(len(found) for found in _DRAWN.findall(text))
    return drawn > 0 and drawn >= _SHARE_OF_DRAWN * sum(not char.isascii() for char in text)


def _has_typography_only(sample: bytes) -> bool:
    text = _decoded(sample, _USUAL)
    wide = {char for char in text or "" if not char.isascii()}
    return text is not None and bool(wide) and wide <= _TYPOGRAPHY and implausibility(text) < _SMALL
