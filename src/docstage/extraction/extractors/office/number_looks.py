"""Numbers as a section of a format's code shows them."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from docstage.extraction.extractors.office.number_codes import Section

_MOST_DECIMALS = 30  # as many as Excel takes
_LARGEST_DENOMINATOR = 9_999_999
_BLANKS = re.compile(r"[ \xa0]{2,}")
# An integer of fewer digits is exact in a file. Excel itself shows powers of ten from 12 digits on, where a
# reader would lose an account number.
_EXACT = 10**15


def general(value: float) -> str:
    """A number without a format: at most 11 characters, as Excel shows it, but whole numbers in full."""
    if value == int(value) and abs(value) < _EXACT:
        return str(int(value))
    size = abs(value)
    if 1e-4 <= size < 1e10:
        whole = len(str(int(size))) if size >= 1 else 1
        shown = f"{_rounded(size, max(10 - whole, 0) if size >= 1 else 9):f}"
    elif 1e10 <= size < 1e11:
        shown = f"{_rounded(size, 0):f}"
    else:
        shown = _powers(f"{Decimal(f'{size:.15g}'):.5E}")
    shown = shown.rstrip("0").rstrip(".") if "." in shown and "E" not in shown else shown
    return f"-{shown}" if value < 0 else shown


def _powers(shown: str) -> str:
    digits, _, power = shown.partition("E")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits}E{power[0]}{power[1:].zfill(2)}"


def _rounded(size: float, decimals: int) -> Decimal:
    """Rounded half up by the fifteen digits that spreadsheets reckon with."""
    return Decimal(f"{size:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


class NumberLook:
    """How a section shows the size of a number; its sign is for the caller."""

    def __init__(self, section: Section) -> None:
        tokens = section.tokens
        kinds = [kind for kind, _ in tokens]
        self._tokens = tokens
        self._percents = kinds.count("percent")
        digits = [place for place, kind in enumerate(kinds) if kind == "digit"]
        self._point = kinds.index("point") if "point" in kinds else None
        ends = [place for place, kind in enumerate(kinds) if kind in ("point", "power")]
        self._whole_end = min(ends, default=len(kinds))
        self._thousands, self._scale = self._commas(digits, kinds)
        self._decimal_places = [] if self._point is None else [one for one in digits if one > self._point]
        self._fraction = "slash" in kinds and self._has_fraction(kinds.index("slash"))
        self._power = kinds.index("power") if "power" in kinds and digits else None
        self._general = "general" in kinds
        self._simple = self._find_simple(digits)

    def show(self, size: float) -> str:
        """The number, which is not negative, with the words around it."""
        if self._general:
            return self._around(general(size))
        size *= 100**self._percents
        if self._simple is not None:
            before, decimals, after = self._simple
            if round(size, decimals) != size or size >= _EXACT:
                shown = f"{_rounded(size, decimals):,f}"
            else:
                shown = f"{size:,.{decimals}f}"
            return f"{before}{shown if self._thousands else shown.replace(',', '')}{after}"
        if self._power is not None:
            return self._show_power(size)
        if self._fraction:
            return self._show_fraction(size)
        return self._show_plain(size)

    def _commas(self, digits: list[int], kinds: list[str]) -> tuple[bool, int]:
        """Whether thousands are set apart, and by how many thousands the number is divided."""
        whole = [place for place in digits if place < self._whole_end]
        if not whole:
            return False, 0
        thousands = "comma" in kinds[whole[0] : whole[-1]]
        scale = 0
        for last in {whole[-1], digits[-1]}:
            end = last + 1
            while kinds[end : end + 1] == ["comma"]:
                end, scale = end + 1, scale + 1
        return thousands, scale

    def _find_simple(self, digits: list[int]) -> tuple[str, int, str] | None:
        """Words before, decimals, words after, where the code is `#,##0.00` or one like it."""
        if not digits or self._fraction or self._power is not None or self._scale:
            return None
        first, last = digits[0], digits[-1]
        core = "".join(text if kind != "words" else " " for kind, text in self._tokens[first : last + 1])
        if not re.fullmatch(r"(?:#,##0|#*0)(?:\.0+)?", core):
            return None
        before = "".join(_shown(*token) for token in self._tokens[:first])
        after = "".join(_shown(*token) for token in self._tokens[last + 1 :])
        return before, len(self._decimal_places), after

    def _around(self, shown: str) -> str:
        return "".join(shown if kind == "general" else _shown(kind, text) for kind, text in self._tokens)

    def _show_plain(self, size: float) -> str:
        decimals = min(len(self._decimal_places), _MOST_DECIMALS)
        number = _rounded(size / 1_000**self._scale, decimals)
        whole, _, rest = f"{number:f}".partition(".")
        whole = "" if whole == "0" else whole
        return self._whole(whole, 0, self._whole_end) + self._rest(rest, self._whole_end, len(self._tokens))

    def _whole(self, digits: str, start: int, end: int) -> str:
        """A whole number's tokens, filled with its digits from the right; the first takes what is left."""
        tokens = self._tokens[start:end]
        places = [place for place, (kind, _) in enumerate(tokens) if kind == "digit"]
        pieces: list[str] = []
        used = 0
        for place in range(len(tokens) - 1, -1, -1):
            kind, text = tokens[place]
            if kind != "digit":
                pieces.append(_shown(kind, text))
                continue
            left = digits[: len(digits) - used] if used < len(digits) else ""
            taken = left if place == places[0] else left[-1:]
            for digit in reversed(taken or ("0" if text == "0" else "")):
                if self._thousands and used and used % 3 == 0:
                    pieces.append(",")
                pieces.append(digit)
                used += 1
        return "".join(reversed(pieces))

    def _rest(self, digits: str, start: int, end: int) -> str:
        """The point and what follows; zeros at the end are shown only where the code says `0`."""
        tokens = self._tokens[start:end]
        places = [place for place, (kind, _) in enumerate(tokens) if kind == "digit"]
        shown = len(places)
        while shown and tokens[places[shown - 1]][1] != "0" and digits[shown - 1 : shown] in ("0", ""):
            shown -= 1
        values = dict(zip(places[:shown], digits, strict=False))
        return "".join(
            values.get(place, "") if kind == "digit" else "." if kind == "point" else _shown(kind, text)
            for place, (kind, text) in enumerate(tokens)
        )

    def _show_power(self, size: float) -> str:
        assert self._power is not None
        whole = sum(kind == "digit" for kind, _ in self._tokens[: self._whole_end])
        decimals = sum(kind == "digit" for kind, _ in self._tokens[self._whole_end : self._power])
        exact = Decimal(f"{size:.15g}")
        power = exact.adjusted() if exact else 0
        step = max(whole, 1)
        power = power // step * step if whole > 1 else power
        number = exact.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if number >= 10**step:
            power += step
            number = exact.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        digits, _, rest = f"{number:f}".partition(".")
        sign = "-" if power < 0 else "+" if self._tokens[self._power][1].endswith("+") else ""
        exponent = self._whole(str(abs(power)) if power else "", self._power + 1, len(self._tokens))
        first = self._whole(digits, 0, self._whole_end) + self._rest(rest, self._whole_end, self._power)
        return f"{first}E{sign}{exponent}"

    def _show_fraction(self, size: float) -> str:
        groups = _groups(self._tokens)
        slash = next(place for place, (kind, _) in enumerate(self._tokens) if kind == "slash")
        before = [group for group in groups if group[1] <= slash]
        after = next((group for group in groups if group[0] > slash), (slash + 1, slash + 2))
        fixed = self._fixed_denominator(slash)
        exact = Fraction(Decimal(f"{size:.15g}"))
        whole = int(exact) if len(before) > 1 else 0
        part = exact - whole
        most = min(10 ** (after[1] - after[0]) - 1, _LARGEST_DENOMINATOR)
        if fixed:
            top, bottom = round(part * fixed), fixed
        else:
            near = part.limit_denominator(most)
            top, bottom = near.numerator, near.denominator
        if top == bottom and len(before) > 1:
            whole, top = whole + 1, 0
        leading = "".join(_shown(*token) for token in self._tokens[: (before or [after])[0][0]])
        shown = f"{top}/{bottom}" if top or len(before) < 2 else ""
        number = " ".join(piece for piece in (str(whole) if whole or not shown else "", shown) if piece)
        end = self._denominator_end(slash)
        return leading + number + "".join(_shown(*token) for token in self._tokens[end:])

    def _has_fraction(self, slash: int) -> bool:
        before = any(kind == "digit" for kind, _ in self._tokens[:slash])
        return before and self._denominator_end(slash) > slash + 1

    def _denominator_end(self, slash: int) -> int:
        """Where the denominator ends: places of digits, or a number."""
        for end in range(slash + 1, len(self._tokens)):
            kind, text = self._tokens[end]
            if kind != "digit" and text.strip() and not text.isdigit():
                return end
        return len(self._tokens)

    def _fixed_denominator(self, slash: int) -> int:
        digits = "".join(text for _, text in self._tokens[slash + 1 : self._denominator_end(slash)]).strip()
        return int(digits[:7]) if digits.isdigit() and int(digits[:7]) else 0


def _groups(tokens: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """The runs of places for digits, as beginning and end."""
    groups: list[tuple[int, int]] = []
    for place, (kind, _) in enumerate(tokens):
        if kind == "digit":
            if groups and groups[-1][1] == place:
                groups[-1] = (groups[-1][0], place + 1)
            else:
                groups.append((place, place + 1))
    return groups


def _shown(kind: str, text: str) -> str:
    """What a token shows that is no place of a digit."""
    return text if kind in ("words", "percent", "slash") else ""


def trimmed(text: str) -> str:
    """The text without the blanks that only align it."""
    return _BLANKS.sub(" ", text).strip(" \xa0") if " " in text or "\xa0" in text else text
