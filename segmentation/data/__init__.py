"""Any customer table, read strictly or refused: the front door of the rooms below.

- open a table: `open_source`, `open_table`, `open_customers` with `Reading`; a `Source` comes back
- its columns: `check_columns`, `check_k`, `check_names`, `Columns`, `Why`, `Fact`, `find_twins` …
- its rows, on any engine: `ROW`, `hash_rows`, `thin_out`, `fence`, `list_row_groups` …
- what is published: `Report`, `open_report`, `open_runs`, `open_names`, `write_csv` …
- what is wrong: `InputError`, `Note`, `offer_name`
"""

from segmentation.data.columns import Columns, Why
from segmentation.data.currencies import MOST_CURRENCIES, find_currencies
from segmentation.data.errors import InputError, Note, nearest_name, offer_name
from segmentation.data.facts import Fact, find_type, is_identifier
from segmentation.data.orders import open_customers
from segmentation.data.parquet import RowGroups, list_row_groups, stream_rows
from segmentation.data.published import (
    Named,
    NamedSegments,
    Report,
    list_past,
    open_names,
    open_report,
    open_runs,
    write_csv,
    write_customers,
    write_json,
    write_names,
    write_text,
)
from segmentation.data.related import find_twins, takes_log
from segmentation.data.roles import CODE_LEVELS, check_columns, check_k, check_names
from segmentation.data.rows import (
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
from segmentation.data.source import Dialect, Reading, Source, open_source, open_table
from segmentation.data.sql import ROW

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
    "stream_rows",
    "takes_log",
    "thin_out",
    "write_csv",
    "write_customers",
    "write_json",
    "write_names",
    "write_text",
]
