"""A terminal that cannot print a letter, or is gone, stops no run."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from segmentation.reporting.console import complain, prepare_streams, tell


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("text", ["k –", "столбец", "売上", "€ → …", "\ud800"])
def test_a_letter_that_cannot_be_printed_is_escaped(encoding, text, monkeypatch):
    written = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(written, encoding=encoding))
    prepare_streams()
    tell(text)
    complain(text)
    expected = f"{text}\n".encode(encoding, errors="backslashreplace")
    assert written.getvalue() == 2 * expected.replace(b"\n", os.linesep.encode())


def test_a_reader_that_is_gone_stops_nothing(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setattr(sys, "stdout", os.fdopen(writer, "w"))
    for number in range(3):
        tell(f"line {number}")
    sys.stdout.close()


def test_a_full_disk_or_no_stream_at_all_stops_nothing(monkeypatch):
    if Path("/dev/full").exists():
        full = Path("/dev/full").open("w")  # noqa: SIM115 (the test closes it)
        monkeypatch.setattr(sys, "stdout", full)
        tell("lost")
        sys.stdout.close()
    monkeypatch.setattr(sys, "stdout", None)
    tell("lost")


def test_the_index_is_built_and_the_others_are_made(call, tmp_path, monkeypatch):
    for name in ("index.html", "Index.csv", "index.x"):
        code, _, err = call("--name", name)
        assert code == 2 and "cannot name a run" in err and len(err.splitlines()) == 1
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    words = [str(tmp_path / "нет.csv"), "small", "--set", "note='x'", "--pdf", "never"]
    assert call(*words)[0] == 3
    assert b"refused: \\u043d\\u0435\\u0442.csv: there is no such file" in written.getvalue()
    assert "small/report.html" in (tmp_path / "reports" / "index.html").read_text()


def test_runs_whose_names_meet_do_not_meet_on_the_disk(call, tmp_path):
    (tmp_path / "runs.yaml").write_text(
        "".join(f"{name}: {{dataset: {data}}}\n" for name, data in NAMES.items())
    )
    code, out, _ = call("--jobs", "3", "--pdf", "never")
    assert code == 3 and out.count("refused: none.csv") == 1
    made = {path.parent.name for path in (tmp_path / "reports").glob("*/report.html")}
    assert made == set(NAMES) - {"y"}
    assert not list((tmp_path / "reports" / ".staging").iterdir())


NAMES = dict.fromkeys(["x.old", "x", "x.new", "new", "old", "index", "draft"], "customers.csv")
NAMES["y"] = "none.csv"


def test_an_index_of_the_user_stays(call, tmp_path):
    (tmp_path / "reports").mkdir()
    mine = tmp_path / "reports" / "index.html"
    mine.write_text("mine")
    code, out, err = call("--pdf", "never")
    assert (code, mine.read_text()) == (1, "mine") and "small/report.html" in out
    assert "the index was not built: index.html in reports was not made by this program" in err
    mine.rename(tmp_path / "mine.html")
    assert call("--index")[0] == 0 and "small/report.html" in mine.read_text()
