"""What cells show by the codes of their formats, as Excel shows it, with dates in ISO form."""

import pytest

from docstage.extraction.extractors.office.number_formats import BUILT_IN, number_format

SHOWN = [
    ('#,##0.00 "USD"', 1234.5, "1,234.50 USD"),
    ("0.0%", 0.125, "12.5%"),
    ("000000", 42, "000042"),
    ("General", 0.30000000000000004, "0.3"),
    ("General", 3.14159265358979, "3.141592654"),
    ("General", 1234.56789012, "1234.56789"),
    ("General", 1e20, "1E+20"),
    ("General", 1.5e-07, "1.5E-07"),
    ("General", -0.000123456789, "-0.000123457"),
    ("0.00E+00", 12345.678, "1.23E+04"),
    ("##0.0E+0", 12345.678, "12.3E+3"),
    ("# ?/?", 1.25, "1 1/4"),
    ("# ??/??", 0.333333333, "1/3"),
    ("# ?/8", 2.5, "2 4/8"),
    ("0,", 1234567, "1235"),
    ('0.0,,"M"', 1234567, "1.2M"),
    ("#,##0,", 12345678, "12,346"),
    ('_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', -1234.5, "(1,234.50)"),
    ('_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', 0, "-"),
    ('_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', 5, "5.00"),
    ("[$€-407] #,##0.00", 5, "€ 5.00"),
    ("#,##0.00 [$€-407]", -5, "-5.00 €"),
    ("[Red][<100]0;[Blue][>=100]0.0", 150, "150.0"),
    ("[<=9999999]###-####;(###) ###-####", 5551234567, "(555) 123-4567"),
    ("000-00-0000", 123456789, "123-45-6789"),
    ("yyyy-mm-dd", 45356, "2024-03-05"),
    ("m/d/yy h:mm", 45356.604166666664, "2024-03-05 14:30"),
    ("mmm yyyy", 45356, "2024-03"),
    ("mmmm", 45356, "March"),
    ("dddd", 45356, "Tuesday"),
    ("d. mmm", 45356, "2024-03-05"),
    ("[h]:mm", 1.5625, "37:30"),
    ("[h]:mm:ss", 1.5625, "37:30:00"),
    ("h:mm AM/PM", 0.604166667, "14:30"),
    ("mm:ss.0", 0.000717592592, "01:02.0"),
    ("yyyy", 45356, "2024"),
    ('yyyy"年"m"月"d"日"', 45356, "2024-03-05"),
    ("0.00", 2.675, "2.68"),
    ("0.00", 0.125, "0.13"),
    ("0", 0.5, "1"),
    ("0", -0.4, "0"),
    ("#.##", 5, "5."),
    ("0.0##", 1.5, "1.5"),
    ("0.0##", 1.2345, "1.235"),
    ('"Q"0', 3, "Q3"),
    ("0;-0;;@", 0, ""),
    (";;;", 5, ""),
    ("@", 5, "5"),
    ('"No. "@', 12.5, "No. 12.5"),
    ('@" kg"', -3, "-3 kg"),
    ('General" units"', 5, "5 units"),
    ("$#,##0.00", -1234.5, "-$1,234.50"),
    ('"$"#,##0_);[Red]\\("$"#,##0\\)', -1234, "($1,234)"),
    ("0%", 0.125, "13%"),
    ("[Red]General", 4.5, "4.5"),
    ("d", 45356, "5"),
    ("[mm]:ss", 0.05, "72:00"),
    ("yyyy-mm-dd", 60, "1900-02-29"),
    ("yyyy-mm-dd", 59, "1900-02-28"),
    ("yyyy-mm-dd", 61, "1900-03-01"),
    ("yyyy-mm-dd", 1, "1900-01-01"),
    ("yyyy-mm-dd", -5, "-5"),
    ("General", 123456789012, "123456789012"),
    ("#,##0.00", 1234567.891, "1,234,567.89"),
    ("0.00_ ;-0.00 ", -3, "-3.00"),
    ("#,##0", 1e16, "10,000,000,000,000,000"),
    ('"Yes";"Yes";"No"', 0, "No"),
    ('[=1]"one";[=2]"two";0', 2, "two"),
    ('[=1]"one";[=2]"two";0', -7, "-7"),
    ('0" %"', 12, "12 %"),
    ('0.0" °C"', 21.55, "21.6 °C"),
    ("#,##0.0#", 1234, "1,234.0"),
    ("?/?", 0.5, "1/2"),
    ("0/0", 2.5, "5/2"),
    ("# ?/?", 3, "3"),
    ("###0.00", 5, "5.00"),
    ("\\€0", 5, "€5"),
    ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 45356, "2024-03-05"),
    ("[$-409]h:mm:ss\\ AM/PM;@", 0.75, "18:00:00"),
    ("h:mm:ss.000", 0.123456789, "02:57:46.667"),
    ('[h]"h "mm"min"', 1.5, "36h 00min"),
    ("0\\.00", 5, "0.05"),
    ("#\\ ##0", 1234567, "1234 567"),
    ("0.###E+0", 0, "0.E+0"),
    ("#", 0, ""),
    ('[>999999]0.0,,"M";[>999]0.0,"K";0', 1500, "1.5K"),
    ('[>999999]0.0,,"M";[>999]0.0,"K";0', 2500000, "2.5M"),
    ("0.00%;[Red]-0.00%", -0.5, "-50.00%"),
    ("mm/yyyy", 45356, "2024-03"),
    ("hh", 0.5, "12:00"),
    ("0 %", 0.5, "50 %"),
    ('0 "Stück"', 3, "3 Stück"),
]


@pytest.mark.parametrize(("code", "value", "shown"), SHOWN)
def test_numbers(code: str, value: float, shown: str) -> None:
    """A number in its format."""
    assert number_format(code).number(value) == shown


def test_calendar_of_1904() -> None:
    """Workbooks that began on a Mac count days from 1904 on, whose February was a leap month in truth."""
    assert number_format("yyyy-mm-dd").number(0, since_1904=True) == "1904-01-01"
    assert number_format("yyyy-mm-dd").number(60, since_1904=True) == "1904-03-01"


def test_texts() -> None:
    """A text goes where the code says `@`, or stands as it is."""
    assert number_format("@").text("x") == "x"
    assert number_format('"No. "@').text("7") == "No. 7"
    assert number_format('0.00;-0.00;0;"("@")"').text("none") == "(none)"
    assert number_format("0.00").text("none") == "none"


def test_hidden_values() -> None:
    """A code without anything in it hides every value; one that leaves out zeros does not."""
    assert number_format(";;;").hides
    assert not number_format("0;-0;;@").hides
    assert not number_format("").hides


def test_built_in_codes() -> None:
    """Every code that files need not explain can be shown."""
    for code in BUILT_IN.values():
        assert number_format(code).number(45_356.6041666667).strip()


@pytest.mark.parametrize(
    "code", ["[", '"', "\\", "_", "*", "[<]0", "0/", "/0", "E+", "0E+", "[h", "?", ".", ",", "0,,,,,,,,,"]
)
@pytest.mark.parametrize("value", [0.0, -1e300, 1e-300, 1e16, float("nan"), float("inf")])
def test_odd_codes_and_values(code: str, value: float) -> None:
    """Codes that no program writes, and numbers beyond all sense, are shown somehow."""
    assert isinstance(number_format(code).number(value), str)


def test_long_codes() -> None:
    """A code of a million letters costs no more than its beginning."""
    assert len(number_format("0" * 1_000_000).number(1)) < 2_000
