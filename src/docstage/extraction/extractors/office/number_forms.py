"""Numbers of paragraphs and notes in the forms of word processors (ST_NumberFormat, ECMA-376 17.18.59)."""

from collections.abc import Callable

from docstage.extraction.extractors.office.drawing_numbers import letters, roman

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_CHINESE = ("〇一二三四五六七八九", "十百千")
_LEGAL = {
    "chineseLegalSimplified": ("零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "ideographLegalTraditional": ("零壹貳參肆伍陸柒捌玖", "拾佰仟"),
    "japaneseLegal": ("〇壱弐参四伍六七八九", "拾百千"),
    "koreanCounting": ("영일이삼사오육칠팔구", "십백천"),
}
# Lists that begin anew when they are used up: Word writes their signs again, or twice.
_CYCLES = {
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "hindiVowels": "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノ"
    "ハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラム"
    "ウヰノオクヤマケフコエテアサキユメミシヱヒモセス",
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "chicago": "*†‡§",
}
_CYCLES |= {"aiueo": _CYCLES["aiueoFullWidth"], "iroha": _CYCLES["irohaFullWidth"]}
_DIGITS = {
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "〇一二三四五六七八九",
    "koreanDigital": "영일이삼사오육칠팔구",
}
_CHINESE_COUNTING = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "japaneseCounting",
        "ideographEnclosedCircle",
    }
)
_HEBREW = (
    (400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"), (60, "ס"), (50, "נ"),
    (40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"), (10, "י"), (9, "ט"), (8, "ח"), (7, "ז"),
    (6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"), (1, "א"),
)  # fmt: skip
# The first of the signs "1 in a circle", "1 in parentheses", "1 with a full stop"; there are twenty of each.
_ENCLOSED = {
    "decimalEnclosedCircle": 0x2460,
    "decimalEnclosedCircleChinese": 0x2460,
    "decimalEnclosedParen": 0x2474,
    "decimalEnclosedFullstop": 0x2488,
}


def number_form(number: int, form: str, pattern: str = "") -> str:
    """A number as a form shows it, in digits where the form is unknown or has no sign for it.

    Args:
        form: a value of ST_NumberFormat, such as `lowerRoman`.
        pattern: the first numbers as a `custom` form lists them, such as `001, 002, 003, ...`.
    """
    if form == "custom":
        return str(number).zfill(min(len(pattern.partition(",")[0].strip()), 9))
    return _FORMS[form](number) if form in _FORMS else _signs(number, form)


def _signs(number: int, form: str) -> str:
    if form in _ENCLOSED and 1 <= number <= 20:
        return chr(_ENCLOSED[form] + number - 1)
    if signs := _CYCLES.get(form):
        return (
            signs[(number - 1) % len(signs)] * (1 + (number - 1) // len(signs))
            if 0 < number < 500
            else str(number)
        )
    if digits := _DIGITS.get(form):
        return "".join(digits[int(digit)] for digit in str(abs(number)))
    if form in _CHINESE_COUNTING:
        return _counted(number, *_CHINESE)
    return _counted(number, *_LEGAL[form]) if form in _LEGAL else str(number)


def _counted(number: int, digits: str, units: str) -> str:
    """A number as Chinese counts: a digit before each power of ten."""
    if not 0 < number < 10_000:
        return str(number)
    shown = ""
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            one = "" if digit == power == 1 and not shown and digits[1] == "一" else digits[digit]
            shown += one + (units[power - 1] if power else "")
        elif shown and not shown.endswith(digits[0]) and number % 10**power:
            shown += digits[0]
    return shown


def _words(number: int) -> str:
    if not 0 <= number < 1_000:
        return str(number)
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return f"{_ONES[number // 100]} hundred" + (f" {_words(number % 100)}" if number % 100 else "")


def _ordinal_words(number: int) -> str:
    if not 0 < number < 1_000:
        return str(number)
    shown = _words(number)
    start = max(shown.rfind("-"), shown.rfind(" ")) + 1
    last = shown[start:]
    ordinal = f"{last[:-1]}ieth" if last.endswith("y") else _ORDINALS.get(last, f"{last}th")
    return shown[:start] + ordinal


def _ordinal(number: int) -> str:
    teens = number // 10 % 10 == 1
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _hebrew(number: int) -> str:
    if not 0 < number < 1_000:
        return str(number)
    shown = ""
    for value, letter in _HEBREW:
        count = number // value
        shown += letter * count
        number -= value * count
    return shown


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "none": lambda _: "",
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": lambda number: roman(number).upper(),
    "lowerRoman": roman,
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "ordinal": _ordinal,
    "cardinalText": lambda number: _words(number).capitalize(),
    "ordinalText": lambda number: _ordinal_words(number).capitalize(),
    "hex": lambda number: f"{number:X}",
    "numberInDash": lambda number: f"- {number} -",
    "hebrew1": _hebrew,
}
