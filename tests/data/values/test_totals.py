"""Totals are known by their numbers, in any language; customers are never taken for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segmentation.data.errors import InputError
from segmentation.data.source import open_source

Row = tuple[str, int, float]
RNG = np.random.default_rng(0)
AMOUNTS = zip(RNG.integers(1, 9, 40), RNG.uniform(5, 900, 40).round(2), strict=True)
ROWS: list[Row] = [(f"C-{i}", int(n), float(x)) for i, (n, x) in enumerate(AMOUNTS)]


def total(name: str, rows: list[Row]) -> Row:
    return (name, sum(row[1] for row in rows), round(sum(row[2] for row in rows), 2))


def save(folder: Path, rows: list[Row], rate: str = "") -> Path:
    """The rows as a file; with a `rate`, a third column that is no sum."""
    lines = [f"customer,orders,revenue{rate and ',share'}"]
    lines += [f"{name},{n},{x:.2f}{rate and f',{i % 7}.5'}" for i, (name, n, x) in enumerate(rows)]
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return folder / "t.csv"


@pytest.mark.parametrize("name", ["Gesamtergebnis", "Eindtotaal", "Totalsumma", "Genel Toplam", ""])
@pytest.mark.parametrize("rate", ["", "share"])
def test_a_last_or_first_row_that_is_the_sum_of_the_others_is_refused(tmp_path, name, rate):
    for rows, line in (([*ROWS, total(name, ROWS)], 42), ([total(name, ROWS), *ROWS], 2)):
        with pytest.raises(InputError, match="not a customer") as caught:
            open_source(save(tmp_path, rows, rate))
        assert (caught.value.code, caught.value.line) == ("footer", line)


def test_subtotals_in_the_middle_are_refused_with_all_their_lines(tmp_path):
    parts = [ROWS[:12], ROWS[12:30], ROWS[30:]]
    rows = [row for part in parts for row in (*part, total("Nord", part))]
    with pytest.raises(InputError, match="as lines 33, 44 are") as caught:
        open_source(save(tmp_path, rows))
    assert caught.value.line == 14


def test_customers_are_no_totals(tmp_path):
    open_source(save(tmp_path, ROWS))
    open_source(save(tmp_path, [*ROWS, ("C-99", total("", ROWS)[1] + 1, total("", ROWS)[2] + 1)]))
    flags = [(f"C-{i}", int(i in (3, 9)), float(i in (1, 9))) for i in range(10)]
    open_source(save(tmp_path, flags))  # the last is as much as all others
