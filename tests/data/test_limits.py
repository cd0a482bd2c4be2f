"""A refusal of a large input names the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentation.data.limits import Limits
from tests.data.raw import refusal

TEXT = "id,age,city\n1,31,Rome\n2,45,Oslo\n3,27,Bern\n"


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
