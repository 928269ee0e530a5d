"""Formulas of Excel 97 to 2003 as they are typed, from the tokens in the file ([MS-XLS] 2.5.198)."""

import struct
from collections.abc import Sequence

from docstage.extraction.extractors.sheets.biff import characters
from docstage.extraction.extractors.sheets.model import ERRORS, column_letters

_OPERATORS = ("+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":")
_BINARY = dict(enumerate(_OPERATORS, 0x03))
# [MS-XLS] 2.5.198.17: functions by their numbers, those of a fixed number of arguments with that number.
_FIXED = {
    2: "ISNA 1", 3: "ISERROR 1", 10: "NA 0", 15: "SIN 1", 16: "COS 1", 17: "TAN 1", 18: "ATAN 1",
    19: "PI 0", 20: "SQRT 1", 21: "EXP 1", 22: "LN 1", 23: "LOG10 1", 24: "ABS 1", 25: "INT 1",
    26: "SIGN 1", 27: "ROUND 2", 30: "REPT 2", 31: "MID 3", 32: "LEN 1", 33: "VALUE 1", 34: "TRUE 0",
    35: "FALSE 0", 38: "NOT 1", 39: "MOD 2", 40: "DCOUNT 3", 41: "DSUM 3", 42: "DAVERAGE 3", 43: "DMIN 3",
    44: "DMAX 3", 48: "TEXT 2", 61: "MIRR 3", 63: "RAND 0", 65: "DATE 3", 66: "TIME 3", 67: "DAY 1",
    68: "MONTH 1", 69: "YEAR 1", 71: "HOUR 1", 72: "MINUTE 1", 73: "SECOND 1", 74: "NOW 0", 76: "ROWS 1",
    77: "COLUMNS 1", 83: "TRANSPOSE 1", 86: "TYPE 1", 97: "ATAN2 2", 98: "ASIN 1", 99: "ACOS 1",
    105: "ISREF 1", 111: "CHAR 1", 112: "LOWER 1", 113: "UPPER 1", 114: "PROPER 1", 117: "EXACT 2",
    118: "TRIM 1", 119: "REPLACE 4", 121: "CODE 1", 126: "ISERR 1", 127: "ISTEXT 1", 128: "ISNUMBER 1",
    129: "ISBLANK 1", 130: "T 1", 131: "N 1", 140: "DATEVALUE 1", 141: "TIMEVALUE 1", 142: "SLN 3",
    143: "SYD 4", 162: "CLEAN 1", 163: "MDETERM 1", 164: "MINVERSE 1", 165: "MMULT 2", 184: "FACT 1",
    190: "ISNONTEXT 1", 198: "ISLOGICAL 1", 212: "ROUNDUP 2", 213: "ROUNDDOWN 2", 221: "TODAY 0",
    252: "FREQUENCY 2", 261: "ERROR.TYPE 1", 276: "COMBIN 2", 279: "EVEN 1", 285: "FLOOR 2",
    288: "CEILING 2", 298: "ODD 1", 325: "LARGE 2", 326: "SMALL 2", 327: "QUARTILE 2",
    328: "PERCENTILE 2", 337: "POWER 2", 342: "RADIANS 1", 343: "DEGREES 1", 346: "COUNTIF 2",
    347: "COUNTBLANK 1",
}  # fmt: skip
_VARIABLE = {
    0: "COUNT", 1: "IF", 4: "SUM", 5: "AVERAGE", 6: "MIN", 7: "MAX", 8: "ROW", 9: "COLUMN", 11: "NPV",
    12: "STDEV", 13: "DOLLAR", 14: "FIXED", 28: "LOOKUP", 29: "INDEX", 36: "AND", 37: "OR", 46: "VAR",
    49: "LINEST", 50: "TREND", 56: "PV", 57: "FV", 58: "NPER", 59: "PMT", 60: "RATE", 62: "IRR",
    64: "MATCH", 70: "WEEKDAY", 78: "OFFSET", 82: "SEARCH", 100: "CHOOSE", 101: "HLOOKUP", 102: "VLOOKUP",
    109: "LOG", 115: "LEFT", 116: "RIGHT", 120: "SUBSTITUTE", 124: "FIND", 125: "CELL", 144: "DDB",
    148: "INDIRECT", 167: "IPMT", 168: "PPMT", 169: "COUNTA", 183: "PRODUCT", 193: "STDEVP", 194: "VARP",
    197: "TRUNC", 216: "RANK", 219: "ADDRESS", 220: "DAYS360", 227: "MEDIAN", 228: "SUMPRODUCT",
    269: "AVEDEV", 318: "DEVSQ", 319: "GEOMEAN", 320: "HARMEAN", 321: "SUMSQ", 329: "PERCENTRANK",
    330: "MODE", 336: "CONCATENATE", 344: "SUBTOTAL", 345: "SUMIF", 354: "ROMAN", 359: "HYPERLINK",
}  # fmt: skip
# Errors, truth values, whole numbers and others.
_CONSTANTS = {0x1C: "<B", 0x1D: "<B", 0x1E: "<H", 0x1F: "<d"}
_RELATIVE_COLUMN, _RELATIVE_ROW, _COLUMN = 0x4000, 0x8000, 0x3FFF
_MOST = 10_000  # characters; Excel takes 8,192


def typed_formula(tokens: bytes, sheets: Sequence[str]) -> str | None:
    """A formula with its equals sign, None where it has tokens that are not known here.

    Args:
        sheets: names of sheets by the numbers by which formulas refer to them.
    """
    try:
        return f"={_Reader(tokens, sheets).read()}"
    except (struct.error, KeyError, IndexError):
        return None


class _Reader:
    """Reads tokens, which come in the order in which a formula is computed, into words on a stack."""

    def __init__(self, tokens: bytes, sheets: Sequence[str]) -> None:
        self._tokens, self._sheets = tokens, sheets
        self._at = 0
        self._stack: list[str] = []

    def read(self) -> str:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            # Those above 0x40 are the same as those above 0x20, of another class of values.
            self._take(token if token < 0x40 else token & 0x1F | 0x20)
            if sum(map(len, self._stack)) > _MOST:
                raise IndexError
        (formula,) = self._stack[-1:]
        return formula

    def _next(self, layout: str) -> tuple[int, ...]:
        found = struct.unpack_from(layout, self._tokens, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _take(self, token: int) -> None:
        if token in _BINARY:
            right, left = self._stack.pop(), self._stack.pop()
            self._stack.append(f"{left}{_BINARY[token]}{right}")
        elif token in (0x12, 0x13):
            self._stack.append("+-"[token - 0x12] + self._stack.pop())
        elif token == 0x14:
            self._stack.append(f"{self._stack.pop()}%")
        elif token == 0x15:
            self._stack.append(f"({self._stack.pop()})")
        elif token == 0x19:
            self._attribute()
        elif token in (0x21, 0x22):
            self._function(token)
        else:
            self._stack.append(self._operand(token))

    def _attribute(self) -> None:
        kind, size = self._next("<BH")
        if kind & 0x04:  # the places that CHOOSE goes to
            self._at += 2 * (size + 1)
        elif kind & 0x10:
            self._stack.append(f"SUM({self._stack.pop()})")

    def _function(self, token: int) -> None:
        if token == 0x21:
            name, _, fixed = _FIXED[self._next("<H")[0]].partition(" ")
            count = int(fixed)
        else:
            count, number = self._next("<BH")
            count, number = count & 0x7F, number & 0x7FFF
            name = _VARIABLE.get(number) or _FIXED[number].partition(" ")[0]
        if count > len(self._stack):
            raise IndexError
        start = len(self._stack) - count
        arguments = self._stack[start:]
        self._stack[start:] = [f"{name}({','.join(arguments)})"]

    def _operand(self, token: int) -> str:
        if token == 0x16:  # an argument that is left out
            return ""
        if token == 0x17:
            return self._text()
        if token not in _CONSTANTS:
            return self._reference(token)
        (value,) = self._next(_CONSTANTS[token])
        if token == 0x1D:
            return "TRUE" if value else "FALSE"
        return ERRORS[int(value)] if token == 0x1C else f"{value:.15g}"

    def _text(self) -> str:
        count, flags = self._next("<BB")
        size = count * (1 + (flags & 1))
        text = characters(self._tokens[self._at : self._at + size], flags)
        self._at += size
        return '"' + text.replace('"', '""') + '"'

    def _reference(self, token: int) -> str:
        match token:
            case 0x24:
                return _cell(*self._next("<HH"))
            case 0x25:
                return _area(*self._next("<HHHH"))
            case 0x3A:
                sheet, row, column = self._next("<HHH")
                return f"{self._sheet(sheet)}!{_cell(row, column)}"
            case 0x3B:
                sheet, *area = self._next("<HHHHH")
                return f"{self._sheet(sheet)}!{_area(*area)}"
        raise KeyError(token)

    def _sheet(self, number: int) -> str:
        name = self._sheets[number]
        return name if name.isidentifier() else "'" + name.replace("'", "''") + "'"


def _cell(row: int, column: int) -> str:
    letters = column_letters((column & _COLUMN) + 1)
    return (
        f"{'' if column & _RELATIVE_COLUMN else '$'}{letters}{'' if column & _RELATIVE_ROW else '$'}{row + 1}"
    )


def _area(top: int, bottom: int, left: int, right: int) -> str:
    return f"{_cell(top, left)}:{_cell(bottom, right)}"
