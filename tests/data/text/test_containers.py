"""The bytes of a file decide how it is read, not its name; bombs are refused early."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from segmentation.data.errors import InputError
from segmentation.data.limits import Limits
from segmentation.data.text.containers import open_container
from segmentation.data.text.paths import unchanged
from tests.data.raw import read_raw, refusal

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


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstd, lambda data: zipped(a=data.decode())], ids=["gzip", "zstd", "zip"]
)
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
    "data",
    [b"x" * 20_000_000, b"x," * 10_000_000, b'"' + b"x\n" * 10_000_000],
    ids=["cell", "line", "quote"],
)
def test_endless_lines_and_cells_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + data)
    assert refusal(path).code in ("max-line", "quote")


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000))
    assert refusal(path).code == "max-ratio"


HTML = "<table><tr><td>id</td></tr></table>"
PAGES = {
    "plain": f"<html>{HTML}</html>".encode(),
    "UTF-16": f"\r\n<HTML>{HTML}".encode("utf-16"),
    "byte order mark": f"\ufeff<style>.a{{}}</style>{HTML}".encode(),
    "fragment": f"<div class='report'>{HTML}</div>".encode(),
    "web archive": f"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n\r\n{HTML}".encode(),
    "XML of 2003": b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook/>",
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("name", "remedy"), [("export.xls", "save it as .xlsx"), ("export.csv", "download the file")]
)
def test_a_page_named_as_a_workbook_is_for_excel_to_open(
    tmp_path: Path, page: str, name: str, remedy: str
) -> None:
    path = tmp_path / name
    path.write_bytes(PAGES[page])
    with pytest.raises(InputError, match=remedy):
        open_container(path, tmp_path, Limits())


@pytest.mark.parametrize("head", [b"\x09\x08\x08\x00\x00\x05\x05\x00", b"\x09\x04\x06\x00\x00\x00"])
def test_a_workbook_before_excel_97_is_named(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "old.xls").write_bytes(head + bytes(600))
    with pytest.raises(InputError, match=r"workbook of Excel .* save it as \.xlsx"):
        open_container(tmp_path / "old.xls", tmp_path, Limits())
