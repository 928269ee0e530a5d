"""What users ask of results."""

from typing import Literal

ExportFormat = Literal["csv", "jsonl"]
