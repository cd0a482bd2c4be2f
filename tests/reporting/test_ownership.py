"""Files of the user are never replaced or removed, whatever their names and places."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from segmentation.reporting.outcome import RunError
from segmentation.reporting.ownership import KEPT, ForeignError, check_overlap, list_own
from tests.reporting.conftest import write_notebook
from tests.reporting.faults import publish_version, read_version

FILES = ("report.html", "report.pdf", "run.json", "result.json", "model.json", "failure.json")
FILES += ("segments.csv", "small.ipynb", "error.log", "thesis.doc", "staging.json", ".index.json")
FOLDERS = ("small", ".staging/small", ".staging/small/new", ".staging/small/old", ".failed/small")
FOLDERS += (".history/small/2026-01-01T00-00-00", ".history/small/.draft", ".kept/small")
TEXTS = ('{"name": "mine"}\n', '{"run": "small", "files": {"a": "b"}, "finished": "2026-01-01"}')
PLACES = [f"{folder}/{file}" for folder in FOLDERS for file in FILES]
PLACES += ["index.html", "index.csv", ".index.json", "small", ".staging", ".history", ".failed"]
PLACES += [".locks/small.lock", ".staging/small", ".staging/small.old/report.html", "small.old/a"]


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_there_are_a_hundred_places():
    assert len(PLACES) > 100


@pytest.mark.parametrize("text", TEXTS, ids=["mine", "like a record"])
@pytest.mark.parametrize("place", PLACES)
def test_a_foreign_file_of_any_name_keeps_its_bytes(place, text, tmp_path):
    reports = tmp_path / "reports"
    mine = reports / place
    mine.parent.mkdir(parents=True)
    mine.write_text(text)
    with suppress(OSError, RunError):  # which of them are refused, the tests below show
        publish_version(reports, "small", "1")
    assert mine.read_text() == text


@pytest.mark.parametrize("name", ["thesis.doc", "run.json", "report.html", "model.json", "sub/a"])
def test_a_foreign_folder_of_the_runs_name_is_refused(name, call, tmp_path):
    mine = tmp_path / "reports" / "small" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    code, out, err = call("small", "--force", "--pdf", "never")
    assert code == 3 and mine.read_text() == "mine"
    assert "reports/small holds files that are no report of this program; move it away" in out
    assert "Traceback" not in err and (tmp_path / "reports" / "index.html").is_file()
    assert "will be refused" in call("--dry-run")[1]
    code, out, _ = call("--name", "mine", "--pdf", "never")
    assert code == 0, out


def test_a_link_or_file_of_the_runs_name_is_refused_alone(call, tmp_path):
    reports, elsewhere = tmp_path / "reports", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("mine")
    reports.mkdir()
    (reports / "small-k3").symlink_to(elsewhere)
    (reports / "small-k4").write_text("mine")
    for _ in range(2):
        code, out, _ = call("--k", "3", "4", "5", "--pdf", "never")
        assert code == 3 and "is a link" in out and "is a file" in out
    assert (reports / "small-k5" / "report.html").is_file()
    assert (reports / "small-k3").is_symlink() and (reports / "small-k4").read_text() == "mine"
    assert (elsewhere / "a").read_text() == "mine"
    assert "small-k5/report.html" in (reports / "index.html").read_text()


def test_edited_and_foreign_files_in_a_report_are_kept_aside(call, tmp_path):
    assert call("--pdf", "never")[0] == 0
    folder = tmp_path / "reports" / "small"
    (folder / "small.ipynb").write_text("edited")
    (folder / "notes.md").write_text("mine")
    (folder / "sub").mkdir()
    (folder / "sub" / "deep.txt").write_text("mine")
    (folder / "link").symlink_to(tmp_path / "customers.csv")
    code, out, _ = call("--pdf", "never")
    assert code == 0 and f"{KEPT}/small/" in out
    [kept] = (tmp_path / "reports" / KEPT / "small").iterdir()
    assert read_all(kept) == {
        "small.ipynb": b"edited",
        "notes.md": b"mine",
        "sub/deep.txt": b"mine",
        "link": (tmp_path / "customers.csv").read_bytes(),
    }
    assert list_own(folder) and (tmp_path / "customers.csv").is_file()
    assert call("--pdf", "never", "--force")[0] == 0
    assert len(list((tmp_path / "reports" / KEPT / "small").iterdir())) == 1


def test_an_edited_record_is_kept_aside(tmp_path):
    publish_version(tmp_path, "run", "1")
    path = tmp_path / "run" / "run.json"
    edited = json.dumps({**json.loads(path.read_text()), "note": "mine"})
    path.write_text(edited)
    publish_version(tmp_path, "run", "1")
    [kept] = (tmp_path / KEPT / "run").iterdir()
    assert read_all(kept) == {"run.json": edited.encode()} and read_version(tmp_path / "run")


@pytest.mark.parametrize("below", ["", "more/"])
def test_a_dataset_in_the_reports_folder_is_never_replaced(below, call, tmp_path):
    lake = tmp_path / "reports" / "small" / below
    lake.mkdir(parents=True)
    data = shutil.copy(tmp_path / "customers.csv", lake / "a.csv")
    before = read_all(tmp_path / "reports")
    code, _, err = call("small", "--dataset", str(data), "--pdf", "never")
    assert code == 2 and "overlap; choose another place with --reports" in err
    assert read_all(tmp_path / "reports") == before


@pytest.mark.parametrize(
    ("target", "source"), [("r/a", "r/a"), ("r/a", "r/a/b"), ("r/a", "r"), ("a", ".")]
)
def test_an_overlap_is_found_in_every_direction(target, source, tmp_path):
    with pytest.raises(ForeignError, match="overlap"):
        check_overlap(tmp_path / target, [(tmp_path / source).resolve()])
    check_overlap(tmp_path / "r/ab", [tmp_path / "r/a", tmp_path / "r/abc"])


@pytest.mark.parametrize("differs", [False, True])
def test_a_rerun_touches_no_other_report(differs, call, tmp_path):
    book = write_notebook(
        tmp_path / "counted.ipynb",
        last="""\
import json
size = len(open(dataset).read())
with open(f"{output}/result.json", "w") as file:
    json.dump({"title": note, "k": 2, "silhouette": size / 1000, "sizes": [2, 1]}, file)
""",
    )
    fixed = {"book": book}
    assert call("--pdf", "never", **fixed)[0] == 0
    assert call("--pdf", "never", "--name", "small-rerun", **fixed)[0] == 0
    (tmp_path / "reports" / "small-rerun" / "notes.md").write_text("mine")
    before = read_all(tmp_path / "reports" / "small-rerun")
    if differs:
        (tmp_path / "customers.csv").write_text((tmp_path / "customers.csv").read_text() + "9,9\n")
    page = tmp_path / "reports" / "small" / "report.html"
    code, out, _ = call("--rerun", str(page), "--pdf", "never", **fixed)
    assert code == int(differs), out
    assert read_all(tmp_path / "reports" / "small-rerun") == before
    assert (tmp_path / "reports" / "small-rerun-2").exists() == differs
