"""Published reports and the files beside them: read, written, and the words they share."""

from segmentation.data.published.names import LONGEST, Named, NamedSegments, open_names, write_names
from segmentation.data.published.reports import (
    HISTORY,
    UNREADABLE,
    Report,
    find_fault,
    find_list,
    find_report,
    list_past,
    open_report,
    open_runs,
    read_run,
)
from segmentation.data.published.vocabulary import ALGORITHMS, BEST_FIRST, FINDS_K, TAKES_K, TITLES
from segmentation.data.published.writing import (
    neutralise,
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
    "read_run",
    "write_csv",
    "write_customers",
    "write_json",
    "write_names",
    "write_text",
]
