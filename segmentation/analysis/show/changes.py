"""What changed since an earlier report, in tables."""

from __future__ import annotations

import pandas as pd

from segmentation.analysis import say
from segmentation.analysis.later.drift import tabulate_shifts
from segmentation.analysis.later.numbering import Changes
from segmentation.analysis.later.shifted import list_medians
from segmentation.analysis.portraits.portraits import Portraits
from segmentation.analysis.portraits.privacy import hide_cells
from segmentation.analysis.show.tables import table
from segmentation.analysis.words import say_number


def movement(changes: Changes | None) -> None:
    """Displays, folded, customers by segment then (rows) and now (columns); 1 to 4 are hidden."""
    if changes is not None and changes.movement is not None:
        counts = hide_cells(changes.movement.flow)
        counts.index = pd.Index([say.label_then(label) for label in counts.index], name="then")
        counts.columns = pd.Index([say.label_now(label) for label in counts.columns])
        table(counts, "Customers by segment, then and now", folded=True)


def medians(changes: Changes | None, portraits: Portraits) -> None:
    """Displays, folded, the median of every feature then and now, by kept segment."""
    rows = {}
    for number, then in (list_medians(changes, portraits.profiles) if changes else {}).items():
        now = portraits.profiles.medians.loc[number]
        rows[f"{number} · {portraits.names[number]}"] = {
            name: f"{say_number(median)} → {say_number(now[name])}" for name, median in then.items()
        }
    if rows:
        frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment")
        table(frame, "Medians of the segments, then → now", folded=True)


def shifts(changes: Changes | None) -> None:
    """Displays, folded, how differently each feature is distributed now."""
    if changes is not None:
        table(
            tabulate_shifts(changes.shifts), "How differently the features are spread", folded=True
        )
