"""Success is judged, not assumed."""

from __future__ import annotations

import pytest

from segmentation.reporting.execution import RunError, execute
from tests.reporting.conftest import write_notebook


def run(tmp_path, *cells, last=None, **values):
    options = {} if last is None else {"last": last}
    notebook = write_notebook(tmp_path / "n.ipynb", *cells, **options)
    staging = tmp_path / "staging"
    staging.mkdir()
    return execute(notebook, staging, {**values, "output": str(staging)})


def test_a_good_run_gives_its_record_and_notebook(tmp_path):
    done = run(tmp_path, "print(note)", k=4, note='a "quoted" note, ümläut\n')
    assert done.result["k"] == 4
    assert 'a "quoted" note, ümläut' in done.book.cells[4].outputs[0].text


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "SystemExit|never ran"),
        ("import os; os._exit(1)", "kernel died"),
    ],
)
def test_a_run_that_stops_is_no_success(cell, said, tmp_path):
    with pytest.raises(RunError, match=said) as failed:
        run(tmp_path, cell)
    assert not failed.value.refused


def test_a_run_without_a_result_is_no_success(tmp_path):
    with pytest.raises(RunError, match=r"no result\.json"):
        run(tmp_path, last="1")


def test_a_refused_input_is_told_from_a_failure(tmp_path):
    cell = (
        "from segmentation.data import InputError\nraise InputError('bad', 'mend', code='decimal')"
    )
    with pytest.raises(RunError, match="bad; mend") as refused:
        run(tmp_path, cell)
    assert refused.value.refused


def test_a_stray_module_beside_the_runner_does_not_win(tmp_path, monkeypatch):
    (tmp_path / "pandas.py").write_text("raise RuntimeError('the wrong pandas')")
    monkeypatch.chdir(tmp_path)
    assert run(tmp_path, "import pandas").result["k"] == 2
