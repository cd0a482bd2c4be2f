"""Which runs to make: the options and runs.yaml, turned into named, checked runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from segmentation.data.databases.address import is_database
from segmentation.reporting.datasets import absolute_dataset
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.run_names import check_name, name_for
from segmentation.reporting.runs_file import Run, read_runs


@dataclass(frozen=True)
class Plan:
    """What all runs of a call share: the notebook, its parameters, and where reports go.

    `pdf` and `deadline` override a run's own settings; `accept` publishes what an expectation
    would hold back.
    """

    notebook: Path
    parameters: Mapping[str, Parameter]
    reports: Path
    pdf: Literal["auto", "always", "never"] | None = None
    deadline: float | None = None
    accept: bool = False


def plan_runs(
    wanted: Sequence[str],
    overrides: Mapping[str, Any],
    ks: Sequence[int],
    config: Path,
    parameters: Mapping[str, Parameter],
    name: str | None = None,
) -> list[Run]:
    """Returns the runs to make, in order, each checked against the notebook's parameters.

    `wanted` are names in the runs file, or datasets; if there are none and `overrides` has no
    dataset, every run of the file is made. `overrides` win over the file; each of `ks` makes a
    run of its own. `name` renames the run if there is only one.
    """
    values = check_values(parameters, overrides)
    runs = [
        replace(run, values=run.values | values)
        for run in _choose(wanted, overrides, config, parameters)
    ]
    runs = [one for run in runs for one in _multiply(run, ks, parameters)]
    if name is not None:
        if len(runs) != 1:
            raise UsageError(f"--name {name} goes with one report, not {len(runs)}")
        runs = [replace(runs[0], name=name)]
    _check_names(runs, config)
    return runs


def _multiply(run: Run, ks: Sequence[int], parameters: Mapping[str, Parameter]) -> list[Run]:
    """Returns the run once for each k, or as it is if there are none."""
    if not ks:
        return [run]
    return [
        replace(
            run, name=f"{run.name}-k{k}", values=run.values | check_values(parameters, {"k": k})
        )
        for k in ks
    ]


def _check_names(runs: Sequence[Run], config: Path) -> None:
    # Without regard to case: some file systems see one folder where Linux sees two.
    seen: set[str] = set()
    for run in runs:
        check_name(run.name)
        if run.name.casefold() in seen:
            raise UsageError(f"two runs are named {run.name}; name them apart in {config.name}")
        seen.add(run.name.casefold())


def _choose(
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
    chosen: list[Run] = []
    for word in dict.fromkeys(wanted):
        runs = _look_up(word, configured, overrides.get("table"))
        chosen += [run for run in runs if run not in chosen]
    return chosen


def _look_up(word: str, configured: Mapping[str, list[Run]], table: Any) -> list[Run]:
    """Returns the runs under this name in the runs file, the run of this name, or one of a file."""
    if word in configured:
        return configured[word]
    by_name = {run.name: run for runs in configured.values() for run in runs}
    if word in by_name:
        return [by_name[word]]
    if is_database(word):
        return [Run(name_for(word, table), {"dataset": absolute_dataset(word, Path.cwd())})]
    if Path(word).exists() or Path(word).suffix or "/" in word:
        return [Run(name_for(word), {"dataset": str(Path(word).resolve())})]
    raise UsageError(f"there is no run {word!r}{did_you_mean(word, [*configured, *by_name])}")
