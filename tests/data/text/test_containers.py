"""What a file truly is decides how it is read; limits hold in bounded memory."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from segmentation.data.errors import CODES, InputError
from segmentation.data.limits import Limits
from segmentation.data.text.containers import unchanged
from segmentation.data.text.reading import load_text, read_raw

TEXT = "id,age,city\n1,31,Rome\n2,45,Oslo\n3,27,Bern\n"
CELLS = [["1", "31", "Rome"], ["2", "45", "Oslo"], ["3", "27", "Bern"]]


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


def refusal(path: Path, **hints: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read_raw(path, **hints)  # type: ignore[arg-type]
    assert caught.value.code in CODES and len(str(caught.value)) <= 300
    return caught.value


@pytest.mark.parametrize("name", ["t.csv", "t.gz", "strange * [name]?.csv", "t.parquet.csv"])
@pytest.mark.parametrize(
    "data",
    [TEXT.encode(), gzip.compress(TEXT.encode()), zstd(TEXT.encode()), zipped(a=TEXT)],
    ids=["plain", "gzip", "zstd", "zip"],  # packed bytes hold the time: workers would differ
)
def test_text_is_read_whatever_it_is_packed_in_and_called(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert read_raw(path).frame.to_numpy().tolist() == CELLS


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda data: zipped(a=data.decode())])
def test_packed_data_that_ends_early_or_is_damaged_is_refused(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "t.csv"
    data = pack((TEXT * 50).encode())
    path.write_bytes(data[: len(data) // 2])
    assert refusal(path).code in ("truncated", "corrupt")
    if pack is zstd:  # which carries no checksum unless asked to
        return
    path.write_bytes(data[:20] + bytes(byte ^ 0x55 for byte in data[20:40]) + data[40:])
    assert refusal(path).code in (
        "truncated",
        "corrupt",
        "several-members",
        "password",
        "quote",
        "binary",
        "nul-byte",
        "encoding",
    )


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(TEXT)
    missing = refusal(tmp_path / "custmers.csv")
    assert missing.code == "no-file" and "customers.csv" in missing.remedy
    assert refusal(tmp_path).code == "not-a-file"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "not-a-file"
    assert refusal(Path("/dev/null")).code == "not-a-file"
    assert refusal(tmp_path / "a\0b").code == "no-file"


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    with pytest.raises(InputError, match="changed"), unchanged(path):
        path.write_text(TEXT + "4,1,x\n")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_bytes=10), "max-bytes"),
        (Limits(max_columns=2), "max-columns"),
        (Limits(max_cells=5), "max-cells"),
        (Limits(max_cell=3), "max-cell"),
    ],
)
def test_each_limit_names_itself(tmp_path: Path, limits: Limits, code: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    error = refusal(path, limits=limits)
    assert error.code == code and code.replace("-", "_") in str(error)


@pytest.mark.parametrize(
    "data", [b"x" * 20_000_000, b"x," * 10_000_000, b'"' + b"x\n" * 10_000_000]
)
def test_endless_lines_and_cells_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + data)
    assert refusal(path).code in ("max-line", "quote")


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000))
    assert refusal(path).code == "max-ratio"


def test_lines_are_physical_ones_also_after_quoted_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,note,n\n1,"a\nb",5\n2,c,6\n3,"d\n\ne",7\n4,f,8\n')
    assert read_raw(path).lines.tolist() == [2, 4, 5, 8]
    path.write_text('\n\nid,note,n\n1,"a\nb",5\n\n2,c,6\n')
    got = read_raw(path)
    assert got.lines.tolist() == [4, 7] and got.header_line == 3 and got.skipped == (1, 2)


def test_parquet_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = pd.DataFrame(
        {"id": ["a", "b"], "n": [1.5, None], "d": pd.to_datetime(["2024-01-31"] * 2)}
    )
    frame.to_parquet(path)
    got = read_raw(path)
    assert got.frame["n"].tolist() == ["1.5", ""] and "true-type" in {n.code for n in got.notes}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('{"a": 1, "b": "x"}\n{"b": null, "a": 1.50}\n', [["1", "x"], ["1.50", ""]]),
        (
            '{"a": true, "b": "\\u00e9"}\n\n{"a": 12345678901234567890, "b": ""}',
            [["true", "é"], ["12345678901234567890", ""]],
        ),
    ],
)
def test_json_lines_keep_numbers_as_written(
    tmp_path: Path, text: str, cells: list[list[str]]
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    assert read_raw(path).frame.to_numpy().tolist() == cells


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1}\n{"b": 2}\n', 2),
        ('{"a": 1}\n{"a": [2]}\n', 2),
        ('{"a": 1}\n{"a": 2', 2),
        ('{"a": 1, "a": 2}\n', 1),
        ('{"a": 1}\n[1]\n', 2),
        ('[{"a": 1}]', 1),
        ('{\n"a": 1\n}\n', 1),
        ('{"a": 1}\n{"a": "\\ud800"}\n', 2),
        ('{"a": 1}\n{"a": "\\u0000"}\n', 2),
    ],
)
def test_json_that_is_no_table_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    assert refusal(path).line == line


def test_the_engine_keeps_rows_in_order_and_loses_none(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    rows = 400_000
    lines = (f'{i},"name, {i % 97}",{i / 7:.6f}\r\n' for i in range(rows))
    path.write_text("id,name,x\r\n" + "".join(lines), newline="")
    loaded = load_text(con, path)
    wrong = con.execute(
        "SELECT count(*) FROM raw WHERE CAST(id AS BIGINT) + 1 <> __row__"
    ).fetchone()
    assert (loaded.rows, wrong) == (rows, (0,)) and loaded.line(rows) == rows + 1
