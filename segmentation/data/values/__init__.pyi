from .deciding import Decision
from .text_columns import Looks, look_at, look_at_all, mostly_numbers
from .typed import Typed, type_table

__all__ = [
    "Decision",
    "Looks",
    "Typed",
    "look_at",
    "look_at_all",
    "mostly_numbers",
    "type_table",
]
