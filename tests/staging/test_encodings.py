"""Old encodings of short texts, of which detectors have little to go by."""

import pytest

from docstage.extraction.extractors.text.decoding import decode

_GERMAN = "cp1252 iso8859-15 cp850 mac-roman"
_CZECH = "cp1250 iso8859-2 cp852 mac-latin2"
_RUSSIAN = "cp1251 koi8-r iso8859-5 cp866 mac-cyrillic"
_TEXTS = [
    ("cp1252 iso8859-15 cp850", "Grüße aus Köln, Straße 5"),
    (_GERMAN, "Sehr geehrte Frau Müller,\nfür die Übergabe schlagen wir Dienstag vor.\nJörg Schröder"),
    (_GERMAN, "Name;Ort;Betrag\nMüller;Köln;12,50\nSchäfer;Düsseldorf;7,90\n"),
    ("cp1252 iso8859-15", "Köln, 12,50 €"),
    ("cp1252 mac-roman", "Le café est fermé à midi, s'il vous plaît"),
    ("cp1252 iso8859-15 cp850 mac-roman", "Monsieur,\nj'ai bien reçu votre lettre où vous évoquez l'été.\n"),
    ("cp1252 iso8859-15 cp850 mac-roman", "El año pasado compré un piso en la montaña"),
    ("cp1252", "A reunião será amanhã às três, não se atrase"),
    ("cp1252", "Vi ses på måndag på kontoret i Malmö"),
    (_CZECH, "Vážený pane Nováku,\nděkujeme za zaslání smlouvy.\nS pozdravem Jiří Dvořák"),
    (_CZECH, "Proszę o przesłanie umowy najmu do końca miesiąca"),
    ("cp1250 iso8859-2", "Tisztelt Uram,\nköszönjük a megrendelését.\nKovács Gergő"),
    ("cp1254 iso8859-9", "Sayın Yılmaz,\nsiparişiniz için teşekkür ederiz.\nAyşe Çelik"),
    ("cp1257 iso8859-13", "Prašome atsiųsti pasirašytą sutartį iki penktadienio"),
    (_RUSSIAN, "Договор"),
    (_RUSSIAN, "Просим прислать подписанный договор до пятницы"),
    (_RUSSIAN, "Имя;Город\nИванов;Москва\nПетров;Казань\n"),
    ("cp1251 koi8-u", "Просимо надіслати підписаний договір до п'ятниці"),
    ("cp1253 iso8859-7", "Παρακαλούμε στείλτε το υπογεγραμμένο συμβόλαιο"),
    ("cp1255 iso8859-8", "נא לשלוח את החוזה החתום עד יום שישי"),
    ("cp1256 iso8859-6", "يرجى إرسال العقد الموقع قبل يوم الجمعة"),
    ("cp874", "กรุณาส่งสัญญาที่ลงนามแล้วภายในวันศุกร์"),
    ("cp932 euc-jp iso2022-jp", "署名済みの契約書を金曜日までにお送りください。"),
    ("gb18030 big5", "請於星期五之前寄回簽署的合同"),
    ("gb18030", "请于星期五之前寄回签署的合同。"),
    ("euc-kr iso2022-kr", "서명한 계약서를 금요일까지 보내 주십시오."),
    ("cp1252", "The lessor’s “premises” – see clause 4 – cost £1,200 per month."),
    ("cp1252", "Price: 40 €\n"),
    ("cp1252", "# Größe in mm\nx = 5\n"),
    ("cp1252", "Résumé\n" + "One word with accents in a long English text. " * 40),
    ("cp437", "┌──────┐\n│ Menü │\n└──────┘\n"),
]
_WORDS = {
    "cp1252": "Müller Février España Göteborg",
    "cp850": "Müller España",
    "cp1250": "Łódź Dvořák Győr",
    "iso8859-2": "Łódź Dvořák",
    "cp1253": "Αθήνα",
    "cp1256": "السلام",
    "cp932": "契約書",
    "gb18030": "合同",
    "euc-kr": "계약서",
}


@pytest.mark.parametrize(
    ("codec", "text"), [(codec, text) for every, text in _TEXTS for codec in every.split()]
)
def test_short_texts(codec: str, text: str) -> None:
    """A line or a few of them are enough."""
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("codec", "word"), [(codec, word) for codec, words in _WORDS.items() for word in words.split()]
)
def test_single_words(codec: str, word: str) -> None:
    """Of a single word, the reading is taken in which it looks like one."""
    assert decode(word.encode(codec)) == word


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "gb18030"])
def test_what_is_unicode_stays_so(codec: str) -> None:
    """Where nothing is wrong, nothing is guessed."""
    for text in ("plain ASCII", "Größe – Москва – 契約書", "naïve\n" * 3):
        assert decode(text.encode()) == text
        assert decode((text + "\n").encode() + "x".encode(codec)) == text + "\nx"


def test_lines_in_another_encoding() -> None:
    """A log that other programs write into, too: each line is read in its own encoding."""
    line, foreign = "Größe geändert\n", "Müller: 12 €\n"
    assert decode(line.encode() * 3 + foreign.encode("cp1252")) == line * 3 + foreign
    assert decode(foreign.encode("cp1252") * 3 + line.encode()) == foreign * 3 + line
    signs = "✅ done → 5 ∑\n"
    assert decode(signs.encode() * 2 + foreign.encode("cp1252")) == signs * 2 + foreign
    russian = "Москва и область\n"
    assert decode(line.encode() * 3 + russian.encode("cp1251") * 2) == line * 3 + russian * 2


def test_a_cut_character_garbles_nothing_else() -> None:
    """The line that it is in stays UTF-8."""
    assert decode("Größe\nabgeschnitten: ä ö ü".encode()[:-1]) == "Größe\nabgeschnitten: ä ö \ufffd"
    assert decode("ä ö ü".encode()[:-1]) == "ä ö \ufffd"


def test_long_lines_are_cut_for_a_look() -> None:
    """Where the first line is longer than what is looked at, its end may be half a character."""
    for odd in ("", "a"):
        text = odd + "契約書を送ります" * 3_000
        assert decode(text.encode("cp932")) == text
