"""Workbooks in .xls and .xlsb: what they hide is said, and they unfold within bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segmentation.data.text.sheet_records import find_hidden
from segmentation.data.text.sheet_xml import SheetXml
from tests.data.raw import read_raw, refusal
from tests.data.text.binary_books import compound, save_xls, save_xlsb, shared

ROWS = [["id", "n", "m"], *(["a", 1.5 + n, 2.0] for n in range(300))]


@pytest.mark.parametrize("save", [save_xls, save_xlsb])
def test_what_a_filter_or_a_group_hides_is_counted_in_a_note(
    tmp_path: Path, save: Callable[..., Path]
) -> None:
    got = read_raw(save(tmp_path, ROWS, rows={7, 9, 300}, columns={2}))
    assert len(got.frame) == 300 and got.frame.loc[6].tolist() == ["a", "7.5", "2"]
    (note,) = got.notes
    assert note.code == "hidden" and note.what.startswith("3 rows and 1 column (C) hidden")
    assert read_raw(save(tmp_path, ROWS)).notes == ()


def test_a_circle_of_sectors_ends(tmp_path: Path) -> None:
    path = save_xls(tmp_path, ROWS, rows={7})
    data = bytearray(path.read_bytes())
    last = data.index(b"\xfe\xff\xff\xff", 512 + 4 * 4)  # the end of the chain of records
    data[last : last + 4] = data[last - 4 : last]
    path.write_bytes(data)
    found = SheetXml()
    find_hidden(path, 0, found)
    assert found.hidden_rows == {8} and not found.hidden_columns


def test_a_long_text_in_many_cells_is_refused_by_its_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(compound(shared("x" * 2_000, 100)))
    assert len(read_raw(path, header=0).frame) == 100
    monkeypatch.setattr("segmentation.data.text.workbooks._TEXT", 150_000)
    error = refusal(path, header=0)
    assert error.code == "max-cells" and "200,000 characters" in str(error)
