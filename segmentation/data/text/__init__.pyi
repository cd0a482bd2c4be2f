from .headers import check_names, name_columns
from .parquet_text import check_types
from .paths import check_path
from .reading import Hints, Loaded, load_text
from .records import Record
from .storing import Store, Target, make_folder, make_store

__all__ = [
    "Hints",
    "Loaded",
    "Record",
    "Store",
    "Target",
    "check_names",
    "check_path",
    "check_types",
    "load_text",
    "make_folder",
    "make_store",
    "name_columns",
]
