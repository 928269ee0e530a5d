"""The media types that docstage reads, and the file names they usually have."""

PDF = "application/pdf"
RTF = "application/rtf"
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG, RFC822, MBOX = "application/vnd.ms-outlook", "message/rfc822", "application/mbox"
MHTML = "multipart/related"
NOTEBOOK = "application/x-ipynb+json"
CALENDAR, CARDS = "text/calendar", "text/vcard"
EPUB = "application/epub+zip"
HTML, XML, PLAIN = "text/html", "application/xml", "text/plain"
PNG, JPEG = "image/png", "image/jpeg"
ENCRYPTED_OOXML = "application/x-ole-encrypted-package"
"""An Office document locked with a password: Office wraps it in an OLE file, [MS-OFFCRYPTO] 2.3."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
PPTX = f"{_OFFICE}.presentationml.presentation"

_OOXML_EXTENSIONS = {
    "docx": DOCX,
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "dotx": f"{_OFFICE}.wordprocessingml.template",
    "dotm": "application/vnd.ms-word.template.macroEnabled.12",
    "xlsx": XLSX,
    "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "xltx": f"{_OFFICE}.spreadsheetml.template",
    "pptx": PPTX,
    "pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    "ppsx": f"{_OFFICE}.presentationml.slideshow",
    "potx": f"{_OFFICE}.presentationml.template",
}
_PLAIN_TYPES = {"d": DOCX, "x": XLSX, "p": PPTX}
OOXML = {media_type: _PLAIN_TYPES[extension[0]] for extension, media_type in _OOXML_EXTENSIONS.items()}
"""Every Office Open XML type, with the plain type of its family."""

_ODF = "application/vnd.oasis.opendocument"
_ODF_TEMPLATES = {"ott": f"{_ODF}.text", "ots": f"{_ODF}.spreadsheet", "otp": f"{_ODF}.presentation"}
_ODF_EXTENSIONS = {"odt": f"{_ODF}.text", "ods": f"{_ODF}.spreadsheet", "odp": f"{_ODF}.presentation"}
ODS = _ODF_EXTENSIONS["ods"]
ODF = frozenset(_ODF_EXTENSIONS.values())

OLE_EXTENSIONS = {"doc": DOC, "dot": DOC, "xls": XLS, "xlt": XLS, "ppt": PPT, "pps": PPT, "msg": MSG}

IMAGE_EXTENSIONS = {
    "png": PNG,
    "jpg": JPEG,
    "jpeg": JPEG,
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "heic": "image/heic",
    "heif": "image/heic",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
}

_SOURCE_CODE = (
    "asm awk bash bat bib c cc cfg clj cmake conf cpp cs css cxx dart diff el ex erl f90 fish fs go gradle "
    "groovy h hpp hs ini java jl js jsx kt less lisp lock lua make mjs ml nim nix patch php pl pm "
    "properties proto ps1 py r rb rs scala scss sh sol sql swift tcl tex tf toml ts tsx vb vim vue yaml yml"
)
_TEXT_EXTENSIONS = {
    "txt": PLAIN,
    "text": PLAIN,
    "log": PLAIN,
    "asc": PLAIN,
    "srt": PLAIN,
    "vtt": "text/vtt",
    "org": PLAIN,
    "adoc": PLAIN,
    "md": "text/markdown",
    "markdown": "text/markdown",
    "rst": "text/x-rst",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
    "xml": XML,
    "xsd": XML,
    "xsl": XML,
    "rss": XML,
    "atom": XML,
    "svg": "image/svg+xml",
    **dict.fromkeys(_SOURCE_CODE.split(), "text/x-source"),
}
TEXT_TYPES = frozenset(_TEXT_EXTENSIONS.values())
"""Types that a model reads as they stand."""

BY_EXTENSION = {
    "pdf": PDF,
    "rtf": RTF,
    "epub": EPUB,
    "html": HTML,
    "htm": HTML,
    "xhtml": HTML,
    "xht": HTML,
    "shtml": HTML,
    "mht": MHTML,
    "mhtml": MHTML,
    "eml": RFC822,
    "emlx": RFC822,
    "ipynb": NOTEBOOK,
    "ics": CALENDAR,
    "vcs": CALENDAR,
    "vcf": CARDS,
    "mbox": MBOX,
    **_OOXML_EXTENSIONS,
    **_ODF_EXTENSIONS,
    **_ODF_TEMPLATES,
    **{f"f{extension}": media_type for extension, media_type in _ODF_EXTENSIONS.items()},
    **OLE_EXTENSIONS,
    **IMAGE_EXTENSIONS,
    **_TEXT_EXTENSIONS,
}

_OPEN_DOCUMENTS = {_ODF_EXTENSIONS["odt"], _ODF_EXTENSIONS["odp"]}
_SLIDES = {media_type for media_type, plain in OOXML.items() if plain == PPTX}
_WORD = {media_type for media_type, plain in OOXML.items() if plain == DOCX}
_SHEETS = {*(media_type for media_type, plain in OOXML.items() if plain == XLSX), ODS, XLS}
_FAMILIES = {
    "text.extractor": TEXT_TYPES,
    "pdf.extractor": {PDF},
    "pictures": IMAGE_EXTENSIONS.values(),
    "web.extractor": {HTML, MHTML},
    "text.notebooks": {NOTEBOOK},
    "mail.calendars": {CALENDAR, CARDS},
    "mail.extractor": {RFC822, MBOX, MSG},
    "slides.extractor": _SLIDES,
    "ppt.extractor": {PPT},
    "open_document.extractor": _OPEN_DOCUMENTS,
    "word.extractor": _WORD,
    "word_old.extractor": {DOC},
    "sheets.extractor": _SHEETS,
    "rtf.extractor": {RTF},
    "epub": {EPUB, ENCRYPTED_OOXML},
}
EXTRACTORS = {media_type: family for family, types in _FAMILIES.items() for media_type in types}
"""Which module of `extractors` reads a type."""
