"""The style of a column's numbers is the one that reads them all, or a doubt with an example."""

from __future__ import annotations

import pytest

from segmentation.data.values.numerals import Doubt, Shape, Style, decide_style, read_shape


def shapes_of(*cells: str) -> list[Shape]:
    shapes = [read_shape(cell, 2, row) for row, cell in enumerate(cells)]
    assert None not in shapes
    return [shape for shape in shapes if shape is not None]


@pytest.mark.parametrize(
    ("cells", "decimal", "style"),
    [
        (["9", "9.99"], None, Style(".", "")),
        (["9,9", "9.999,99"], None, Style(",", ".")),
        (["9,999"], ",", Style(",", "")),
        (["9,999"], ".", Style(".", ",")),
    ],
)
def test_one_style_reads_all(cells: list[str], decimal: str | None, style: Style) -> None:
    assert decide_style(shapes_of(*cells), decimal) == style


@pytest.mark.parametrize(
    ("cells", "code", "row"),
    [
        (["9", "€9", "$9"], "currencies", 1),
        (["9", "9%"], "percent", 1),
        (["9.9", "9,9"], "decimal", 0),
        (["9", "9,999"], "decimal", 1),
    ],
)
def test_a_doubt_has_an_example(cells: list[str], code: str, row: int) -> None:
    doubt = decide_style(shapes_of(*cells), None)
    assert isinstance(doubt, Doubt)
    assert (doubt.code, doubt.example.row) == (code, row)


@pytest.mark.parametrize("text", ["9.9.9,9", "(9", "€9€", "-9-", "A9"])
def test_what_is_no_number_has_no_shape(text: str) -> None:
    assert read_shape(text, 1, 0) is None
