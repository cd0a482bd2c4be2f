"""Opening tables: the same rows from every kind of file, or one clear line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segmentation.data import ROW, InputError, Reading, open_source, open_table


def fetch(path) -> pd.DataFrame:
    return open_table(path).order_by(ROW).execute().drop(columns=ROW)


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "frame"])
def test_every_kind_of_source_gives_the_same_table(kind, customers, tmp_path):
    source = customers
    if kind != "frame":
        source = tmp_path / f"customers.{kind}"
        {"csv": customers.to_csv, "parquet": customers.to_parquet, "xlsx": write_excel(customers)}[
            kind
        ](source, index=False)
    found = fetch(source)
    assert found["customer_id"].tolist() == customers["customer_id"].tolist()
    np.testing.assert_allclose(found["spend"].astype(float), customers["spend"])
    assert found["visits"].isna().sum() == 1


def write_excel(frame):
    """Writes the smallest workbook that Excel opens: one sheet, inline strings."""
    import zipfile
    from xml.sax.saxutils import escape

    def cell(value) -> str:
        if isinstance(value, float | int):
            return "<c/>" if pd.isna(value) else f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    def write(path, index=False) -> None:
        rows = [list(frame.columns), *frame.itertuples(index=False)]
        body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        pack = "http://schemas.openxmlformats.org/package/2006/relationships"
        kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
        sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{kinds}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
            f'<Override PartName="/xl/s.xml" ContentType="{sheet_type}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{pack}"><Relationship Id="a" '
            f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pack}"><Relationship Id="b" '
            f'Type="{rel}/worksheet" Target="s.xml"/></Relationships>',
            "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
        }
        with zipfile.ZipFile(path, "w") as book:
            for name, text in parts.items():
                book.writestr(name, text)

    return write


def test_rows_are_numbered_in_the_order_of_the_input(customers, tmp_path):
    path = tmp_path / "c.csv"
    customers.to_csv(path, index=False)
    assert open_table(path)[ROW].execute().sort_values().tolist() == list(range(1, 61))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(f"a{delimiter}b\n1{delimiter}2.5\n3{delimiter}4\n", encoding="utf-8-sig")
    assert fetch(path).to_dict("list") == {"a": [1.0, 3.0], "b": [2.5, 4.0]}
    assert open_source(path).dialect.bom


def test_leading_zeros_and_long_numbers_stay_text(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("zip,card,spend\n01234,12345678901234567890,5\n99999,2,6\n")
    found = fetch(path)
    assert found["zip"].tolist() == ["01234", "99999"]
    assert found["card"].tolist() == ["12345678901234567890", "2"]
    assert found["spend"].tolist() == [5.0, 6.0]


def test_blank_cells_in_a_column_of_numbers_are_missing(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("a,b\n1, \n2,3\n")
    assert fetch(path)["b"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("   \n", "no rows"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a,b\n1,2\n3\n", "line 3"),
        ('a,b\n1,"2\n3,4\n', "line 2"),
        ("a,a\n1,2\n", "are one name"),
        ("a,b\n" + "1,2\n" * 40 + "1,x\n", "line 42"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(text, said, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        open_table(path)
    message = str(refused.value)
    assert said in message
    assert message.startswith("export.csv") and "\n" not in message and len(message) <= 300


def test_a_missing_file_offers_the_nearest_name(tmp_path):
    (tmp_path / "customers.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"did you mean customers\.csv"):
        open_source(tmp_path / "customer.csv")


def test_a_broken_parquet_or_excel_file_is_refused(tmp_path):
    for name in ("a.parquet", "a.xlsx"):
        (tmp_path / name).write_bytes(b"PAR1 but not really")
        with pytest.raises(InputError, match=name):
            open_source(tmp_path / name)


@pytest.mark.parametrize("kind", ["parquet", "frame"])
def test_a_column_with_a_reserved_name_is_refused(tmp_path, kind):
    frame = pd.DataFrame({"__ROW__" if kind == "parquet" else ROW: [1, 2], "a": [3.0, 4.0]})
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"(?i)__row__.*; rename"):
        open_table(tmp_path / "t.parquet" if kind == "parquet" else frame)


@pytest.mark.parametrize("kind", ["parquet", "frame"])
@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"id": [1, 1, 2], "a": [3.0, 4.0, 5.0]}, "duplicate-ids"),
        ({"id": ["x", None, "y"], "a": [3.0, 4.0, 5.0]}, "missing-ids"),
        ({"a": [3.0, 3.0], "b": ["x", "x"]}, "identical-rows"),
        ({"a": [3.0]}, "one-row"),
        ({"a": [*map(str, range(20)), "x"], "b": range(21)}, "mostly-numbers"),
    ],
)
def test_rows_that_are_no_customers_are_refused_in_typed_tables(kind, columns, code, tmp_path):
    frame = pd.DataFrame(columns)
    frame.to_parquet(tmp_path / "t.parquet")
    source = open_source(tmp_path / "t.parquet" if kind == "parquet" else frame)
    with pytest.raises(InputError) as refused:
        source.check()
    assert refused.value.code == code
    assert refused.value.file == ("t.parquet" if kind == "parquet" else "frame")


def test_what_is_published_gives_lines_and_quotes_no_customer(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"k{at}@example.org,{at}.5,{at}" for at in range(30)]
    path.write_text("\n".join(["email,spend,visits", *rows, "k3@example.org,7,1"]))
    with pytest.raises(InputError, match="first at lines 5, 32") as caught:
        open_source(path).check()
    assert "example.org" not in str(caught.value)
    path.write_text("\n".join(["email,spend,visits", *rows, "x@example.org,CANARY,1"]))
    notes = open_source(path, Reading(on_bad_value="missing")).check()
    said = [note.what for note in notes]
    assert said == ["counted as missing: 1 of 31 values are not numbers (lines 32)"]
