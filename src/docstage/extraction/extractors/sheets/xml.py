"""Large XML parts read piece by piece, without a tree: a sheet may have millions of elements."""

from xml.parsers import expat

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

DEEPEST = 500
_DAMAGED = "A part of the file is damaged. Open it in its program and save it anew."


class LocalNames(dict[str, str]):
    """Names without the prefix of their namespace, by the names with it."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


class Events:
    """Takes what is read, by names as they stand; `names` has them without prefixes."""

    def __init__(self) -> None:
        self.names = LocalNames()
        self._parser: expat.XMLParserType | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends."""
        raise NotImplementedError

    def listen(self, pieces: list[str] | None) -> None:
        """Append text to these pieces from now on, or to none."""
        assert self._parser is not None
        self._parser.CharacterDataHandler = None if pieces is None else pieces.append

    def attach(self, parser: expat.XMLParserType) -> None:
        """Take what this parser reads."""
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end


def read_events(data: bytes, events: Events) -> None:
    """Read a part.

    Raises:
        Unreadable: DAMAGED when it is no XML, TOO_COMPLEX when it declares entities, what `events` raises.
    """
    parser = expat.ParserCreate()
    events.attach(parser)
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED) from error


def relation(attributes: dict[str, str]) -> str:
    """The id of a relationship (`r:id`), empty where there is none."""
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")


def _refuse_entities(*_declaration: object) -> None:
    detail = "It declares entities, which no program needs to save a document. Save it anew."
    raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
