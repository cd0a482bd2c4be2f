"""Makes segmentation reports; `python run_reports.py --help` lists the options."""

import sys
from importlib.util import find_spec

NEEDED = (
    "duckdb ibis ipykernel jinja2 kneed lazy_loader markupsafe matplotlib nbconvert nbformat "
    "pandas papermill psycopg pyarrow pydantic python_calamine ruamel.yaml seaborn segmentation "
    "sklearn"
)
PIP = "python -m pip install"
INSTALL = f"{PIP} -r requirements.txt && {PIP} --no-deps --no-build-isolation -e ."


def _missing() -> list[str]:
    return [name for name in NEEDED.split() if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def main() -> int:
    """Runs the command; a missing package is reported in one line, not a traceback."""
    missing = _missing()
    if missing:
        print(
            f"{', '.join(missing)} not installed. Run: make reports, or {INSTALL}", file=sys.stderr
        )
        return 2
    from segmentation.reporting.command import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
