"""A refusal of a large input names the limit and a remedy that needs no parameter."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentation.data.limits import Limits
from tests.data.raw import refusal

TEXT = "id,age,city\n1,31,Rome\n2,45,Oslo\n3,27,Bern\n"


@pytest.mark.parametrize(
    ("limits", "code", "remedy"),
    [
        (Limits(max_bytes=10), "max-bytes", "limit is 10; export fewer rows or columns"),
        (Limits(max_columns=2), "max-columns", "3 columns, the limit is 2; export only those"),
        (Limits(max_cells=5), "max-cells", "limit is 5; export fewer rows or columns"),
        (Limits(max_cell=3), "max-cell", "limit is 3; shorten it"),
    ],
)
def test_each_limit_names_itself(tmp_path: Path, limits: Limits, code: str, remedy: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TEXT)
    error = refusal(path, limits=limits)
    assert error.code == code and remedy in str(error)
