"""What can be picked out of a document by rules: sentences, dates, amounts, addresses, names."""

import re
from datetime import date
from functools import cached_property, lru_cache

# Work per document stays bounded: a book is judged by its first pages.
MAX_CHARACTERS = 60_000
MAX_VALUES = 50
MAX_SENTENCE = 400

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?P<y>\d{4})\b"),
    re.compile(r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})\b"),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)? (?P<m>{_MONTH}),? (?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<m>{_MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})\b", re.IGNORECASE),
)
_CURRENCY = r"(?:EUR|USD|GBP|CHF|[€$£])"
_NUMBER = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(rf"{_CURRENCY} ?({_NUMBER})(?![\d-])|(?<![\d.,-])({_NUMBER}) ?{_CURRENCY}")
_ANY_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)?(?![\w-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_OPENING = r"(?!(?:The|This|Between|From|To|Dear|And|For|In|On|At|Please|Signed|With)\b)"
_CAPITALISED = r"[A-ZÄÖÜ][\w&'-]+"
_NAME = re.compile(rf"\b{_OPENING}{_CAPITALISED}(?: (?:of|de|van|von|&))?(?: {_CAPITALISED}){{1,3}}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    _WORD.findall(
        "the and for are was were this that with from not does which what who how why when where have has "
        "had all any can its list give answer document please you your into there their they"
    )
)


def words(text: str) -> frozenset[str]:
    """The words of a text that say something, in lower case and without a plural's s."""
    found = (word.lower() for word in _WORD.findall(text))
    return frozenset(word.removesuffix("s") for word in found if word not in _COMMON)


class Facts:
    """The facts of one document, each kind found when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text[:MAX_CHARACTERS]

    @cached_property
    def sentences(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Sentences and lines with their words."""
        pieces = (piece.strip(" #*|-\t") for piece in _SENTENCE_END.split(self.text))
        return tuple((piece[:MAX_SENTENCE], words(piece)) for piece in pieces if len(piece) > 3)

    @cached_property
    def title(self) -> str:
        """The first line that says something."""
        return self.sentences[0][0] if self.sentences else ""

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Dates as YYYY-MM-DD, in the order of the document."""
        found = [
            (match.start(), day)
            for form in _DATES
            for match in form.finditer(self.text)
            if (day := _day(match))
        ]
        return _unique([day for _, day in sorted(found)])

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        """Amounts of money as they are written."""
        return _unique([match.group().strip() for match in _AMOUNT.finditer(self.text)])

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """Amounts of money as numbers; any numbers where there are none."""
        written = [match.group(1) or match.group(2) for match in _AMOUNT.finditer(self.text)]
        return tuple(_number(item) for item in (written or _ANY_NUMBER.findall(self.text))[:MAX_VALUES])

    @cached_property
    def emails(self) -> tuple[str, ...]:
        """E-mail addresses."""
        return _unique(_EMAIL.findall(self.text))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Runs of two to four capitalised words: mostly names of people, companies and things."""
        return _unique(_NAME.findall(self.text))


@lru_cache(maxsize=128)
def facts_of(text: str) -> Facts:
    """The facts of a document; those of the last documents are kept, because batches ask several prompts."""
    return Facts(text)


def _unique(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:MAX_VALUES]


def _day(match: re.Match[str]) -> str | None:
    """The date in ISO form, or None when there is no such day."""
    month = match["m"]
    number = int(month) if month.isdigit() else _month(month)
    try:
        return date(int(match["y"]), number, int(match["d"])).isoformat()
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of a month by the first three letters of its English name."""
    return _MONTHS.index(name[:3].lower()) + 1


def _number(written: str) -> float:
    """A written number; the last point or comma is the decimal one when one or two digits follow it."""
    compact = written.replace("'", "").replace(" ", "")
    whole, mark, fraction = compact.replace(",", ".").rpartition(".")
    if mark and len(fraction) < 3:
        return float(f"{whole.replace('.', '') or '0'}.{fraction}")
    return float(compact.replace(",", "").replace(".", ""))
