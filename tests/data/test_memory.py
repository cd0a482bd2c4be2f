"""Results kept for the other processes of one call."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from segmentation.data.memory import FOLDER, share, share_by

CALLS: list[str] = []


@share
def add(numbers: np.ndarray, more: int = 0) -> int:
    CALLS.append("add")
    return int(numbers.sum()) + more


def size_of(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


@share_by(size_of)
def read(path: Path, ending: str = "") -> str:
    CALLS.append("read")
    return (path.read_text() if path.exists() else "nothing") + ending


@share_by(size_of)
def shout(path: Path, ending: str = "") -> str:
    CALLS.append("shout")
    return path.read_text().upper() + ending


@pytest.fixture(autouse=True)
def calls():
    CALLS.clear()
    return CALLS


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Path:
    """The folder of a call, in which results are kept."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_nothing_is_kept_without_a_folder(calls, monkeypatch, tmp_path):
    monkeypatch.delenv(FOLDER, raising=False)
    assert [add(np.ones(3)), add(np.ones(3))] == [3, 3] and len(calls) == 2
    assert [read(tmp_path / "a"), read(tmp_path / "a")] == ["nothing"] * 2 and len(calls) == 4


def test_a_step_runs_once_for_equal_arguments(calls, kept):
    assert [add(np.ones(3)), add(np.ones(3)), add(np.ones(3), more=1)] == [3, 3, 4]
    assert add(np.ones(4)) == 4 and len(calls) == 3


def test_a_step_runs_anew_when_the_key_of_its_first_argument_changes(calls, kept, tmp_path):
    path = tmp_path / "a"
    path.write_text("one")
    assert [read(path), read(path), read(path, "!")] == ["one", "one", "one!"]
    path.write_text("three")
    assert read(path) == "three" and len(calls) == 3


def test_two_steps_with_equal_arguments_are_kept_apart(kept, tmp_path):
    path = tmp_path / "a"
    path.write_text("one")
    assert [read(path), shout(path), read(path), shout(path)] == ["one", "ONE"] * 2


def test_nothing_is_kept_for_a_first_argument_without_a_key(calls, kept, tmp_path):
    assert [read(tmp_path / "none"), read(tmp_path / "none")] == ["nothing"] * 2
    assert len(calls) == 2


class Unhurried:
    """An argument whose text takes longer than joblib bears without a warning."""

    def __repr__(self) -> str:
        time.sleep(0.6)
        return "unhurried"


@share
def pass_on(what: object) -> object:
    return what


@pytest.mark.long
def test_a_busy_disk_is_no_warning(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert isinstance(pass_on(Unhurried()), Unhurried)  # warnings are errors in tests
