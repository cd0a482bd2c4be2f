"""JSON lines are read as written, or refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.raw import read_raw, refusal


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


@pytest.mark.parametrize("nested", ["[" * 9_999 + "]" * 9_999, '{"a":' * 9_999 + "1" + "}" * 9_999])
def test_deep_nesting_is_refused_as_such(tmp_path: Path, nested: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"a": 1}}\n{{"a": {nested}}}\n')
    error = refusal(path)
    assert (error.code, error.line) == ("json-shape", 2) and "flat" in error.remedy
