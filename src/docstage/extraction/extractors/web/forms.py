"""What forms of pages are filled in with."""

from docstage.extraction.extractors.web.flow import Flow

_UNSHOWN = frozenset({"hidden", "password", "file", "image", "color", "range"})
_MARKS = {"checkbox": ("[ ]", "[x]"), "radio": ("( )", "(x)")}


def input_text(found: dict[str, str]) -> str:
    """What a field shows, given its attributes."""
    kind = found.get("type", "text").lower()
    if kind in _MARKS:
        return _MARKS[kind]["checked" in found]
    if kind == "image":
        return found.get("alt", "")
    return "" if kind in _UNSHOWN else " ".join(found.get("value", "").split())


class Choice:
    """A list to choose from."""

    def __init__(self, is_multiple: bool) -> None:
        self._is_multiple = is_multiple
        self._options: list[tuple[int, bool]] = []

    def add(self, place: int, is_selected: bool) -> None:
        """An option, whose text will be at this place of the flow."""
        self._options.append((place, is_selected))

    def text(self, flow: Flow) -> str:
        """What is chosen; where nothing is, browsers show the first."""
        chosen = [number for number, (_, is_selected) in enumerate(self._options) if is_selected]
        if not self._is_multiple:
            chosen = chosen[-1:] or ([0] if self._options else [])
        return ", ".join(text for number in chosen if (text := self._text_of(number, flow)))

    def _text_of(self, number: int, flow: Flow) -> str:
        place = self._options[number][0]
        following = self._options[number + 1][0] if number + 1 < len(self._options) else len(flow.blocks)
        return flow.blocks[place].text if place < following else ""
