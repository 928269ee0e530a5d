"""Pages that stand in frames of another one, as far as they came with it."""

from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.extractors.web.pictures import Find

# To find one takes as long as it is large.
_MOST = 200


class Frames:
    """Gives each of them once, so that pages in circles end."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._asked: set[str] = set()
        self._taken: set[bytes] = set()

    def __call__(self, address: str) -> str | None:
        """The page that a frame means by its address; None when it is not at hand or was given."""
        if not address or address in self._asked or len(self._asked) >= _MOST:
            return None
        self._asked.add(address)
        data = self._find(address)
        if data is None or data in self._taken or b"<" not in data:
            return None
        self._taken.add(data)
        return decode(data, markup=True)
