"""The runs that the command's words and runs.yaml make."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.reporting.errors import UsageError
from segmentation.reporting.parameters import read_parameters
from segmentation.reporting.planning import plan_runs
from segmentation.reporting.run_names import check_name, name_for
from segmentation.reporting.runs_file import Run

CONFIG = """\
small:
  dataset: customers.csv
  k: 3
other:
  dataset: customers.csv
"""


@pytest.fixture
def plan(notebook, tmp_path):
    config = tmp_path / "runs.yaml"
    config.write_text(CONFIG)

    def make(wanted=(), overrides=None, ks=(), text=None, name=None) -> list[Run]:
        if text is not None:
            config.write_text(text)
        return plan_runs(wanted, overrides or {}, ks, config, read_parameters(notebook), name)

    return make


def test_without_words_every_run_of_the_file_is_made(plan, tmp_path):
    dataset = str(tmp_path / "customers.csv")
    assert plan() == [
        Run("small", {"dataset": dataset, "k": 3}),
        Run("other", {"dataset": dataset}),
    ]


def test_each_k_is_a_run_of_its_own(plan):
    assert [(r.name, r.values["k"]) for r in plan(["small"], ks=[3, 4])] == [
        ("small-k3", 3),
        ("small-k4", 4),
    ]


def test_a_single_run_may_be_renamed(plan):
    assert [(r.name, r.values["k"]) for r in plan(["small"], ks=[4], name="mine")] == [("mine", 4)]
    for words, ks in (((), ()), (["small"], [3, 4])):
        with pytest.raises(UsageError, match="--name mine goes with one report, not 2"):
            plan(words, ks=ks, name="mine")
    with pytest.raises(UsageError, match="cannot name a run"):
        plan(["small"], name="../up")


def test_a_file_is_a_run_named_after_it(plan, tmp_path):
    path = tmp_path / "my export (1).csv"
    path.write_text("a\n1\n")
    assert plan([str(path)]) == [Run("my-export-1", {"dataset": str(path)})]
    assert plan([], {"dataset": str(path)}) == [Run("my-export-1", {"dataset": str(path)})]


def test_a_name_in_the_file_wins_over_a_file_of_that_name(plan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").write_text("a\n")
    assert plan(["small"])[0].values["k"] == 3


def test_what_the_command_sets_wins(plan):
    assert plan(["small"], {"k": 5})[0].values["k"] == 5


def test_an_unknown_run_offers_the_nearest(plan):
    with pytest.raises(UsageError, match="did you mean small"):
        plan(["smal"])


def test_two_runs_of_one_name_are_refused(plan, tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "c.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="two runs are named c"):
        plan([str(tmp_path / "x" / "c.csv"), str(tmp_path / "y" / "c.csv")])


@pytest.mark.parametrize("name", ["..", ".hidden", "…", "a/b", "-x", "   "])
def test_any_files_stem_becomes_a_name(name, tmp_path):
    check_name(name_for(tmp_path / f"{name.replace('/', '_')}.csv"))


def test_lists_of_values_multiply_into_runs(plan, tmp_path):
    text = """\
defaults:
  scaling: none
  k: [3, 4]
small:
  dataset: customers.csv
  features: [[a, b], [c]]
"{scaling}-{k}":
  dataset: customers.csv
  scaling: [none, standard]
other:
  dataset: customers.csv
  k: 5
  scaling: standard
"""
    runs = plan(text=text)
    assert [run.name for run in runs] == [
        "small-k3-a-b",
        "small-k3-c",
        "small-k4-a-b",
        "small-k4-c",
        "none-3",
        "none-4",
        "standard-3",
        "standard-4",
        "other",
    ]
    assert runs[1].values["features"] == ["c"] and runs[1].values["scaling"] == "none"
    dataset = str(tmp_path / "customers.csv")
    assert runs[-1].values == {"dataset": dataset, "scaling": "standard", "k": 5}
    assert len(plan(["small"], text=text)) == 4
    assert plan(["small-k4-c"], text=text)[0].values["k"] == 4
    assert len(plan(["small", "small-k4-c"], text=text)) == 4


def test_a_pattern_makes_a_run_of_each_file(plan, tmp_path):
    (tmp_path / "exports").mkdir()
    for name in ("b.csv", "a x.csv"):
        (tmp_path / "exports" / name).touch()
    runs = plan(text="month {month}:\n  dataset: exports/*.csv\n")
    month = date.today().strftime("%Y-%m")
    assert [run.name for run in runs] == [f"month {month}-a-x", f"month {month}-b"]
    assert runs[0].values["dataset"] == str(tmp_path / "exports" / "a x.csv")
    runs = plan(text='"{stem}":\n  dataset: exports/*.csv\n')
    assert [run.name for run in runs] == ["a-x", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  k: [3, x]\n", "line 2, column 3"),
        ("a:\n  k: []\n", "line 2, column 3"),
        ("a:\n  k: [[3]]\n", "line 2, column 3"),
        ("defaults:\n  kk: 3\na:\n", r"line 2, column 3: there is no parameter 'kk'"),
        ("defaults:\n  k: 3\n", "write `name:`"),
        ("defaults: 3\na:\n", "line 1"),
        ("'{kk}':\n  k: 3\n", r"line 1, column 1: \{kk\} is not known here; did you mean k"),
        ("a/{k}:\n  k: 3\n", "cannot name a run"),
        ("a:\n  dataset: none/*.csv\n", r"no file matches none/\*\.csv"),
        (f"a:\n  k: {list(range(2, 100)) * 11}\n", "more than 1,000 runs"),
        ("a:\n  k: [3, 3]\n", "two runs are named a-k3"),
    ],
)
def test_a_list_that_makes_no_runs_is_refused(text, message, plan):
    with pytest.raises(UsageError, match=message):
        plan(text=text)


@pytest.mark.parametrize("name", ["default", "Defaults"])
def test_what_looks_like_defaults_is_no_run(plan, name):
    text = f"{name}: {{dataset: a.csv}}\none: {{dataset: b.csv}}\n"
    with pytest.raises(UsageError, match=f"line 1, .*: {name} is no run; did you mean defaults"):
        plan(text=text)


def test_an_empty_path_is_not_the_current_folder(plan):
    with pytest.raises(UsageError, match="line 1, column 7: a path is empty; name a file"):
        plan(text="one: {dataset: ''}\n")
