"""Code pages of Windows by their numbers."""

import codecs

# Those that Python has under another name: "Code Page Identifiers" in Microsoft's documentation of Windows.
_NAMES = {
    936: "gb18030",
    1361: "johab",
    10000: "mac_roman",
    10007: "mac_cyrillic",
    20866: "koi8_r",
    20932: "euc_jp",
    20936: "gb18030",
    21866: "koi8_u",
    38598: "iso8859_8",
    50220: "iso2022_jp",
    50221: "iso2022_jp",
    50222: "iso2022_jp",
    50225: "iso2022_kr",
    51932: "euc_jp",
    51936: "gb18030",
    51949: "euc_kr",
    52936: "hz",
    54936: "gb18030",
    65001: "utf_8",
}
_ISO_8859, _ISO_8859_PARTS = 28590, 16


def codec_of(page: int | None) -> str | None:
    """Python's name of a code page, None when it has none or the page tells nothing."""
    if page is None:
        return None
    if 0 < page - _ISO_8859 <= _ISO_8859_PARTS:
        name = f"iso8859_{page - _ISO_8859}"
    else:
        name = _NAMES.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
