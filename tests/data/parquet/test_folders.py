"""Folders of Parquet files: one table in a stated order, or one clear line."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from segmentation.data import ROW, InputError, check_columns, open_source, open_table
from segmentation.data.parquet import folders as module
from segmentation.data.parquet.folders import parquet_files


def part(path: Path, first: int = 0, **changed) -> pd.DataFrame:
    """Writes a file of five rows with these columns replaced; returns the frame."""
    n = np.arange(first, first + 5)
    frame = pd.DataFrame({"key": n, "spend": n * 1.5, "city": [f"c{i % 3}" for i in n]})
    frame = frame.assign(**changed)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)
    return frame


@pytest.fixture
def lake(tmp_path) -> Path:
    """A folder with partitions by year and region, below a folder that looks like one."""
    root = tmp_path / "year=1999" / "lake [old]*"
    first = 0
    for year in (2023, 2024):
        for region in ("west", "north%20east", "__HIVE_DEFAULT_PARTITION__"):
            for number in range(2):
                part(root / f"year={year}" / f"region={region}" / f"part-{number}.parquet", first)
                first += 5
    return root


def fetch(path: Path) -> pd.DataFrame:
    return open_table(path).order_by(ROW).execute()


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as refused:
        open_source(path).check()
    assert str(refused.value).startswith(path.name)
    assert len(str(refused.value)) <= 300 and "\n" not in str(refused.value)
    return refused.value


def test_every_value_is_what_pyarrow_reads(lake):
    found = fetch(lake)
    files = sorted(lake.rglob("*.parquet"), key=lambda file: file.relative_to(lake).as_posix())
    hive = ds.partitioning(
        pa.schema([("year", pa.int64()), ("region", pa.string())]), flavor="hive"
    )
    read = [ds.dataset(f, partitioning=hive, partition_base_dir=str(lake)) for f in files]
    expected = pd.concat([each.to_table().to_pandas() for each in read], ignore_index=True)
    assert list(found.columns) == [ROW, *expected.columns]
    assert found.pop(ROW).tolist() == list(range(1, 61))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert str(found["year"].dtype) == "int64"
    assert sorted(found["region"].dropna().unique()) == ["north east", "west"]


def test_rows_are_numbered_in_the_order_of_paths(tmp_path):
    lengths = {"b": 3, "a/z": 0, "a/y": 2, "a.x": 4, "B": 1}
    for name, rows in lengths.items():
        path = tmp_path / "t" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = {"name": pa.array([name] * rows, pa.string()), "at": np.arange(rows) + 0.5}
        pq.write_table(pa.table(table), path)
    found = fetch(tmp_path / "t")
    assert found["name"].tolist() == ["B", *["a.x"] * 4, *["a/y"] * 2, *["b"] * 3]
    assert found["at"].tolist() == [0.5, 0.5, 1.5, 2.5, 3.5, 0.5, 1.5, 0.5, 1.5, 2.5]
    assert found[ROW].tolist() == list(range(1, 11))


def test_row_numbers_stay_right_under_filters(lake):
    table = open_table(lake)
    picked = table.filter(table["year"] == 2024, table["key"] % 7 == 0).order_by(ROW).execute()
    assert sorted(picked["key"]) == [35, 42, 49, 56]
    whole = fetch(lake).set_index(ROW)["key"]
    assert whole[picked[ROW].tolist()].tolist() == picked["key"].tolist()


@pytest.mark.parametrize("name", ["a*", "c[1]", "q?"])
def test_a_file_is_no_pattern(name, tmp_path):
    for other in ("ab", "c1", "qq"):
        part(tmp_path / f"{other}.parquet", 100)
    part(tmp_path / f"{name}.parquet", 0)
    assert fetch(tmp_path / f"{name}.parquet")["key"].tolist() == [0, 1, 2, 3, 4]


def test_a_single_file_has_no_column_of_the_folders_around_it(lake):
    columns = open_table(lake / "year=2023" / "region=west" / "part-0.parquet").columns
    assert list(columns) == [ROW, "key", "spend", "city"]


def test_a_column_of_partitions_can_describe_segments(lake):
    roles = check_columns(open_source(lake)).frame().set_index("column")["role"]
    assert roles["region"] == "descriptor"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "20"], "int64"),
        (["01", "12"], "int64"),
        (["01234", "99999"], "string"),
        (["2024-01-31", "2024-02-01"], "date"),
        (["2024-01-31", "2024-13-01"], "string"),
        (["2024-01-31 10:00:00", "2024-02-01 11:30:00"], "timestamp(6)"),
        (["1", "x"], "string"),
        (["__HIVE_DEFAULT_PARTITION__", "7"], "int64"),
        (["12345678901234567890"], "string"),
    ],
)
def test_partitions_have_the_type_that_loses_nothing(values, kind, tmp_path):
    for at, value in enumerate(values):
        part(tmp_path / "t" / f"p={value}" / "a.parquet", at * 5)
    assert str(open_table(tmp_path / "t").schema()["p"]) == kind


def test_files_named_as_no_data_are_left_out(lake):
    before = open_source(lake).fingerprint()
    for name in ("_SUCCESS", "_metadata", ".part-0.parquet.crc", "_logs/x.parquet", ".x/y.parquet"):
        (lake / name).parent.mkdir(exist_ok=True)
        (lake / name).write_bytes(b"no Parquet at all")
    opened = open_source(lake)
    assert opened.notes == () and opened.fingerprint() == before
    assert opened.table.count().execute() == 60


def test_other_files_are_left_out_with_a_note(lake):
    (lake / "readme.txt").write_text("how this was made")
    note = open_source(lake).notes[0]
    assert note.code == "other-files" and "readme.txt" in note.what
    assert open_source(lake).table.count().execute() == 60


def test_a_file_without_an_ending_is_recognised_by_its_content(tmp_path):
    part(tmp_path / "t" / "a.parquet", 0)
    part(tmp_path / "t" / "b.parquet", 5)
    (tmp_path / "t" / "b.parquet").rename(tmp_path / "t" / "000001_0")
    assert fetch(tmp_path / "t")["key"].tolist() == [5, 6, 7, 8, 9, 0, 1, 2, 3, 4]


def test_the_fingerprint_covers_paths_and_content(lake):
    prints = [open_source(lake).fingerprint()]
    (lake / "year=2024").rename(lake / "year=2025")
    prints.append(open_source(lake).fingerprint())
    part(lake / "year=2025" / "region=west" / "part-1.parquet", 1000)
    prints.append(open_source(lake).fingerprint())
    assert len(set(prints)) == 3 and open_source(lake).fingerprint() == prints[-1]


def test_folders_without_parquet_are_refused_with_what_is_in_them(tmp_path):
    empty, texts = tmp_path / "empty", tmp_path / "texts"
    empty.mkdir()
    assert refusal(empty).code == "not-a-file"
    (texts / "2024").mkdir(parents=True)
    (texts / "2024" / "may.csv").write_text("a,b\n1,2\n")
    refused = refusal(texts)
    assert refused.code == "not-a-file" and "1 .csv" in refused.what
    assert "2024/may.csv" in refused.remedy


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"more": 1}, "part-0.parquet has this column"),
        ({"spend": "x"}, "it is VARCHAR in year=2024/region=west/part-0.parquet and DOUBLE in"),
        ({"key": 1.5}, "it is DOUBLE in"),
    ],
)
def test_files_that_differ_are_refused_with_file_and_column(changed, said, lake):
    part(lake / "year=2024" / "region=west" / "part-0.parquet", 0, **changed)
    refused = refusal(lake)
    assert refused.code == "files-differ" and refused.column == next(iter(changed))
    assert said in refused.what and "same columns" in refused.remedy


def test_a_file_that_lacks_a_column_is_refused(lake):
    path = lake / "year=2024" / "region=west" / "part-1.parquet"
    part(path).drop(columns="city").to_parquet(path)
    refused = refusal(lake)
    assert refused.column == "city" and "part-1.parquet lacks this column" in refused.what


def test_columns_may_be_in_another_order(lake):
    path = lake / "year=2024" / "region=west" / "part-1.parquet"
    before = fetch(lake)
    pd.read_parquet(path)[["city", "spend", "key"]].to_parquet(path)
    pd.testing.assert_frame_equal(fetch(lake), before)


def test_partitions_that_differ_or_hide_a_column_are_refused(lake):
    part(lake / "year=2025" / "part-0.parquet")
    refused = refusal(lake)
    assert refused.code == "files-differ" and "year=2025/part-0.parquet name year" in refused.what
    part(lake.parent / "other" / "city=Ulm" / "a.parquet")
    assert refusal(lake.parent / "other").column == "city"
    part(lake.parent / "twice" / "p=1" / "p=2" / "a.parquet")
    assert "name p twice" in refusal(lake.parent / "twice").what


@pytest.mark.parametrize("damage", [b"", b"PAR1", "cut", "overwritten"])
def test_a_damaged_file_is_named(damage, lake):
    path = lake / "year=2024" / "region=west" / "part-1.parquet"
    data = path.read_bytes()
    if isinstance(damage, str):
        damage = data[:-9] if damage == "cut" else data[:8] + b"\0" * 300 + data[308:]
    path.write_bytes(damage)
    assert "year=2024/region=west/part-1.parquet" in refusal(lake).what
    part(lake.parent / "single.parquet")
    (lake.parent / "single.parquet").write_bytes(damage)
    assert refusal(lake.parent / "single.parquet").code in ("truncated", "corrupt", "empty-file")


def test_circular_and_repeated_links_are_refused(lake):
    (lake / "year=2024" / "back").symlink_to(lake)
    assert refusal(lake).code == "link-loop"
    (lake / "year=2024" / "back").unlink()
    (lake / "itself.parquet").symlink_to("itself.parquet")
    assert "itself.parquet" in refusal(lake).what
    (lake / "itself.parquet").unlink()
    (lake / "year=2026").symlink_to(lake / "year=2024")
    refused = refusal(lake)
    assert refused.code == "link-loop" and "year=2026/region=" in refused.what
    (lake / "year=2026").unlink()
    assert open_source(lake).table.count().execute() == 60


def test_folders_that_are_linked_once_are_followed(lake, tmp_path):
    part(tmp_path / "elsewhere" / "region=west" / "a.parquet", 60)
    (lake / "year=2025").symlink_to(tmp_path / "elsewhere")
    assert fetch(lake)["year"].value_counts()[2025] == 5


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("_delta_log/0.json", "table-format"),
        (".hoodie/x", "table-format"),
        ("metadata/1.metadata.json", "table-format"),
        ("_temporary/0", "changed-while-reading"),
    ],
)
def test_table_formats_and_unfinished_folders_are_refused(name, code, lake):
    (lake / name).parent.mkdir()
    (lake / name).touch()
    assert refusal(lake).code == code


def test_names_that_the_reader_uses_are_refused(tmp_path):
    for name in (ROW, "file_row_number", "File_Index"):
        root = tmp_path / name.lower()
        part(root / "a.parquet", 0, **{name: 1})
        part(root / "b.parquet", 5, **{name: 1})
        assert refusal(root).code == "reserved-header"


def test_a_folder_of_too_many_files_is_refused(lake, monkeypatch):
    monkeypatch.setattr(module, "MOST_FILES", 11)
    assert "more than 11 files" in refusal(lake).what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_subfolder_is_named(lake):
    (lake / "year=2024").chmod(0)
    assert refusal(lake).code == "no-permission"
    (lake / "year=2024").chmod(0o700)


def test_the_files_of_a_file_are_the_file_itself(lake):
    files = parquet_files(lake)
    assert len(files) == 12 and files == sorted(files)
    assert parquet_files(files[0]) == [files[0]]


@pytest.mark.parametrize("odd", [[], [0], [1], [0, 1]])
def test_nan_is_missing_in_every_file(odd, tmp_path):
    for number in range(2):
        spend = np.where(np.arange(5) == 3, np.nan if number in odd else 9.5, 1.5)
        table = pa.table({"spend": spend, "key": np.arange(5)})  # NaN, and no gap
        (tmp_path / "t").mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / "t" / f"{number}.parquet")
    table = open_table(tmp_path / "t")
    assert table["spend"].count().execute() == 10 - len(odd)
    assert table["spend"].sum().execute() == pytest.approx(12 + 9.5 * (2 - len(odd)))
    missing = table.filter(table["spend"].isnull())[ROW].execute()
    assert sorted(missing) == [4 + 5 * number for number in odd]
