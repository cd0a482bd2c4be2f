"""Files of any kind as tables of text: `load_text` reads one, every cell as written."""

from segmentation.data.text.containers import check_path
from segmentation.data.text.headers import check_names, name_columns
from segmentation.data.text.parquet_text import check_types
from segmentation.data.text.reading import Hints, Loaded, load_text
from segmentation.data.text.records import Record
from segmentation.data.text.storing import Store, Target, make_folder, make_store

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
