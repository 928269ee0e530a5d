"""Formulas of Office, as people would type them."""

import pytest
from tests.staging.samples import WORD

from docstage.extraction.extractors.office.math import linear
from docstage.extraction.extractors.office.package import parse_part

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def r(text: str) -> str:
    """A run of a formula."""
    return f"<m:r><w:rPr/><m:t>{text}</m:t></m:r>"


def m(name: str, *inner: str, **values: str) -> str:
    """A structure with its properties; what is no markup becomes a run."""
    said = "".join(f'<m:{key} m:val="{value}"/>' for key, value in values.items())
    content = "".join(one if "<" in one else r(one) for one in inner)
    return f"<m:{name}><m:{name}Pr>{said}<m:ctrlPr/></m:{name}Pr>{content}</m:{name}>"


def e(*inner: str, name: str = "e") -> str:
    """An operand."""
    return f"<m:{name}>{''.join(one if '<' in one else r(one) for one in inner)}</m:{name}>"


def num(*inner: str) -> str:
    """What is above."""
    return e(*inner, name="num")


def den(*inner: str) -> str:
    """What is below."""
    return e(*inner, name="den")


def sub(*inner: str) -> str:
    """What is small and low."""
    return e(*inner, name="sub")


def sup(*inner: str) -> str:
    """What is small and high."""
    return e(*inner, name="sup")


HALF = m("f", num("1"), den("2"))
MATRIX = m("m", e(e("a"), e("b"), name="mr"), e(e("c"), e("d"), name="mr"))
LIMIT = m("limLow", e("lim"), e("x→0", name="lim"))
FORMULAS = {
    "x^2 + 1": m("sSup", e("x"), sup("2")) + r(" + 1"),
    "(a+b)/c": m("f", num("a+b"), den("c")),
    "mλ/(ab)": m("f", num("mλ"), den("ab")),
    "n over k": m("f", num("n"), den("k"), type="noBar"),
    "x 1/2 y": r("x") + HALF + r("y"),
    "1/2+y": HALF + r("+y"),
    "E=mc^2": r("E=m") + m("sSup", e("c"), sup("2")),
    "x^2 y": m("sSup", e("x"), sup("2")) + r("y"),
    "(x+1)^2": m("sSup", e("x+1"), sup("2")),
    "(x+2)^2": m("sSup", e(m("d", e("x+2"))), sup("2")),
    "f(x|y)": r("f") + m("d", e("x"), e("y")),
    "10^-6 mm": m("sSup", e("10"), sup("-6")) + r("mm"),
    "a_(ij)^2": m("sSubSup", e("a"), sub("ij"), sup("2")),
    "45.0°": m("sSup", e("45.0"), sup("∘")),
    "^14_6 C": m("sPre", sub("6"), sup("14"), e("C")),
    "sqrt(b^2-4ac)": m("rad", "<m:deg/>", e(m("sSup", e("b"), sup("2")), "-4ac"), degHide="1"),
    "sqrt[3](x)": m("rad", e("3", name="deg"), e("x")),
    "∑_(i=1)^n i": m("nary", sub("i=1"), sup("n"), e("i"), chr="∑"),
    "∫ f dx": m("nary", "<m:sub/><m:sup/>", e("f dx"), subHide="on", supHide="1"),
    "[a, b; c, d]": MATRIX,
    "|a, b; c, d|": m("d", e(MATRIX), begChr="|", endChr="|"),
    "{x; y": m("d", e(m("eqArr", e("&amp;x"), e("y"))), begChr="{", endChr=""),
    "sin θ": r("sin\u2061θ"),
    "sin(x)": m("func", e("sin", name="fName"), e(m("d", e("x")))),
    "lim_(x→0) x": m("func", e(LIMIT, name="fName"), e("x")),
    "x̂+overline(AB)": m("acc", e("x")) + r("+") + m("bar", e("AB"), pos="top"),
    "A →^(heat) B": r("A") + m("groupChr", e("heat"), chr="→") + r("B"),
    "x=2": r("\U0001d465=") + f"<w:ins>{r('2')}</w:ins><w:del>{r('3')}</w:del>",
    "y": m("phant", e("x"), show="0") + m("box", e("y")),
}


@pytest.mark.parametrize("typed", FORMULAS)
def test_formula(typed: str) -> None:
    """Each structure has its form on one line, and nothing runs into what is beside it."""
    markup = f'<m:oMath xmlns:m="{MATH}" xmlns:w="{WORD}">{FORMULAS[typed]}</m:oMath>'
    assert linear(parse_part(markup.encode())) == typed


def test_several_formulas_of_a_paragraph() -> None:
    """Formulas that stand below each other stay so."""
    one = f"<m:oMath>{r('a=b')}</m:oMath>"
    markup = f'<m:oMathPara xmlns:m="{MATH}" xmlns:w="{WORD}"><m:oMathParaPr/>{one}{one}</m:oMathPara>'
    assert linear(parse_part(markup.encode())) == "a=b\na=b"


def test_endless_formula() -> None:
    """Structures without end cost their words and no stack."""
    start, end = "<m:sSup><m:e>", "</m:e></m:sSup>"
    markup = f'<m:oMath xmlns:m="{MATH}" xmlns:w="{WORD}">{start * 240}{r("x")}{end * 240}</m:oMath>'
    assert linear(parse_part(markup.encode())) == "x"
