"""Versions of the libraries that a report's numbers come from."""

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
    """Returns the versions of Python and of each library that a number or figure depends on."""
    versions = {name: importlib.metadata.version(name) for name in MEASURED}
    return {"Python": platform.python_version(), **versions}
