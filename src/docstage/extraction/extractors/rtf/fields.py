"""Fields of Rich Text Format: what is shown is the result that was kept; some show something without one."""

from docstage.extraction.extractors.rtf.groups import Group
from docstage.extraction.extractors.word.fields import CHECKED, UNCHECKED, link_of, unresolved

_BOX, _LIST = 1, 2
_AS_BEFORE = 25  # \ffres: what the form began with


def field_text(field: Group, shown: str) -> str | None:
    """What a field adds to the result that it shows, None for nothing."""
    kind = field.numbers.get("fftype")
    chosen = field.numbers.get("ffres", _AS_BEFORE)
    chosen = field.numbers.get("ffdefres", 0) if chosen == _AS_BEFORE else chosen
    if kind == _BOX:
        return CHECKED if chosen else UNCHECKED
    if kind == _LIST:
        return field.entries[chosen].strip() if 0 <= chosen < len(field.entries) else None
    instruction = " ".join(field.instruction.split())
    if not field.is_shown:
        return unresolved(instruction) or None
    address = link_of(instruction)
    if address is None or address.startswith("#"):  # another place of the document
        return None
    if not shown.strip():  # its words ended with a paragraph
        return f"({address})"
    told = address.removeprefix("mailto:").rpartition("//")[2].rstrip("/")
    return None if told in shown else f" ({address})"
