"""The languages that pictures can be read in, by their codes of ISO 639, and which engine reads them."""

from collections.abc import Mapping
from types import MappingProxyType

# By Tesseract's name of its data. Where two codes are in use for a script, the more common one is listed.
_DATA = """
    af:afr ar:ara az:aze be:bel bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng
    eo:epo es:spa et:est eu:eus fa:fas fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun
    hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz kn:kan ko:kor la:lat lb:ltz lt:lit lv:lav mk:mkd
    ml:mal mr:mar ms:msa mt:mlt nl:nld no:nor oc:oci pa:pan pl:pol pt:por ro:ron ru:rus sk:slk sl:slv
    sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tr:tur uk:ukr ur:urd uz:uzb vi:vie yi:yid
    zh:chi_sim zh-hant:chi_tra
"""
TESSERACT_DATA: Mapping[str, str] = MappingProxyType(dict(pair.split(":") for pair in _DATA.split()))

# All of whose letters are in the table of signs of the models that come with rapidocr (PP-OCRv6 small).
_READ = """
    af bs ca cs cy da de en eo es et eu fi fr ga gl hr hu id is it ja la lb lt lv ms mt nl no oc pl pt ro sk
    sl sq sv sw tr uz zh zh-hant
"""
RAPIDOCR_READS = frozenset(_READ.split())


def asked_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes as they are looked up, each once, in their order.

    Raises:
        ValueError: when one is not known, in words that follow the name of the setting.
    """
    asked = tuple(dict.fromkeys(code.strip().lower().replace("_", "-") for code in codes if code.strip()))
    unknown = [code for code in asked if code not in TESSERACT_DATA]
    if unknown:
        known = ", ".join(TESSERACT_DATA)
        raise ValueError(f"names languages that are not known: {', '.join(unknown)}; known are {known}")
    return asked
