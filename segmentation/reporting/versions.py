"""The versions of what a report's numbers come from."""

from __future__ import annotations

import importlib.metadata
import platform
from functools import cache

MEASURED = (
    "scikit-learn",
    "numpy",
    "pandas",
    "duckdb",
    "ibis-framework",
    "matplotlib",
    "papermill",
)


@cache
def list_versions() -> dict[str, str]:
    """The version of Python and of each library that a number or picture depends on."""
    found = {name: importlib.metadata.version(name) for name in MEASURED}
    return {"Python": platform.python_version(), **found}
