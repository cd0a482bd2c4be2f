"""Parquet files under any name are read as text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.data.raw import read_raw


def test_parquet_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = pd.DataFrame(
        {"id": ["a", "b"], "n": [1.5, None], "d": pd.to_datetime(["2024-01-31"] * 2)}
    )
    frame.to_parquet(path)
    got = read_raw(path)
    assert got.frame["n"].tolist() == ["1.5", ""] and "true-type" in {n.code for n in got.notes}
