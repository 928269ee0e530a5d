"""Signs of the fonts Symbol, Wingdings and Webdings, which have places of their own, as Unicode has them.

After the mapping of the Unicode consortium for Symbol, and the names of glyphs in the others. Signs without a
counterpart are shown as a bullet.
"""

_SYMBOL = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = (
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪•〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
_TABLES: dict[str, dict[int, str]] = {
    "symbol": dict(enumerate(_SYMBOL, 0x20)) | dict(enumerate(_SYMBOL_HIGH, 0xA0)),
    "wingdings": {
        **dict(enumerate("✏✂✁👓🔔📖🕯☎✆✉📪", 0x21)),
        **dict(enumerate("✌👌👍👎☜☞☝☟✋☺😐☹💣☠", 0x41)),
        **dict(enumerate("●❍■□❐❑❒⬧⧫◆❖⬥", 0x6C)),
        **dict(enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿", 0x80)),
        **dict(enumerate("·•▪○", 0x9E)),
        **dict(enumerate("▪□▲✦★✶✴✹✵", 0xA7)),
        **dict(enumerate("➢➔←→↑↓↖↗↙↘⬅➡⬆⬇", 0xD8)),
        **dict(enumerate("←→↑↓↖↗↙↘←→↑↓↖↗↙↘⇦⇨⇧⇩⬄⇳", 0xDF)),
        **dict(enumerate("▫✗✓☒☑", 0xFA)),
        0x20: " ",
        0x3F: "✍",
        0x78: "⌧",
        0xD8: "➢",
    },
    "wingdings 2": {
        **dict(enumerate("✗✓☒☑☒☒", 0x4F)),
        **dict(enumerate("①②③④⑤⑥⑦⑧⑨⑩", 0x6A)),
        0x20: " ",
        0x2A: "☐",
        0x35: "☞",
        0x96: "•",
        0x97: "●",
        0x98: "●",
        0xA2: "■",
        0xA3: "□",
        0xAE: "◆",
    },
    "wingdings 3": {**dict(enumerate("←→↑↓↖↗↙↘", 0x66)), 0x20: " ", 0x7D: "▶", 0x84: "▸", 0x75: "◄"},
    "webdings": {0x20: " ", 0x31: "☐", 0x61: "✓", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✗", 0x78: "⌧"},
}
_PRIVATE = 0xF000
_UNKNOWN = "•"


def is_symbol_font(font: str) -> bool:
    """Whether a font has signs in the place of letters."""
    return font.lower() in _TABLES


def symbol(code: int, font: str) -> str:
    """The sign of a font at a place, or at its place in the private area of Unicode."""
    table = _TABLES.get(font.lower())
    place = code - _PRIVATE if _PRIVATE <= code < _PRIVATE + 0x100 else code
    if table is None:
        private = 0xE000 <= code < 0xF900
        return _UNKNOWN if private or code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)
    if place >= 0x100:
        return chr(place) if place <= 0x10FFFF and not 0xD800 <= place < 0xF900 else _UNKNOWN
    return table.get(place, _UNKNOWN)


def symbols(text: str, font: str) -> str:
    """A text in the letters that a font shows for it."""
    return "".join(symbol(ord(character), font) for character in text)
