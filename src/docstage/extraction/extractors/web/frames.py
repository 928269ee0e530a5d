"""Pages that stand in frames of another one, as far as they came with it."""

from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.extractors.web.pictures import Find


class Frames:
    """Gives each of them once, so that pages in circles end."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._taken: set[bytes] = set()

    def __call__(self, address: str) -> str | None:
        """The page that a frame means by its address; None when it is not at hand or was given."""
        data = self._find(address) if address else None
        if data is None or data in self._taken or b"<" not in data:
            return None
        self._taken.add(data)
        return decode(data, markup=True)
