"""Which runs to make: the options and runs.yaml, turned into named, checked runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from segmentation.data.databases.address import is_database
from segmentation.data.errors import offer_name
from segmentation.reporting.datasets import absolute_dataset
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.ownership import RUN
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.run_names import check_name, name_for
from segmentation.reporting.runs_file import DEFAULTS, Run, read_runs

REPORTS = "reports"  # the usual folder of reports, beside the runs file


@dataclass(frozen=True)
class Plan:
    """What all runs of a call share: the notebook, its parameters, and where reports go.

    `pdf` and `deadline` override a run's own settings; `accept` publishes what an expectation
    would hold back. `page` is the report that a rerun must equal; an equal one is not published.
    `force` makes a report again that is up to date.
    """

    notebook: Path
    parameters: Mapping[str, Parameter]
    reports: Path
    pdf: Literal["auto", "always", "never"] | None = None
    deadline: float | None = None
    accept: bool = False
    page: Path | None = None
    force: bool = False


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
    if "dataset" in parameters:
        _check_datasets(runs, config)
    return runs


def _check_datasets(runs: Sequence[Run], config: Path) -> None:
    """Raises `UsageError` for a run that would report on the notebook's own sample.

    Also for `default` and the like, whose values would reach no other run.
    """
    for run in runs:
        if "dataset" not in run.values:
            remedy = offer_name(run.name, [DEFAULTS], f"write it below {run.name} or {DEFAULTS}")
            raise UsageError(f"{run.place or config.name}: {run.name} has no dataset; {remedy}")
    for run in runs:
        if run.place and run.name.casefold() in (DEFAULTS, DEFAULTS.removesuffix("s")):
            raise UsageError(f"{run.place}: {run.name} is no run; did you mean {DEFAULTS}?")


def move_like(run: Run, reports: Path, names: Collection[str]) -> Run:
    """Returns the run with `like: reports/x` of a runs file in the folder that --reports names.

    The report in the file's own folder counts if the other folder has none, and none of `names`,
    the runs of this call, will make it.
    """
    like = Path(run.values.get("like") or "")
    moved = reports / like.name
    if like.parent.name != REPORTS or like.parent == reports:
        return run
    is_moved = like.name in names or (moved / RUN).is_file() or not (like / RUN).is_file()
    return replace(run, values=run.values | {"like": str(moved)}) if is_moved else run


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
        return [Run(name_for(word), {"dataset": absolute_dataset(word, Path.cwd())})]
    raise UsageError(f"there is no run {word!r}{did_you_mean(word, [*configured, *by_name])}")
