from .files import rows_sql, whole_files
from .folders import PARQUET, is_folder, note_others, parquet_files
from .row_groups import (
    RowGroups,
    describe_files,
    find_plain,
    list_row_groups,
    remember_files,
    stream_rows,
)

__all__ = [
    "PARQUET",
    "RowGroups",
    "describe_files",
    "find_plain",
    "is_folder",
    "list_row_groups",
    "note_others",
    "parquet_files",
    "remember_files",
    "rows_sql",
    "stream_rows",
    "whole_files",
]
