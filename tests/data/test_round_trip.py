"""What our writer writes is read back exactly, all of Unicode; a refusal is never a wrong table."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.data.errors import InputError
from segmentation.data.published.formulas import neutralise
from segmentation.data.published.writing import write_csv
from segmentation.data.reading import Dialect
from segmentation.data.text.reading import load_text
from segmentation.data.values.typed import type_table
from tests.data.raw import connect, read_raw

CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TRICKY = st.text(st.sampled_from("\",;\t|\r\n'\\ ab1.-=\ufeff\u2028"), max_size=8)
CELLS = st.one_of(st.text(CHARS, max_size=12), TRICKY)


def key(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold().strip())


NAMES = st.lists(
    st.one_of(st.text(CHARS, min_size=1, max_size=8), TRICKY).filter(
        lambda n: n.strip() and key(n)
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda n: key(neutralise(n)),
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(NAMES)
    rows = draw(st.lists(st.tuples(*[CELLS] * len(names)), min_size=1, max_size=8))
    return pd.DataFrame(rows, columns=names, dtype="str")


def expected(frame: pd.DataFrame) -> list[list[str]]:
    """The cells after neutralising, without the rows that have no value at all."""
    rows = [[neutralise(cell) for cell in row] for row in frame.to_numpy().tolist()]
    return [row for row in rows if any(cell.strip() for cell in row)]


QUIET = settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
JUDGED = {
    "footer",
    "quote-character",
    "repeated-header",
    "several-header-rows",
    "no-rows",
    "several-tables",
    "reserved-header",
}


@pytest.mark.long
@QUIET
@given(frame=frames(), delimiter=st.sampled_from(",;\t|"), bom=st.booleans())
def test_any_table_reads_back(
    tmp_path: Path, frame: pd.DataFrame, delimiter: str, bom: bool
) -> None:
    path = tmp_path / "table.csv"
    write_csv(frame, path, Dialect(delimiter, bom=bom))
    try:
        got = read_raw(path, delimiter=delimiter, header=1, encoding="utf-8")
    except InputError as error:
        assert error.code in JUDGED, error
        return
    assert got.frame.to_numpy().tolist() == expected(frame)
    assert list(got.frame.columns) == [neutralise(name).strip() for name in frame.columns]


@pytest.mark.long
@QUIET
@given(
    names=st.lists(st.text(CHARS, max_size=10), min_size=3, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
    bom=st.booleans(),
    seed=st.integers(0, 999),
)
def test_customers_read_back_without_any_hint(
    tmp_path: Path, names: list[str], delimiter: str, bom: bool, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"{i:05}" for i in range(len(names))],
            "remark": pd.Series(names, dtype="str"),
            "age": draw.integers(18, 90, len(names)),
            "spend": draw.normal(100, 30, len(names)).round(2),
        }
    )
    path = tmp_path / "table.csv"
    decimal = "," if delimiter == ";" else "."
    write_csv(frame, path, Dialect(delimiter, decimal, bom))
    with connect() as con:
        loaded = load_text(con, path)
        typed = type_table(con, loaded, decimal=decimal)
        raw = con.execute('SELECT * EXCLUDE (__row__) FROM "raw" ORDER BY __row__').fetchall()
        numbers = con.execute(f"SELECT age, spend FROM {typed.table} ORDER BY __row__").fetchall()
    assert loaded.delimiter == delimiter
    assert [row[:2] for row in raw] == [
        (i, neutralise(n)) for i, n in zip(frame["customer_id"], names, strict=True)
    ]
    assert numbers == list(zip(frame["age"].astype(float), frame["spend"], strict=True))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
)
def test_formulas_are_neutralised_in_text_and_names_only(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "table.csv"
    write_csv(pd.DataFrame({"n": [-1.5, 2.0], cell: [cell, "x"]}), path)
    got = read_raw(path).frame
    assert got.iloc[0].tolist() == ["-1.5", "'" + cell]
    assert list(got.columns) == ["n", "'" + cell]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": ["x\0y"]}),
        pd.DataFrame({"a": ["\ud800"]}, dtype=object),
        pd.DataFrame({" ": ["x"]}),
        pd.DataFrame([["x", "y"]], columns=["a", "A "]),
        pd.DataFrame({"a": [float("inf")]}),
    ],
)
def test_what_no_csv_can_hold_is_not_written(tmp_path: Path, frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError):
        write_csv(frame, tmp_path / "table.csv")
    assert not (tmp_path / "table.csv").exists()


def test_a_space_at_the_edge_of_a_cell_is_kept_and_of_a_name_taken_off(tmp_path: Path) -> None:
    frame = pd.DataFrame([[" ", ", "]], columns=["0", " 1"])
    path = tmp_path / "table.csv"
    write_csv(frame, path)
    got = read_raw(path, delimiter=",", header=1)
    assert list(got.frame.columns) == ["0", "1"]
    assert got.frame.to_numpy().tolist() == [[" ", ", "]]
