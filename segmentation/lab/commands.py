"""What is on screen as a report: the command that makes it, its entry in runs.yaml, and its run."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segmentation.data import InputError
from segmentation.data.databases.address import database_name, has_secret, is_database, move_url
from segmentation.lab.exploring import Way

PROJECT = Path(__file__).parents[2]
# As the report's notebook has them: what is not said is this.
DEFAULTS = {
    "transform": "auto",
    "scaling": "standard",
    "algorithm": "kmeans",
    "missing": "drop",
    "k_max": 10,
    "seed": 42,
    "on_bad_value": "refuse",
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
FILES = ("dataset", "names")


@dataclass(frozen=True)
class Ordered:
    """A report that can be made: its name, the folder of all reports, its parameters.

    Only parameters that differ from the notebook's own; files are named from the project's folder.
    """

    name: str
    reports: Path
    values: dict[str, Any]

    @property
    def page(self) -> Path:
        """Where the report will be."""
        return self.reports / self.name / "report.html"


@dataclass(frozen=True)
class Made:
    """What came of a command: whether its report is published, and the lines that it printed."""

    good: bool
    lines: list[str]


def order_report(
    name: str,
    reports: str | Path,
    asked: Mapping[str, Any],
    way: Way,
    k: int | None,
    names: Path | None,
) -> Ordered:
    """The report of what is on screen. Paths in `asked` start from the folder that one stands in.

    Raises `InputError` for a name that is no folder's, and for a database's password.
    """
    if not is_run_name(name):
        raise InputError(
            f"{name!r} cannot name a report",
            "use letters, digits, spaces, '.', '_' and '-'",
            code="names",
        )
    if has_secret(asked["dataset"]):
        raise InputError(
            "a command and a runs.yaml are no place for a password",
            "put the URL into an environment variable and write dataset = env:ITS_NAME",
            code="bad-url",
        )
    chosen = {
        "features": list(way.features),
        "k": k,
        "transform": way.transform,
        "scaling": way.scaling,
        "algorithm": way.algorithm,
    }
    values = {**asked, **chosen, "names": None if names is None else str(names)}
    told = {n: v for n, v in values.items() if v is not None and v != DEFAULTS.get(n)}
    moved = {n: _from_project(told[n]) for n in FILES if n in told}
    return Ordered(name, Path(reports).resolve(), {**told, **moved})


def is_run_name(name: str) -> bool:
    """Whether a report's folder can be called so."""
    return bool(NAME.fullmatch(name)) and not name.endswith((".", " "))


def name_run(dataset: str, table: str | None, k: int) -> str:
    """What a report is called where nobody says otherwise: mall_customers-k5."""
    stem = database_name(dataset) if is_database(dataset) else Path(dataset).stem
    if is_database(dataset) and table is not None and len(table.split()) == 1:
        stem += f"-{table}"
    return f"{NOT_IN_A_NAME.sub('-', stem).strip('-._')[:80] or 'report'}-k{k}"


def list_words(ordered: Ordered) -> list[str]:
    """The words after `python`, from the project's folder."""
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
    if ordered.reports != PROJECT / "reports":
        words += ["--reports", _no_option(_relative(ordered.reports))]
    return words


def write_command(ordered: Ordered) -> str:
    """The command to paste into a shell that stands in the project's folder."""
    python = Path(sys.executable)
    inside = python.is_relative_to(PROJECT)
    started = str(python.relative_to(PROJECT)) if inside else str(python)
    return shlex.join([started, *list_words(ordered)])


def write_entry(ordered: Ordered) -> str:
    """The run as an entry of runs.yaml in the project's folder."""
    text, yaml = io.StringIO(), YAML(typ="rt", pure=True)
    yaml.width = 10_000
    yaml.dump({ordered.name: ordered.values}, text)
    return text.getvalue().strip()


def run_command(words: Sequence[str], tell: Callable[[int], None] = lambda _: None) -> Made:
    """Runs Python with these words in the project's folder; `tell` gets the seconds so far."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=PROJECT,
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
            said, _ = process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            seconds += 1
            tell(seconds)
        else:
            return Made(process.returncode == 0, said.splitlines())


def _literal(value: Any) -> str:
    """The value as `--set` reads it back: a text as it is, unless it would be taken for more.

    JSON, as its double quotes need no others around them in a shell.
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
    """The URL with a database file inside the project from its folder, any other in full."""
    whole = move_url(url, Path.cwd())
    inside = Path(whole.partition(":///")[2]).is_relative_to(PROJECT)
    return move_url(whole, PROJECT, relative=True) if inside else whole


def _relative(path: Path) -> str:
    """A path inside the project from its folder, any other in full."""
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else str(path)
