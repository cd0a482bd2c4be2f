"""The order of day, month and year is proven by the values, or left open with a reason."""

from __future__ import annotations

import pytest

from segmentation.data.values.dates import Parts, decide_order


@pytest.mark.parametrize(
    ("parts", "name", "mixed"),
    [
        (Parts((31, 12, 2024), 0, 0, 9, 0, 9), "dmy", False),
        (Parts((12, 31, 2024), 0, 0, 9, 0, 9), "mdy", False),
        (Parts((2024, 12, 31), 9, 0, 9, 0, 9), "ymd", False),
        (Parts((99, 12, 31), 0, 9, 9, 0, 9), "ymd", False),
        (Parts((5, 5, 2024), 0, 0, 9, 0, 0), "dmy", False),
        (Parts((12, 12, 2024), 0, 0, 9, 0, 9), None, False),
        (Parts((12, 12, 24), 0, 9, 9, 0, 9), None, False),
        (Parts((31, 31, 2024), 0, 0, 9, 0, 9), None, True),
        (Parts((2024, 12, 31), 4, 0, 9, 0, 9), None, True),
        (Parts((31, 12, 2024), 0, 4, 9, 0, 9), None, True),
    ],
)
def test_an_order_is_proven_or_left_open(parts: Parts, name: str | None, mixed: bool) -> None:
    order = decide_order(parts, None)
    assert (order.name, order.mixed) == (name, mixed) and order.reason


def test_a_preset_order_settles_what_is_open_and_not_what_is_mixed() -> None:
    assert decide_order(Parts((12, 12, 2024), 0, 0, 9, 0, 9), "mdy").name == "mdy"
    assert decide_order(Parts((2024, 12, 31), 4, 0, 9, 0, 9), "mdy").mixed
