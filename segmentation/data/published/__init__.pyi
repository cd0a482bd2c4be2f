from .formulas import neutralise
from .frames import open_runs, read_customers
from .names import LONGEST, Named, NamedSegments, open_names, write_names
from .reports import (
    HISTORY,
    UNREADABLE,
    Report,
    find_fault,
    find_list,
    find_report,
    list_past,
    open_report,
    read_run,
)
from .vocabulary import ALGORITHMS, BEST_FIRST, FINDS_K, TAKES_K, TITLES
from .writing import (
    write_csv,
    write_customers,
    write_json,
    write_text,
)

__all__ = [
    "ALGORITHMS",
    "BEST_FIRST",
    "FINDS_K",
    "HISTORY",
    "LONGEST",
    "TAKES_K",
    "TITLES",
    "UNREADABLE",
    "Named",
    "NamedSegments",
    "Report",
    "find_fault",
    "find_list",
    "find_report",
    "list_past",
    "neutralise",
    "open_names",
    "open_report",
    "open_runs",
    "read_customers",
    "read_run",
    "write_csv",
    "write_customers",
    "write_json",
    "write_names",
    "write_text",
]
