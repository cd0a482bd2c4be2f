"""What to run: the command's words and runs.yaml, turned into named, checked runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken, TagToken

from segmentation.data.urls import is_database
from segmentation.reporting.datasets import absolute_dataset, dataset_stem
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import PATHS, Parameter, absolute_paths, check_values

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """One report to make: its name, which is its folder, and the parameters that it sets."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What all runs of a call share: the notebook, its parameters, and where reports go.

    `pdf`: auto (where a Chromium is found), always (a run without one has failed), never;
    `deadline`: the seconds after which a run is stopped.
    """

    notebook: Path
    parameters: Mapping[str, Parameter]
    reports: Path
    pdf: str = "never"
    deadline: float | None = None

    def values(self, run: Run) -> dict[str, Any]:
        """Every parameter of the run, defaults included, local paths absolute."""
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        return absolute_paths(defaults, self.notebook.parent) | run.values

    def changed(self, run: Run) -> dict[str, Any]:
        """The parameters of the run that differ from the notebook's, its data aside."""
        return {
            name: value
            for name, value in run.values.items()
            if name not in PATHS and value != self.parameters[name].default
        }


@dataclass(frozen=True)
class Outcome:
    """What came of a run: done, refused (its input was at fault) or failed."""

    run: str
    status: str
    seconds: float
    report: str | None = None
    reason: str = ""
    log: str | None = None
    result: dict[str, Any] | None = None

    def record(self) -> dict[str, Any]:
        """The outcome for `--json`."""
        result = self.result or {}
        metrics = {name: result.get(name) for name in ("k", "silhouette", "sizes", "verdict")}
        return {
            "run": self.run,
            "status": self.status,
            "reason": self.reason or None,
            "report": self.report,
            "log": self.log,
            "seconds": round(self.seconds, 2),
            **metrics,
        }


def plan_runs(
    wanted: Sequence[str],
    overrides: Mapping[str, Any],
    ks: Sequence[int],
    config: Path,
    parameters: Mapping[str, Parameter],
) -> list[Run]:
    """The runs to execute, in order, each one checked against the notebook's parameters.

    `wanted` are names in the runs file or files; none of them, and no dataset among `overrides`:
    every run of the file. `overrides` win over the file; each of `ks` makes a run of its own.
    """
    base = _chosen(wanted, overrides, config, parameters)
    values = check_values(parameters, overrides)
    runs = [Run(run.name, run.values | values) for run in base]
    if ks:
        runs = [
            Run(f"{run.name}-k{k}", run.values | check_values(parameters, {"k": k}))
            for run in runs
            for k in ks
        ]
    seen: dict[str, str] = {}
    for run in runs:
        check_name(run.name)
        if run.name.casefold() in seen:
            raise UsageError(f"two runs are named {run.name}; name them apart in {config.name}")
        seen[run.name.casefold()] = run.name
    return runs


def read_config(config: Path, parameters: Mapping[str, Parameter]) -> list[Run]:
    """The runs of a runs file: a mapping of a name to its parameters.

    Paths in it start from its folder. Every fault names the file, line and column.
    """
    if not config.is_file():
        raise UsageError(f"there is no {config.name}; name a file to make a report of it")
    try:
        text = config.read_text(encoding="utf-8-sig")
        _refuse_tricks(text, config)
        book = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UsageError(f"{config.name}{place}: {error.problem or 'not YAML'}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"{config.name}: {str(error).splitlines()[0]}") from None
    if not isinstance(book, CommentedMap) or not book:
        raise UsageError(f"{config.name}: write `name:` and below it the run's parameters")
    return [_configured(book, name, config, parameters) for name in book]


def _refuse_tricks(text: str, config: Path) -> None:
    """Refuses what makes YAML more than names and values: tags, anchors, aliases."""
    for token in YAML(typ="rt", pure=True).scan(text):
        if isinstance(token, TagToken | AnchorToken | AliasToken):
            mark = token.start_mark
            raise UsageError(
                f"{config.name} line {mark.line + 1}, column {mark.column + 1}: "
                "tags, anchors and aliases are not used here; write the value out"
            )


def check_name(name: str) -> None:
    """Refuses a run name that cannot be a folder on every system."""
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name) or name.endswith((".", " ")):
        raise UsageError(
            f"{name!r} cannot name a run; use up to 100 letters, digits, spaces, '.', '_' and '-'"
        )


def name_for(dataset: str | Path, table: Any = None) -> str:
    """The name of a run made from a file or a table: its stem, with other signs turned into '-'."""
    stem = dataset_stem(str(dataset), table)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:80] or "report"


def _chosen(
    wanted: Sequence[str],
    overrides: Mapping[str, Any],
    config: Path,
    parameters: Mapping[str, Parameter],
) -> list[Run]:
    if not wanted and "dataset" in overrides:
        return [Run(name_for(overrides["dataset"], overrides.get("table")))]
    configured: dict[str, Run] = {}
    if config.is_file() or not wanted:
        configured = {run.name: run for run in read_config(config, parameters)}
    if not wanted:
        return list(configured.values())
    return [_named(word, configured, overrides.get("table")) for word in dict.fromkeys(wanted)]


def _named(word: str, configured: Mapping[str, Run], table: Any) -> Run:
    if word in configured:
        return configured[word]
    if is_database(word):
        return Run(name_for(word, table), {"dataset": absolute_dataset(word, Path.cwd())})
    if Path(word).exists() or Path(word).suffix or "/" in word:
        return Run(name_for(word), {"dataset": str(Path(word).resolve())})
    raise UsageError(f"there is no run {word!r}{did_you_mean(word, configured)}")


def _configured(
    book: CommentedMap, name: Any, config: Path, parameters: Mapping[str, Parameter]
) -> Run:
    place = f"{config.name} line {book.lc.key(name)[0] + 1}"
    values = book[name] if book[name] is not None else {}
    if not isinstance(name, str) or not isinstance(values, Mapping):
        raise UsageError(f"{place}: write `name:` and below it the run's parameters")
    try:
        check_name(name)
        checked: dict[str, Any] = {}
        for key, value in values.items():
            line, column = values.lc.key(key)  # type: ignore[attr-defined]
            place = f"{config.name} line {line + 1}, column {column + 1}"
            checked |= check_values(parameters, {key: _plain(value)})
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from None
    return Run(name, absolute_paths(checked, config.parent))


def _plain(value: Any) -> Any:
    """The value in Python's own types: what YAML's round-trip classes stand for."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(part) for part in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
