"""What text means: `type_table` decides the type of every column; ambiguous ones are refused."""

from segmentation.data.values.deciding import Decision
from segmentation.data.values.text_columns import Looks, look_at, look_at_all, mostly_numbers
from segmentation.data.values.typed import Typed, type_table

__all__ = [
    "Decision",
    "Looks",
    "Typed",
    "look_at",
    "look_at_all",
    "mostly_numbers",
    "type_table",
]
