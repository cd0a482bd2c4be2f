"""Temporary files go with their call, and those of killed calls with the next one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from segmentation.reporting.scratch import LOCK, make_scratch


class Owner:
    """Something that needs a folder."""


def make_dead(folder: Path, age: float) -> Path:
    """A folder as a killed call leaves it, with rows in it."""
    (folder / "reading-1").mkdir(parents=True)
    (folder / "reading-1" / "rows.parquet").write_text("ann@example.org")
    (folder / LOCK).touch()
    os.utime(folder / LOCK, (1e9, (folder / LOCK).stat().st_mtime - age))
    return folder


def test_what_killed_calls_left_is_removed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    owner = Owner()
    living = make_scratch(owner)
    os.utime(living / LOCK, (1e9, 1e9))
    dead, young = make_dead(tmp_path / "seg-dead", 60), make_dead(tmp_path / "seg-young", -60)
    (tmp_path / "seg-theirs").mkdir()
    (tmp_path / "seg-link").symlink_to(make_dead(tmp_path / "elsewhere", 60))
    make_scratch(other := Owner())
    assert not dead.exists()
    names = {"seg-young", "seg-theirs", "seg-link", "elsewhere", living.name}
    assert names < {path.name for path in tmp_path.iterdir()}
    assert young.exists() and (tmp_path / "elsewhere" / LOCK).exists()
    del owner, other
    assert not living.exists()
