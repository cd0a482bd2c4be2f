"""The segments side by side: nothing about single customers."""

from __future__ import annotations

import pytest

from segmentation.analysis import show
from tests.analysis.conftest import analyse
from tests.analysis.show.conftest import read_table


@pytest.mark.parametrize("size", [1, 4])
def test_a_tiny_segment_is_not_described(size, customers, shown):
    customers.loc[: size - 1, ["spend", "visits"]] = [9_999.5, 777.5]
    a = analyse(customers, 4)
    show.cards(a.portraits)
    show.profiles(a.portraits)
    page = "".join(output.data for output in shown)
    assert "Too few customers to describe" in page
    assert "777.5" not in page and "778" not in page and "10,000" not in page


def test_a_category_of_a_few_customers_is_not_told(customers, shown):
    customers["city"] = ["Rome"] * 3 + ["Ulm"] * 57
    a = analyse(customers, 3)
    show.descriptors(a.portraits)
    page = shown[-1].data
    assert "Rome" not in page and "–" in page.split("rare (1 value)")[1].split("</tr>")[0]


def test_passports_are_by_number_and_name(grouped, shown):
    show.passports(grouped.portraits)
    table, names = read_table(shown[0].data), grouped.portraits.names
    assert table.index.tolist() == [f"{number} · {name}" for number, name in names.items()]
    assert table["Customers"].tolist() == [str(size) for size in grouped.profiles.sizes]
