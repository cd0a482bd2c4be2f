"""The header: told from a row of data, also above text."""

from __future__ import annotations

import pytest

from segmentation.data import InputError, open_source
from segmentation.data.text.headers import decide_header
from segmentation.data.text.records import Record


def records(names: list[str], rows: list[list[str]]) -> list[Record]:
    return [Record(line, cells, ",".join(cells)) for line, cells in enumerate([names, *rows], 1)]


ANSWERS = [["yes" if i % 3 else "no", "no" if i % 2 else "yes"] for i in range(60)]
PLACES = [[f"c{chr(97 + i % 26)}", f"s{chr(97 + i % 26)}x"] for i in range(60)]


def test_a_header_above_yes_and_no_is_no_doubt():
    assert decide_header(records(["q1", "q2"], ANSWERS), 2, 0, None).notes == ()
    (note,) = decide_header(records(["city", "street"], PLACES), 2, 0, None).notes
    assert "though all columns hold text" in note.what
    with pytest.raises(InputError, match="it may not be a header"):
        decide_header(records(["yes", "q2"], ANSWERS), 2, 0, None)


def test_blanks_around_names_are_taken_off_and_said():
    header = decide_header(records([" id", "spend ", "visits"], [["a", "1", "2"]] * 3), 3, 0, None)
    assert header.names == ("id", "spend", "visits")
    (note,) = header.notes
    assert note.what == "2 names had blanks around, which were taken off: id, spend"


def test_a_total_in_a_field_too_many_is_a_total(tmp_path):
    rows = [",917,2676.53,Grand total", *(f"u{i},{i % 7},{i * 3}.5" for i in range(40))]
    (tmp_path / "t.csv").write_text("\n".join(["user,visits,spend", *rows]))
    with pytest.raises(InputError, match="'Grand total' looks like a total; delete this line"):
        open_source(tmp_path / "t.csv")
