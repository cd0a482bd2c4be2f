"""Polluted files of kinds that no shared collection has are never read as another table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from segmentation.data.errors import InputError
from segmentation.data.text.reading import load_text
from segmentation.data.text.storing import LARGE, Store
from segmentation.data.values.typed import type_table
from tests.data.pollution import TABLES, Polluted, polluted

pytestmark = pytest.mark.long


def read_cells(
    con: duckdb.DuckDBPyConnection, path: Path, above: int = LARGE
) -> list[list[str]] | InputError:
    """The names and cells of a file that passes reading and typing, or the refusal."""
    try:
        loaded = load_text(con, path, store=Store(path.parent, above))
        type_table(con, loaded).check()
    except InputError as error:
        return error
    rows = con.execute('SELECT * EXCLUDE (__row__) FROM "raw" ORDER BY __row__').fetchall()
    return [list(loaded.columns), *map(list, rows)]


def silently_wrong(con: duckdb.DuckDBPyConnection, case: Polluted, path: Path) -> str | None:
    """What is wrong with how a polluted file was read, or None."""
    path.write_bytes(case.data)
    got = read_cells(con, path)
    if isinstance(got, InputError):
        return f"{case.name}: refused: {got}" if case.must_read else None
    return None if got in case.right else f"{case.name}: {case.data[:400]!r} read as {got}"


@pytest.mark.parametrize("name", TABLES)
def test_no_pollution_is_silently_another_table(
    con: duckdb.DuckDBPyConnection, name: str, tmp_path: Path
) -> None:
    cases = list(polluted(name, TABLES[name]))
    assert len(cases) > 200
    path = tmp_path / "t.csv"
    wrong = [fault for case in cases if (fault := silently_wrong(con, case, path))]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("name", TABLES)
def test_rows_kept_on_disk_are_the_same(
    con: duckdb.DuckDBPyConnection, name: str, tmp_path: Path
) -> None:
    for case in list(polluted(name, TABLES[name]))[::9]:
        path = tmp_path / "t.csv"
        path.write_bytes(case.data)
        kept, held = read_cells(con.cursor(), path, above=0), read_cells(con, path)
        same = str(kept) == str(held) if isinstance(held, InputError) else kept == held
        assert same, f"{case.name}: {kept} where memory has {held}"
