"""How the report was made, and second opinions, in tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.analysis.portraits.rfm import Rfm
from segmentation.analysis.show.tables import table
from segmentation.analysis.trust.opinions import Opinions
from segmentation.data import Columns, Note


def rfm(view: Rfm | None) -> None:
    """Displays, folded, the RFM segments; nothing without orders."""
    if view is not None:
        table(view.table, "RFM segments", folded=True)
        crossed = "RFM segments against these segments: customers"
        table(view.crossed, crossed, folded=True)


def other_methods(opinions: Opinions) -> None:
    """Displays, folded, what other methods find on the same features."""
    torn = opinions.others["torn_segment"].replace(0, np.nan)
    table(
        opinions.others.assign(torn_segment=torn), "Other methods on the same features", folded=True
    )


def columns(table_columns: Columns) -> None:
    """Displays, folded, every column and its use."""
    frame = table_columns.frame().set_index("column")
    table(frame, "Every column and what it was used for", folded=True)


def notes(decided: Sequence[Note]) -> None:
    """Displays, folded, what the reader decided, with its line; nothing without notes."""
    if decided:
        rows = [(note.column or "the table", note.line, note.what) for note in decided]
        frame = pd.DataFrame(rows, columns=["column", "line", "what"]).set_index("column")
        known = frame["line"].notna().any()
        frame = frame if known else frame.drop(columns="line")
        table(frame, "What was decided while reading", folded=True)
