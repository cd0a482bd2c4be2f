"""Files for spreadsheets and programs."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from segmentation.data import open_source, write_csv, write_json


def test_a_table_is_written_as_the_input_was(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("a;b\n1;2\n", encoding="utf-8-sig")
    write_csv(pd.DataFrame({"x": [1], "y": [2]}), tmp_path / "out.csv", open_source(source).dialect)
    assert (tmp_path / "out.csv").read_bytes() == b"\xef\xbb\xbfx;y\r\n1;2\r\n"


def test_formulas_are_neutralised_and_numbers_are_not(tmp_path):
    frame = pd.DataFrame({"=cmd": ["=1+1", "ok", "@x"], "n": [-1, 2, 3]})
    write_csv(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "'=cmd,n\n'=1+1,-1\nok,2\n'@x,3\n"


def test_whole_numbers_with_gaps_stay_whole(tmp_path):
    write_csv(pd.DataFrame({"segment": [1.0, None]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == 'segment\n1\n""\n'


def test_a_number_that_json_cannot_hold_is_an_error(tmp_path):
    write_json({"a": 1.5}, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text()) == {"a": 1.5}
    with pytest.raises(ValueError):
        write_json({"a": float("nan")}, tmp_path / "r.json")


@pytest.mark.parametrize("mark", [";", "\t", "|", ", "])
def test_text_that_another_delimiter_would_cut_before_a_formula_is_quoted(tmp_path, mark):
    frame = pd.DataFrame({"id": [f"a{mark}=cmd", "b; c"], "n": [1, 2]})
    write_csv(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == f'"a{mark}=cmd","1"'
    write_csv(frame[1:], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "id,n\nb; c,2\n"
