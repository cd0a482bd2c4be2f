"""How many runs fit on this machine at a time."""

from __future__ import annotations

import os
from pathlib import Path

MEMORY_OF_A_RUN = 1_500_000_000  # bytes


def choose_jobs(runs: int) -> int:
    """Returns the number of runs at a time: limited by cores, runs and 1.5 GB of memory each."""
    return max(1, min(os.cpu_count() or 1, runs, find_free_memory() // MEMORY_OF_A_RUN))


def choose_threads(jobs: int) -> int:
    """Returns the threads of each kernel's linear algebra, so that all cores are used once."""
    return max(1, (os.cpu_count() or 1) // jobs)


def find_free_memory(group: Path = Path("/sys/fs/cgroup")) -> int:
    """Returns the bytes still available, in the machine and in the control group on Linux."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        parts = dict(map(str.split, (group / "memory.stat").read_text().splitlines()))
        # Inactive file pages count as used, but the kernel drops them when memory runs short.
        return min(free, limit - used + int(parts["inactive_file"]))
    except (OSError, ValueError, KeyError):  # no such group, or no limit: "max"
        return free
