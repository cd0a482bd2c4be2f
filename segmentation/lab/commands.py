"""What is on screen as a report: the command that makes it, and its entry in runs.yaml."""

from __future__ import annotations

import ast
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segmentation.data import InputError
from segmentation.data.databases.address import has_secret, is_database, move_url
from segmentation.lab.exploring import Way
from segmentation.reporting import HOME, NOTEBOOK, is_run_name, name_for, read_parameters

FILES = ("dataset", "names")


@cache
def read_defaults() -> Mapping[str, Any]:
    """Returns the defaults of the report's notebook, without those that name files."""
    parameters = read_parameters(NOTEBOOK).values()
    return {one.name: one.default for one in parameters if one.name not in FILES}


@dataclass(frozen=True)
class Ordered:
    """A report that can be made: its name, the folder of all reports, its parameters.

    Only parameters that differ from the notebook's defaults; files start from the project's
    folder.
    """

    name: str
    reports: Path
    values: dict[str, Any]

    @property
    def page(self) -> Path:
        """The page that the report will have."""
        return self.reports / self.name / "report.html"


@dataclass(frozen=True)
class Made:
    """How a command ended: whether its report is published, and the lines it printed."""

    good: bool
    lines: list[str]


def order_report(
    name: str,
    reports: str | Path,
    chosen: Mapping[str, Any],
    way: Way,
    k: int | None,
    names: Path | None,
) -> Ordered:
    """Returns the report of what is on screen: the `chosen` parameters, with way, k and names.

    Paths in `chosen` start from the current folder. Raises `InputError` for a name that cannot
    be a folder's, and for a dataset with a password.
    """
    if not is_run_name(name):
        raise InputError(
            f"{name!r} cannot name a report",
            "use letters, digits, spaces, '.', '_' and '-'",
            code="names",
        )
    if has_secret(chosen["dataset"]):
        raise InputError(
            "a password must not stand in a command or in runs.yaml",
            "put the URL into an environment variable and write dataset = env:ITS_NAME",
            code="bad-url",
        )
    on_screen = {
        "features": list(way.features),
        "k": k,
        "transform": way.transform,
        "scaling": way.scaling,
        "algorithm": way.algorithm,
    }
    values = {**chosen, **on_screen, "names": None if names is None else str(names)}
    defaults = read_defaults()
    given = {n: v for n, v in values.items() if v is not None and v != defaults.get(n)}
    moved = {n: _from_project(given[n]) for n in FILES if n in given}
    return Ordered(name, Path(reports).resolve(), {**given, **moved})


def name_run(dataset: str, table: str | None, k: int) -> str:
    """Returns the name of a report that was given none: mall_customers-k5."""
    return f"{name_for(dataset, table)}-k{k}"


def list_words(ordered: Ordered) -> list[str]:
    """Returns the words after `python`, to run in the project's folder."""
    values = dict(ordered.values)
    words = ["run_reports.py", "--dataset", _no_option(values.pop("dataset"))]
    features = values["features"]
    if not any(name.startswith("-") for name in features):
        words += ["--features", *values.pop("features")]
    if "k" in values:
        words += ["--k", str(values.pop("k"))]
    for name, value in values.items():
        words += ["--set", f"{name}={_literal(value)}"]
    words += ["--name", ordered.name]
    if ordered.reports != HOME / "reports":
        words += ["--reports", _no_option(_relative(ordered.reports))]
    return words


def write_command(ordered: Ordered) -> str:
    """Returns the command to paste into a shell in the project's folder."""
    python = Path(sys.executable)
    inside = python.is_relative_to(HOME)
    program = str(python.relative_to(HOME)) if inside else str(python)
    return shlex.join([program, *list_words(ordered)])


def write_entry(ordered: Ordered) -> str:
    """Returns the run as an entry of runs.yaml in the project's folder."""
    text, yaml = io.StringIO(), YAML(typ="rt", pure=True)
    yaml.width = 10_000
    yaml.dump({ordered.name: ordered.values}, text)
    return text.getvalue().strip()


def run_command(words: Sequence[str], on_second: Callable[[int], None] = lambda _: None) -> Made:
    """Runs Python with these words in the project's folder; `on_second` gets the seconds so far."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=HOME,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    seconds = 0
    while True:
        try:
            printed, _ = process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            seconds += 1
            on_second(seconds)
        else:
            return Made(process.returncode == 0, printed.splitlines())


def _literal(value: Any) -> str:
    """Returns the value as `--set` reads it back: a text as it is, unless it is also a literal.

    Anything else is JSON, whose double quotes stay readable inside a shell's single ones.
    """
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return json.dumps(value, ensure_ascii=False)


def _no_option(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path


def _from_project(source: str) -> str:
    if is_database(source):
        return _move(source)
    return _relative(Path(source).expanduser().resolve())


def _move(url: str) -> str:
    """Returns the URL, relative if its database is a file inside the project, else absolute."""
    absolute = move_url(url, Path.cwd())
    inside = Path(absolute.partition(":///")[2]).is_relative_to(HOME)
    return move_url(absolute, HOME, relative=True) if inside else absolute


def _relative(path: Path) -> str:
    """Returns the path, relative if it is inside the project, else absolute."""
    return path.relative_to(HOME).as_posix() if path.is_relative_to(HOME) else str(path)
