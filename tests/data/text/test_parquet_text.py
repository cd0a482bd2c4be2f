"""Parquet files under any name are read as text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentation.data.errors import InputError
from segmentation.data.source import open_source, own_columns
from tests.data.raw import read_raw


def test_parquet_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = pd.DataFrame(
        {"id": ["a", "b"], "n": [1.5, None], "d": pd.to_datetime(["2024-01-31"] * 2)}
    )
    frame.to_parquet(path)
    got = read_raw(path)
    assert got.frame["n"].tolist() == ["1.5", ""] and "true-type" in {n.code for n in got.notes}


def test_a_long_text_that_a_dictionary_repeats_is_refused_by_its_column(tmp_path: Path) -> None:
    long = pa.array(["a" * 1_000_001, "b"])
    text = pa.DictionaryArray.from_arrays(pa.array([0, 1] * 1_000, pa.int32()), long)
    pq.write_table(pa.table({"id": range(2_000), "text": text}), tmp_path / "t.parquet")
    for read in (open_source, read_raw):
        with pytest.raises(InputError) as caught:
            read(tmp_path / "t.parquet")
        assert (caught.value.code, caught.value.column) == ("max-cell", "text")


def test_columns_of_lists_structs_and_bytes_are_left_out_by_name(tmp_path: Path) -> None:
    odd = {
        "list": [[1], [2, 3]],
        "of lists": [[[1]], [[2]]],
        "struct": [{"a": 1}, {"a": 2}],
        "bytes": [b"a", b"b"],
        "map": pa.array([[("a", 1)], [("b", 2)]], pa.map_(pa.string(), pa.int64())),
    }
    pq.write_table(pa.table({"id": ["x", "y"], **odd, "n": [1.5, 2]}), tmp_path / "t.parquet")
    opened = open_source(tmp_path / "t.parquet")
    assert own_columns(opened.table) == ["id", "n"]
    assert [note.column for note in opened.notes if note.code == "left-out"] == list(odd)
    assert list(read_raw(tmp_path / "t.parquet").frame) == ["id", "n"]
    pq.write_table(pa.table({"list": odd["list"]}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="LIST values"):
        open_source(tmp_path / "t.parquet")
