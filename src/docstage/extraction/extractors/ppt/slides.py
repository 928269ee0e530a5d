"""What a slide of an old PowerPoint presentation shows, in the order of reading."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Attachment
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.reading_order import Box, around, in_reading_order
from docstage.extraction.extractors.pipe_tables import pipe_table, spread
from docstage.extraction.extractors.ppt.drawing import Group, Shape, shapes
from docstage.extraction.extractors.ppt.files import PictureStore
from docstage.extraction.extractors.ppt.records import Record
from docstage.extraction.extractors.ppt.text import Words, texts

_DEEPEST = 50
_SMALL = 0.01  # of a slide: icons and logos are shown on less
_EDGE = 4  # units, 576 to an inch: cells of a table that begin so near each other begin together
# Pictures of slides, dates, numbers, footers and headers (`PlaceholderEnum`).
MARGINS = frozenset({0x05, 0x07, 0x08, 0x09, 0x0A, 0x0B})


@dataclass(frozen=True, slots=True)
class Item:
    """What a shape or a group shows."""

    text: str
    box: Box | None
    images: tuple[ImagePart, ...] = ()
    is_title: bool = False
    pictured: tuple[Box, ...] = ()


@dataclass(slots=True)
class SlideReader:
    """Reads the shapes of slides.

    Attributes:
        files: embedded files by their ids.
        where: words such as `slide 3`.
    """

    store: PictureStore
    pictures: Pictures
    files: dict[int, Attachment | str]
    size: Box
    where: str = ""
    outline: Sequence[Words] = ()
    left_out: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def items(self, holder: Record) -> list[Item]:
        """What a slide, a master or a page of notes shows."""
        return self._ordered(shapes(holder, _DEEPEST))

    def own_items(self, master: Record) -> list[Item]:
        """What a master shows on its slides: shapes that are no placeholders."""
        own = (one for one in shapes(master, _DEEPEST) if isinstance(one, Group) or not one.placeholder)
        return self._ordered(own)

    def _ordered(self, found: Iterable[Shape | Group]) -> list[Item]:
        items = (self._group(one) if isinstance(one, Group) else self._shape(one) for one in found)
        return in_reading_order([item for item in items if item and item.text.strip()], lambda item: item.box)

    def _group(self, group: Group) -> Item | None:
        if group.is_table:
            return self._table([one for one in group.members if isinstance(one, Shape)])
        items = self._ordered(group.members)
        if not items:
            return None
        return Item(
            "\n\n".join(item.text for item in items),
            around([item.box for item in items if item.box]),
            tuple(image for item in items for image in item.images),
            pictured=tuple(box for item in items for box in item.pictured),
        )

    def _table(self, cells: list[Shape]) -> Item | None:
        """Cells of a table as their edges place them."""
        placed = [(cell.box, self._words(cell)[0]) for cell in cells if cell.box and cell.textbox is not None]
        boxes = [box for box, _ in placed]
        if not boxes:
            return None
        columns, rows = _edges(box.left for box in boxes), _edges(box.top for box in boxes)
        grid = spread(
            (
                _before(rows, box.top),
                _before(columns, box.left),
                max(_before(rows, box.bottom - 2 * _EDGE) - _before(rows, box.top) + 1, 1),
                max(_before(columns, box.right - 2 * _EDGE) - _before(columns, box.left) + 1, 1),
                text,
            )
            for box, text in placed
        )
        return Item(pipe_table(grid), around(boxes))

    def _shape(self, shape: Shape) -> Item | None:
        if shape.is_hidden:
            self.left_out.append("A hidden shape is not read.")
            return None
        if shape.placeholder in MARGINS:
            return None
        text, is_title = self._words(shape)
        self._tell_object(shape)
        shown = self._picture(shape) if shape.picture else None
        if shown is not None:
            text = "\n".join(one for one in (shown.text, text) if one)
            return Item(text, shape.box, shown.images, is_title, shown.pictured)
        return Item(text, shape.box, is_title=is_title)

    def _words(self, shape: Shape) -> tuple[str, bool]:
        found = texts(shape.textbox or (), self.outline)
        text = "\n".join(words.text for words in found if words.text.strip())
        return text, any(words.is_title for words in found)

    def _tell_object(self, shape: Shape) -> None:
        if not shape.object_id:
            return
        found = self.files.get(shape.object_id)
        if isinstance(found, Attachment):
            self.attachments.append(found)
        elif found is not None:
            self.left_out.append(f"An embedded object{f' of {found}' if found else ''} is not read.")
        else:
            self.left_out.append("A film, a sound or a linked object is not included.")

    def _picture(self, shape: Shape) -> Item | None:
        alone = f"(picture: {shape.told})" if shape.told and "." not in shape.told else ""
        box = self.size if shape.is_background else shape.box
        data = self.store.find(shape.picture)
        if box and box.width * box.height < _SMALL * self.size.width * self.size.height:
            self.pictures.small += 1
            return Item(alone, box)
        if data is None or isinstance(data, str):
            if not shape.object_id:
                what = f"A drawing in the format {data}" if data else "A picture"
                self.left_out.append(f"{what} is not included: models take no such pictures.")
            return Item(alone, box)
        before = self.pictures.shown_at(data, shape.crop)
        if before:
            return Item(f"(the picture of {before} again)" if before != self.where else alone, box)
        taken = self.pictures.take(data, self.where, shape.crop)
        if isinstance(taken, str):
            self.left_out.append(taken)
        if not isinstance(taken, ImagePart):
            return Item(alone, box)
        told = f" ({shape.told})" if alone else ""
        return Item(PICTURE_MARK + told, box, (taken,), pictured=(box,) if box else ())


def _edges(values: Iterable[float]) -> list[float]:
    """Where columns or rows begin."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _EDGE:
            found.append(value)
    return found


def _before(edges: Sequence[float], value: float) -> int:
    """The number of the last edge that is not beyond the value."""
    return max(sum(edge <= value + _EDGE for edge in edges) - 1, 0)


def lines(items: Iterable[Item]) -> Iterator[str]:
    """What the items show, those without words left out."""
    return (item.text for item in items if item.text.strip())
