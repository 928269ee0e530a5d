"""How coordinates inside a group of shapes become those of the slide."""

from dataclasses import dataclass

from docstage.extraction.extractors.office.reading_order import Box


@dataclass(frozen=True, slots=True)
class Scale:
    """What the coordinates of a group's members are moved and stretched by; by itself, by nothing."""

    x: float = 0.0
    y: float = 0.0
    across: float = 1.0
    down: float = 1.0

    @classmethod
    def of(cls, area: Box, box: Box) -> "Scale":
        """That of a group whose members are placed in an area, which lies in a box of the slide.

        Args:
            area: of a width and height above 0.
        """
        across, down = box.width / area.width, box.height / area.height
        return cls(box.left - area.left * across, box.top - area.top * down, across, down)

    def place(self, box: Box) -> Box:
        """The box as it lies on the slide."""
        return Box(
            self.x + box.left * self.across,
            self.y + box.top * self.down,
            box.width * self.across,
            box.height * self.down,
        )
