from .columns import Columns, Why
from .currencies import MOST_CURRENCIES, find_currencies
from .errors import InputError, Note, nearest_name, offer_name
from .facts import Fact, find_type, is_identifier
from .orders import open_customers
from .parquet import RowGroups, list_row_groups, stream_rows
from .published import (
    Named,
    NamedSegments,
    Report,
    list_past,
    open_names,
    open_report,
    open_runs,
    read_customers,
    write_csv,
    write_customers,
    write_json,
    write_names,
    write_text,
)
from .reading import Dialect, Reading
from .related import find_twins, takes_log
from .roles import CODE_LEVELS, check_columns, check_k, check_names
from .rows import (
    PRIME,
    compute,
    count_copies,
    fence,
    find_distinct,
    hash_keys,
    hash_rows,
    is_embedded,
    number_key,
    thin_out,
)
from .source import Source, open_source, open_table
from .sql import ROW

__all__ = [
    "CODE_LEVELS",
    "MOST_CURRENCIES",
    "PRIME",
    "ROW",
    "Columns",
    "Dialect",
    "Fact",
    "InputError",
    "Named",
    "NamedSegments",
    "Note",
    "Reading",
    "Report",
    "RowGroups",
    "Source",
    "Why",
    "check_columns",
    "check_k",
    "check_names",
    "compute",
    "count_copies",
    "fence",
    "find_currencies",
    "find_distinct",
    "find_twins",
    "find_type",
    "hash_keys",
    "hash_rows",
    "is_embedded",
    "is_identifier",
    "list_past",
    "list_row_groups",
    "nearest_name",
    "number_key",
    "offer_name",
    "open_customers",
    "open_names",
    "open_report",
    "open_runs",
    "open_source",
    "open_table",
    "read_customers",
    "stream_rows",
    "takes_log",
    "thin_out",
    "write_csv",
    "write_customers",
    "write_json",
    "write_names",
    "write_text",
]
