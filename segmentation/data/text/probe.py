"""Lays out the sheets of a workbook within bounds, in a process of its own, and prints nothing.

A run file, not a module: calamine lays out every cell up to the last one, wherever that lies, and
its Rust code aborts the process if memory runs out. Here only this process ends. It exits with 0
for a workbook that cannot be read, too: why is told by who reads it next.
"""

from __future__ import annotations

import resource
import sys

import python_calamine as calamine


def lay_out(path: str, table: str | None, memory: int, seconds: int) -> None:
    """Lays out the sheet called `table`, or all visible ones as they are all looked at."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    with calamine.CalamineWorkbook.from_path(path) as book:
        visible = calamine.SheetVisibleEnum.Visible
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == visible]
        names = names if table is None else [table] if table in book.sheet_names else []
        sheets = [book.get_sheet_by_name(name) for name in names]
        del sheets


if __name__ == "__main__":
    try:
        lay_out(sys.argv[1], sys.argv[4] or None, int(sys.argv[2]), int(sys.argv[3]))
    except MemoryError:
        sys.exit(1)
    except BaseException:  # calamine's panics are not Exceptions
        sys.exit(0)
