"""A run is refused if anything that it reads changes between its check and its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segmentation.data import InputError, Report
from segmentation.reporting.job import Job, resolve_job
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import Plan
from segmentation.reporting.runs_file import Run
from segmentation.reporting.unchanged import refuse_changed, sign

READ = {
    "customers.csv": "customers.csv: the data",
    "kept/model.json": "the model kept/model.json",
    "jan/segmented_customers.csv": "the report jan",
    "feb/result.json": "the report feb",
    "mar/model.json": "the report mar",
}


@pytest.fixture
def job(notebook, tmp_path) -> Job:
    """A run that reads a table, a model, two reports to compare, and an earlier one."""
    for name in ("jan", "feb", "mar", "kept"):
        (tmp_path / name).mkdir()
        for file in ("run.json", "result.json", "model.json", "segmented_customers.csv"):
            (tmp_path / name / file).write_text("{}")
    sides = {"one": str(tmp_path / "jan"), "other": str(tmp_path / "feb")}
    model = str(tmp_path / "kept" / "model.json")
    job = resolve_job(Run("one"), Plan(notebook, read_parameters(notebook), tmp_path / "reports"))
    values = {**job.values, **sides, "model": model}
    return replace(job, values=values, earlier=Report(tmp_path / "mar", {}, {}))


@pytest.mark.parametrize(("name", "what"), READ.items())
def test_a_change_of_anything_that_is_read_is_refused(job, tmp_path, name, what):
    before = sign(job)
    refuse_changed(job, before, None)
    (tmp_path / name).write_text("{ }")
    with pytest.raises(InputError, match=f"^{what} changed while it was read; wait"):
        refuse_changed(job, before, None)


def test_what_a_reader_adds_to_a_report_is_no_change(job, tmp_path):
    before = sign(job)
    (tmp_path / "jan" / "notes.md").write_text("mine")
    refuse_changed(job, before, None)
