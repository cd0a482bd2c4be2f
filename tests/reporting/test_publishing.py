"""Nothing is ever torn: a tenth of the rounds of `faults`, with its code."""

from __future__ import annotations

import json
import os
import sys

import pytest

from segmentation.reporting import files
from segmentation.reporting.files import exchange, write_text
from segmentation.reporting.index import build_index
from segmentation.reporting.publishing import verify
from tests.reporting import faults
from tests.reporting.faults import KILLED, full_disk, publish_version, read_version

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


@pytest.mark.long
@pytest.mark.parametrize("swaps", [True, False], ids=["exchange", "two renames"])
@pytest.mark.parametrize(
    "fault", [lambda: os._exit(KILLED), full_disk], ids=["killed", "disk full"]
)
def test_a_fault_at_any_step_leaves_a_whole_report(fault, swaps):
    assert faults.try_every_step(fault, swaps) > 12


@pytest.mark.long
def test_a_report_is_whole_while_it_is_published():
    assert faults.read_while_published(1000) == 0


@pytest.mark.long
def test_runners_at_once_lose_nothing():
    assert faults.publish_at_once(3) == []


@pytest.mark.usefixtures("kernels")
def test_kernels_at_once_do_not_meet():
    assert faults.start_kernels(20) == []


@pytest.mark.parametrize("kind", faults.MISHAPS)
def test_one_bad_run_leaves_the_others_as_they_were(kind, kernels):
    assert faults.spoil_one(kind, 3, kernels) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps folders in one step")
def test_every_file_is_on_the_disk_before_it_is_shown(tmp_path, monkeypatch):
    synced, opened, swap = set(), {}, files.exchange
    open_real, sync_real = os.open, os.fsync

    def watch(path, *args, **kwargs):
        handle = open_real(path, *args, **kwargs)
        opened[handle] = str(path)
        return handle

    def exchange(one, other):
        missing = {str(one), *(str(path) for path in one.iterdir())} - synced
        assert not missing, missing
        return swap(one, other)

    monkeypatch.setattr(os, "open", watch)
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.add(opened.get(fd)), sync_real(fd)))
    publish_version(tmp_path, "run", "1")
    monkeypatch.setattr(files, "exchange", exchange)
    synced.clear()
    publish_version(tmp_path, "run", "2")
    assert str(tmp_path) in synced and read_version(tmp_path / "run") == "2"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps folders in one step")
def test_two_folders_are_swapped_in_one_step(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists() and (tmp_path / "other" / "one").exists()
    with pytest.raises(OSError, match="No such file"):
        exchange(tmp_path / "one", tmp_path / "gone")


def test_verify_names_what_was_changed_or_lost(tmp_path):
    for name in ("good", "edited", "short", "odd"):
        publish_version(tmp_path, name, "1")
    assert verify(tmp_path) == []
    (tmp_path / "edited" / "report.html").write_text("edited")
    (tmp_path / "short" / "model.json").unlink()
    (tmp_path / "odd" / "run.json").write_text("{")
    assert read_version(tmp_path / "edited") is None
    assert verify(tmp_path) == [
        "edited/report.html was changed since it was published: make the report again",
        "odd/run.json or result.json cannot be read: move the folder away, "
        "and make the report again",
        "short/model.json is gone: make the report again",
    ]


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("run.json", {"finished": 5}),
        ("run.json", {"parameters": [1]}),
        ("result.json", {"verdict": "x"}),
        ("result.json", {"sizes": "many"}),
    ],
)
def test_one_edited_record_is_named_and_stops_no_other(tmp_path, name, edit):
    for run in ("good", "bad"):
        publish_version(tmp_path, run, "1")
    path = tmp_path / "bad" / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **edit}))
    page = build_index(tmp_path).read_text()
    assert "good/report.html" in page and "bad/report.html" not in page
    [fault] = verify(tmp_path)
    assert fault.startswith("bad/r") and fault.endswith(": make the report again")


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    monkeypatch.setattr(os, "fsync", lambda _: full_disk())
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1
