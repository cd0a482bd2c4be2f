"""Values that repeat are examined once, with the same result."""

from __future__ import annotations

import duckdb
import pytest

from segmentation.data.text.reading import load_text
from segmentation.data.text.storing import LARGE, Store
from segmentation.data.values import counting
from segmentation.data.values.typed import type_table


@pytest.mark.long
@pytest.mark.parametrize("above", [LARGE, 0], ids=["memory", "disk"])
def test_values_that_repeat_are_judged_as_all_rows_are(tmp_path, monkeypatch, above):
    columns = {
        "plain": "1 2 3.5",
        "comma": "1,5 1234,75 2,25",
        "money": "$1,234.50 $2.00 $3.25",
        "padded": " 1|2 | 3",
        "text": "Ulm Kiel -",
        "dates": "31.12.2024 01.02.2023 05.06.2020",
        "iso": "2024-01-31 2023-05-06 NA",
        "gaps": "1 NA #REF!",
        "either": "1.234 2.345 3.456",
        "both": "13/02/2024 01/14/2024 02/03/2024",
        "digits": "١ ٢ ٣",
        "ids": "007 008 009",
        "infinite": "1 2 inf",
    }
    cells = [text.split("|" if "|" in text else " ") for text in columns.values()]
    path = tmp_path / "t.csv"
    rows = [
        ";".join(columns),
        *(";".join(row) for _ in range(40) for row in zip(*cells, strict=True)),
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    seen = []
    for sample in (10**9, 1):
        monkeypatch.setattr(counting, "_SAMPLE", sample)
        with duckdb.connect() as con:
            typed = type_table(con, load_text(con, path, store=Store(tmp_path, above)))
            names = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            assert any("values" in name for (name,) in names) == (sample == 1)
            table = con.execute(f"SELECT * FROM {typed.table}").fetchall()
        faults = {name: [str(f) for f in each] for name, each in typed.faults_by_column.items()}
        seen.append((typed.decisions, typed.notes, faults, table))
    assert seen[0] == seen[1]
    assert len(seen[0][2]) >= 3 and len({d.type for d in seen[0][0]}) == 3
