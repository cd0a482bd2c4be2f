"""What to run: the command's words and runs.yaml, turned into named, checked runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from segmentation.data.databases.address import is_database
from segmentation.reporting.datasets import PATHS, absolute_dataset
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter, absolute_paths, check_values
from segmentation.reporting.runs_file import Run, check_name, name_for, read_runs
from segmentation.reporting.settings import Settings


@dataclass(frozen=True)
class Plan:
    """What all runs of a call share: the notebook, its parameters, and where reports go.

    `pdf` and `deadline` win over a run's own settings; `accept` publishes what an expectation
    would hold back.
    """

    notebook: Path
    parameters: Mapping[str, Parameter]
    reports: Path
    pdf: Literal["auto", "always", "never"] | None = None
    deadline: float | None = None
    accept: bool = False

    def settings(self, run: Run) -> Settings:
        """How the run is carried out."""
        own = run.settings
        return replace(own, pdf=self.pdf or own.pdf, deadline=self.deadline or own.deadline)

    def values(self, run: Run) -> dict[str, Any]:
        """Every parameter of the run, defaults included, local paths absolute."""
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        return absolute_paths(defaults, self.notebook.parent) | run.values

    def changed(self, run: Run) -> dict[str, Any]:
        """The parameters of the run that differ from the notebook's, its files aside."""
        return {
            name: value
            for name, value in run.values.items()
            if value != self.parameters[name].default
            and not (name in PATHS and isinstance(value, str))
        }


@dataclass(frozen=True)
class Outcome:
    """What came of a run: done, refused (its input was at fault), held or failed.

    `warnings` are expectations that a published report does not meet.
    """

    run: str
    status: str
    seconds: float
    report: str | None = None
    reason: str = ""
    log: str | None = None
    result: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()

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
            "warnings": list(self.warnings),
            **metrics,
        }


def plan_runs(
    wanted: Sequence[str],
    overrides: Mapping[str, Any],
    ks: Sequence[int],
    config: Path,
    parameters: Mapping[str, Parameter],
    name: str | None = None,
) -> list[Run]:
    """The runs to execute, in order, each one checked against the notebook's parameters.

    `wanted` are names in the runs file or files; none of them, and no dataset among `overrides`:
    every run of the file. `overrides` win over the file; each of `ks` makes a run of its own.
    `name` is what the only one of them is called.
    """
    base = _chosen(wanted, overrides, config, parameters)
    values = check_values(parameters, overrides)
    runs = [replace(run, values=run.values | values) for run in base]
    if ks:
        runs = [
            replace(
                run, name=f"{run.name}-k{k}", values=run.values | check_values(parameters, {"k": k})
            )
            for run in runs
            for k in ks
        ]
    if name is not None:
        if len(runs) != 1:
            raise UsageError(f"--name {name} goes with one report, not {len(runs)}")
        runs = [replace(runs[0], name=name)]
    seen: dict[str, str] = {}
    for run in runs:
        check_name(run.name)
        if run.name.casefold() in seen:
            raise UsageError(f"two runs are named {run.name}; name them apart in {config.name}")
        seen[run.name.casefold()] = run.name
    return runs


def _chosen(
    wanted: Sequence[str],
    overrides: Mapping[str, Any],
    config: Path,
    parameters: Mapping[str, Parameter],
) -> list[Run]:
    if not wanted and "dataset" in overrides:
        return [Run(name_for(overrides["dataset"], overrides.get("table")))]
    configured: dict[str, list[Run]] = {}
    if config.is_file() or not wanted:
        configured = read_runs(config, parameters)
    if not wanted:
        return [run for runs in configured.values() for run in runs]
    named: list[Run] = []
    for word in dict.fromkeys(wanted):
        own = _named(word, configured, overrides.get("table"))
        named += [run for run in own if run not in named]
    return named


def _named(word: str, configured: Mapping[str, list[Run]], table: Any) -> list[Run]:
    """The runs under this name in the runs file, the one of this name, or one of this file."""
    if word in configured:
        return configured[word]
    every = {run.name: run for runs in configured.values() for run in runs}
    if word in every:
        return [every[word]]
    if is_database(word):
        return [Run(name_for(word, table), {"dataset": absolute_dataset(word, Path.cwd())})]
    if Path(word).exists() or Path(word).suffix or "/" in word:
        return [Run(name_for(word), {"dataset": str(Path(word).resolve())})]
    raise UsageError(f"there is no run {word!r}{did_you_mean(word, [*configured, *every])}")
