"""What the notebook would display, caught, and tables read back from their markup."""

from __future__ import annotations

import importlib
from typing import Any

import html5lib
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from segmentation.analysis.show.style import drawing


@pytest.fixture
def shown(monkeypatch) -> list[Any]:
    """What has been displayed so far."""
    outputs: list[Any] = []
    module = importlib.import_module("segmentation.analysis.show.page")
    monkeypatch.setattr(module, "display", lambda what, raw=False: outputs.append(what))
    return outputs


@pytest.fixture
def ax():
    with drawing() as (axes,):
        yield axes
    plt.close("all")


def read_table(page: str) -> pd.DataFrame:
    """The cells of a table's markup as text, by row head and column head."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    head, *body = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    return pd.DataFrame([row[1:] for row in body], [row[0] for row in body], head[1:])
