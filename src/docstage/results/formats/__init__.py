"""The formats in which results can be exported, in the order in which they are offered.

API, commands and pages ask here what there is. A new format is a module beside these, and its line in `_ALL`.
"""

from collections.abc import Mapping

from docstage.results.formats.comma_separated import COMMA_SEPARATED
from docstage.results.formats.format import Format
from docstage.results.formats.json_lines import JSON_LINES
from docstage.results.formats.tab_separated import TAB_SEPARATED

_ALL = (
    COMMA_SEPARATED,
    JSON_LINES,
    TAB_SEPARATED,
)
FORMATS: Mapping[str, Format] = {one.name: one for one in _ALL}
DEFAULT = COMMA_SEPARATED


def format_of_file(name: str) -> Format | None:
    """The format that the name of a file tells by its end, None for an unknown one."""
    return next((one for one in _ALL if name.lower().endswith(one.suffix)), None)
