"""A run resolved once: its values, settings, secrets, input, earlier report and target folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from segmentation.data import Report
from segmentation.data.published.reports import read_run
from segmentation.reporting.datasets import PATHS, Secrets, find_secrets, local_path
from segmentation.reporting.deadline import Deadline
from segmentation.reporting.parameters import absolute_paths
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from segmentation.reporting.settings import Settings


@dataclass(frozen=True)
class Job:
    """One run of a call.

    `values`: every parameter, defaults included, local paths absolute; `given`: those that the
    run itself sets. `published`: the record of the report now in its folder, empty if missing.
    `declared`: whether a runs file says so. `sha256`, `columns` and `earlier` are known once the
    input has been checked. The time until the `deadline` runs from `begin`.
    """

    name: str
    plan: Plan
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    settings: Settings
    secrets: Secrets
    published: Mapping[str, Any]
    declared: bool = False
    sha256: str | None = None
    columns: Sequence[str] | None = None
    earlier: Report | None = None
    deadline: Deadline = field(default_factory=Deadline)

    @property
    def folder(self) -> Path:
        """The folder that the report is published in."""
        return self.plan.reports / self.name

    @property
    def inputs(self) -> list[Path]:
        """The local files or folders of the user that the run reads."""
        named = [self.values.get(name) for name in ("dataset", "names")]
        return [path for value in named if (path := local_path(value)) is not None]

    @property
    def names(self) -> set[str]:
        """The names that the run's parameters and the table of its last report use."""
        known = [*self.plan.parameters, *(self.published.get("columns") or ())]
        for value in self.values.values():
            parts = value.values() if isinstance(value, Mapping) else value
            known += [parts] if isinstance(parts, str) or not isinstance(parts, Iterable) else parts
        return {name for name in known if isinstance(name, str)}

    @property
    def reports(self) -> list[Path]:
        """The folders of the reports that the run reads."""
        sides = [Path(self.values[name]) for name in ("one", "other") if name in self.values]
        return sides if self.earlier is None else [*sides, self.earlier.folder]

    @property
    def changed(self) -> dict[str, Any]:
        """The given parameters that differ from the notebook's, without the names of files."""
        return {
            name: value
            for name, value in self.given.items()
            if value != self.plan.parameters[name].default
            and not (name in PATHS and isinstance(value, str))
        }

    @property
    def follows(self) -> str | None:
        """The run that this one is `like`, if that is published in the same folder."""
        like = self.values.get("like")
        if like is None or Path(like).parent != self.plan.reports:
            return None
        return Path(like).name

    @property
    def follows_itself(self) -> bool:
        """Whether the run is `like` its own last report."""
        return self.follows == self.name

    def begin(self) -> Job:
        """Returns the job with the deadline that its settings give it from now on."""
        return replace(self, deadline=Deadline(self.settings.deadline))

    def reread(self) -> Job:
        """Returns the job with the report that is published now."""
        return replace(self, published=read_run(self.folder))


def resolve_job(run: Run, plan: Plan) -> Job:
    """Returns the job of a run; its input is not read yet."""
    defaults = {name: parameter.default for name, parameter in plan.parameters.items()}
    values = absolute_paths(defaults, plan.notebook.parent) | run.values
    settings = replace(
        run.settings,
        pdf=plan.pdf or run.settings.pdf,
        deadline=plan.deadline or run.settings.deadline,
    )
    secrets = find_secrets(values.get("dataset"))
    published = read_run(plan.reports / run.name)
    declared = bool(run.place)
    return Job(run.name, plan, values, run.values, settings, secrets, published, declared).begin()
