"""Mistakes in the options or the runs file are refused before any kernel, with the remedy."""

from __future__ import annotations

import re

import pytest

from segmentation.reporting.command import main
from tests.conftest import ROOT

PLACE = r"runs.yaml line \d+, column \d+: "
COMMANDS = [
    # words that are not options, or lack their values
    ("--bogus", "--help"),
    ("--datset x.csv", "--help"),
    ("-k 3", "--help"),
    ("--k", "--k: expected at least one"),
    ("--features", "--features: expected at least one"),
    ("--dataset", "--dataset: expected one"),
    ("--set", "--set: expected one"),
    ("--reports", "--reports: expected one"),
    ("--config", "--config: expected one"),
    ("--notebook", "--notebook: expected one"),
    ("--jobs", "--jobs: expected one"),
    ("--deadline", "--deadline: expected one"),
    ("--rerun", "--rerun: expected one"),
    ("--pdf", "--pdf: expected one"),
    ("--log-to", "--log-to: expected one"),
    ("--force=yes", "--force: ignored explicit argument 'yes'"),
    ("--json --bogus=1", "--help"),
    # values that an option does not take
    ("--jobs 0", "1 to 64"),
    ("--jobs -1", "1 to 64|expected one"),
    ("--jobs 65", "1 to 64"),
    ("--jobs two", "1 to 64"),
    ("--jobs 1.5", "1 to 64"),
    ("--jobs ٣", "1 to 64"),
    ("--deadline 0", "seconds above 0"),
    ("--deadline -5", "seconds above 0|expected one"),
    ("--deadline nan", "seconds above 0"),
    ("--deadline inf", "seconds above 0"),
    ("--deadline soon", "seconds above 0"),
    ("--pdf maybe", "'auto', 'always', 'never'|auto, always, never"),
    ("--log-to nowhere", "'file', 'stderr'|file, stderr"),
    # numbers of segments
    ("--k 0", "k: it must be greater than or equal to 2"),
    ("--k 1", "greater than or equal to 2"),
    ("--k -3", "greater than or equal to 2|expected at least one"),
    ("--k 101", "less than or equal to 100"),
    ("--k 1000000000", "less than or equal to 100"),
    ("--k 2.5", "k: it must be a valid integer"),
    ("--k three", "k: it must be a valid integer"),
    ("--k true", "k: it must be a valid integer"),
    ("--k True", "k: it must be a valid integer"),
    ("--k 3,4", "k: it must be a valid integer"),
    ("--k 2-5", "k: it must be a valid integer"),
    ("--k 3 3", "two runs are named one-k3"),
    ("--k 3 four", "k: it must be a valid integer"),
    # parameters
    ("--set k", "write --set name=value"),
    ("--set =3", "there is no parameter ''"),
    ("--set kk=3", "did you mean k"),
    ("--set K=3", "did you mean k"),
    ("--set featurs=['a']", "did you mean features"),
    ("--set scalling=none", "did you mean scaling"),
    ("--set k=1;open('x')", "k: it must be a valid integer"),
    ("--set k=__import__('os')", "k: it must be a valid integer"),
    ("--set os.system=1", "there is no parameter 'os.system'"),
    ("--set output=x", "choose the folder with --reports"),
    ("--set scaling=maybe", "'standard', 'robust', 'minmax' or 'none'"),
    ("--set transform=sqrt", "'auto', 'log' or 'none'"),
    ("--set missing=mean", "'drop' or 'median'"),
    ("--set depth=deep", "'quick' or 'full'"),
    ("--set algorithm=kmean", "'kmeans', 'gmm'"),
    ("--set seed=-1", "greater than or equal to 0"),
    ("--set seed=now", "valid integer"),
    ("--set seed=1.0", "valid integer"),
    ("--set k_max=1", "greater than or equal to 2"),
    ("--set k_max=101", "less than or equal to 100"),
    ("--set sample_rows=10", "greater than or equal to 5000"),
    ("--set polish=-1", "greater than or equal to 0"),
    ("--set features=age", "features: it must be a valid list"),
    ("--set features=[1,2]", "features: it must be a valid string"),
    ("--set names={'a':1}", "names: it must be a valid list"),
    ("--set orders=customer", "orders: it must be a valid dictionary"),
    ("--set orders={'customer':1}", "orders: it must be a valid string"),
    ("--set header=-1", "greater than or equal to 0"),
    ("--set decimal=;", "'.' or ','"),
    ("--set dates=dym", "'dmy', 'mdy' or 'ymd'"),
    ("--set on_bad_value=skip", "'refuse' or 'missing'"),
    # missing runs and files
    ("on", "did you mean one"),
    ("nothing-like-it", "there is no run 'nothing-like-it'"),
    ("one two", "there is no run 'two'; there is one"),
    ("--config none.yaml", "there is no none.yaml; name a file"),
    ("--config .", "there is no"),
    ("--notebook none.ipynb", "there is no notebook none.ipynb"),
    ("--notebook runs.yaml", "runs.yaml is not a notebook"),
    ("--rerun none.html", "name the page of a report"),
    ("--rerun runs.yaml", "does not say how it was made"),
    ("--rerun none.html one", "leave out the others"),
    ("--rerun none.html --k 3", "leave out the others"),
    ("--rerun none.html --set seed=1", "leave out the others"),
]
FILES = [
    # no runs file at all
    ("", "write `name:`"),
    ("# nothing\n", "write `name:`"),
    ("- one\n- two\n", "write `name:`"),
    ("one\n", "write `name:`"),
    ("3\n", "write `name:`"),
    ("defaults:\n  k: 3\n", "write `name:`"),
    ("one: 3\n", "line 1: write `name:`"),
    ("one: [a]\n", "line 1: write `name:`"),
    ("3:\n  k: 3\n", "line 1: write `name:`"),
    ("true:\n  k: 3\n", "line 1: write `name:`"),
    ("\x00", "runs.yaml: not YAML"),
    # not YAML, or more than names and values
    ("one: [1\n", "line 2, column 1|line 1"),
    ("one:\n\tk: 3\n", "line 2"),
    ("one:\n  k: 3\n k: 4\n", "line 3"),
    ("one:\n  k: 'three\n", "line"),
    ("one:\n  k: 3\none:\n  k: 4\n", "line 3"),
    ("one:\n  k: 3\n  k: 4\n", "line 3"),
    ("a:\n  k: 3\n---\nb:\n  k: 3\n", "line|document"),
    ("one: &x\n  k: 3\ntwo: *x\n", PLACE + "tags, anchors, aliases"),
    ("one:\n  <<: {k: 3}\n", PLACE + "tags, anchors, aliases and merges"),
    ("one: !!python/object:os.system {}\n", PLACE + "tags, anchors"),
    ("one:\n  k: !env K\n", PLACE + "tags, anchors"),
    ("one:\n  k: @3\n", "line 2"),
    ("one:\n  title: %x\n", "line 2"),
    ("%YAML 3.0\n---\none:\n", "line|YAML"),
    # names that cannot be folders
    ("../up:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("a/b:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("'a\\b':\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    (".hidden:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("CON:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("nul.txt:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("'one ':\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("one.:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("'':\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("ümlaut:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    (f"{'x' * 101}:\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    ("One:\n  k: 3\none:\n  k: 4\n", "two runs are named one; name them apart"),
    ("'{kk}':\n  k: 3\n", PLACE + ".*{kk} is not known here; did you mean k"),
    ("'r-{k.__class__}':\n  k: 3\n", PLACE + ".*cannot name a run|not known"),
    ("'{}':\n  k: 3\n", PLACE + ".*not known|cannot name"),
    ("'x{month':\n  k: 3\n", PLACE + ".*cannot name a run; use"),
    # parameters
    ("one:\n  kk: 3\n", PLACE + "there is no parameter 'kk'; did you mean k"),
    ("one:\n  Dataset: x.csv\n", PLACE + ".*did you mean dataset"),
    ("one:\n  3: x\n", PLACE + "there is no parameter '3'"),
    ("one:\n  output: x\n", PLACE + ".*--reports"),
    ("one:\n  k: three\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: 2.5\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: '3'\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: true\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: 1\n", PLACE + "k: it must be greater than or equal to 2"),
    ("one:\n  k: [3, 1]\n", PLACE + "k: it must be greater than or equal to 2"),
    ("one:\n  k: []\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: [[3]]\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: {a: 3}\n", PLACE + "k: it must be a valid integer"),
    ("one:\n  k: [3, 3]\n", "two runs are named one-k3"),
    ("one:\n  features: age\n", PLACE + "features: it must be a valid list"),
    ("one:\n  features: [1, 2]\n", PLACE + "features: it must be a valid"),
    ("one:\n  scaling: max\n", PLACE + "scaling: it must be 'standard'"),
    ("one:\n  depth: no\n", PLACE + "depth: it must be 'quick' or 'full'"),
    ("one:\n  seed: -1\n", PLACE + "seed: it must be greater than or equal to 0"),
    ("one:\n  dataset: none/*.csv\n", PLACE + "dataset: no file matches none/"),
    ("one:\n  dataset: 3\n", PLACE + "dataset: it must be a valid string"),
    ("defaults:\n  kk: 3\none:\n", PLACE + ".*did you mean k"),
    ("defaults: 3\none:\n", "line 1: write `name:`"),
    ("one:\n  k: [3, 4]\n'one-k3':\n  k: 5\n", "two runs are named one-k3"),
    ("one:\n  seed: [" + ", ".join(map(str, range(1001))) + "]\n", "more than 1,000 runs; shorten"),
    # settings
    ("one:\n  keep: -1\n", PLACE + "keep: it must be greater than or equal to 0"),
    ("one:\n  pdf: true\n", PLACE + "pdf: it must be 'auto'"),
    ("one:\n  deadline: [1, 2]\n", PLACE + "deadline: it must be a valid number"),
    ("one:\n  expect: hold\n", PLACE + "expect: list the expectations below it"),
    ("one:\n  expect: {rows: 0}\n", PLACE + "rows: it must be greater than or equal to 1"),
    ("one:\n  expect: {columns: maybe}\n", PLACE + "columns: it must be 'same' or 'any'"),
    ("one:\n  expect: {verdct: any}\n", PLACE + "expect has no 'verdct'; did you mean verdict"),
]


def test_there_are_as_many_as_promised():
    assert len(COMMANDS) + len(FILES) >= 150


@pytest.fixture
def refuse(tmp_path, monkeypatch, capsys):
    """Returns the line that refuses these words, in a folder with this runs file."""
    monkeypatch.chdir(tmp_path)
    kernels = "segmentation.reporting.kernels.Kernels"
    monkeypatch.setattr(kernels, lambda *_: pytest.fail("a kernel was made"))

    def call(words: list[str], text: str) -> str:
        (tmp_path / "runs.yaml").write_text(text, encoding="utf-8")
        config = [] if "--config" in words else ["--config", "runs.yaml"]
        reports = [] if "--reports" in words else ["--reports", "reports"]
        code = main([*words, *config, *reports])
        printed = capsys.readouterr()
        assert code == 2 and printed.out == ""
        lines = printed.err.splitlines()
        assert len(lines) == 1 and len(lines[0]) <= 420, lines
        assert [path.name for path in tmp_path.iterdir()] == ["runs.yaml"]
        return lines[0]

    return call


@pytest.mark.parametrize(("words", "message"), COMMANDS, ids=[words for words, _ in COMMANDS])
def test_a_wrong_command_line_is_refused(words, message, refuse):
    text = f"one:\n  dataset: {ROOT / 'data' / 'customers.csv'}\n"
    assert re.search(message, refuse(words.split(" "), text))


@pytest.mark.parametrize(("text", "message"), FILES)
def test_a_wrong_runs_file_is_refused(text, message, refuse):
    assert re.search(message, refuse([], text))
