"""Encodings by the names that mails and pages have for them."""

import codecs
import re

# What programs mean by a name (WHATWG Encoding Standard, section 4.2), where Python takes it at its word.
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "unicode": "utf-16",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "x-user-defined": "cp1252",
}
_WINDOWS = re.compile(r"(?:x-)?(?:windows|win|cp|ibm|ms)-?(\d{3,5})(?:-\d+)?")
# Of these nearly every sequence of bytes is a text, so that one which is UTF-8 as well is UTF-8.
_SINGLE_BYTES = re.compile(r"cp(?:125\d|874|866|437|85\d)|iso8859|iso-8859|koi8|mac|latin|charmap")


def codec_of_label(label: str) -> str | None:
    """Python's name of an encoding, None when there is none of this name."""
    name = label.strip().strip("'\"").lower()
    numbered = _WINDOWS.fullmatch(name)
    name = _MEANT.get(name) or (f"cp{numbered[1]}" if numbered else name)
    try:
        found = codecs.lookup(name)
        return found.name if _is_of_text(found) else None
    except (LookupError, ValueError):
        return None


def _is_of_text(found: codecs.CodecInfo) -> bool:
    # Python has codecs from bytes to bytes, too, among them compressors.
    return bool(getattr(found, "_is_text_encoding", True)) and found.name not in (
        "idna",
        "punycode",
        "undefined",
    )


def decode_as(data: bytes, label: str) -> str | None:
    """The text of the data if it is in the encoding that is named, None when it is not.

    What calls itself western and is UTF-8 throughout is UTF-8.
    """
    codec = codec_of_label(label)
    if codec is None:
        return None
    if _SINGLE_BYTES.match(codec) and not data.isascii():
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        return data.decode(codec)
    except ValueError:
        return data.decode("latin-1") if codec == "cp1252" and label.lower() != "us-ascii" else None
