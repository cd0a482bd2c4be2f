"""Words of faults: what a page that is passed on may quote."""

from __future__ import annotations

import json

import pytest

from segmentation.reporting.page import _as_json
from segmentation.reporting.templates import scrub
from segmentation.reporting.wording import hide_cells


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("not numbers: 'abc' (line 3)", "not numbers: '…' (line 3)"),
        ("not numbers: 'a@b.org', 'Ann', ...", "not numbers: '…', '…', ..."),
        ("the table's cell \"O'Neil\" is", "the table's cell '…' is"),
        (r"as in 'it\'s \"odd\"', line 2", "as in '…', line 2"),
        ("as in 'don't ask' now", "as in '…' now"),
        ("it is cut: 'Max Must", "it is cut: '…'"),
        ("as in '1980-05-12'; write days", "as in '…'; write days"),
        ("the delimiter seems to be ';' twice", "the delimiter seems to be ';' twice"),
        (r"delimiter '\t' cannot be used", r"delimiter '\t' cannot be used"),
        ("features: no column 'spnd'", "features: no column 'spnd'"),
        ("'x'; try --set 'dates=a b'", "'…'; try --set 'dates=a b'"),
        ("'x'; leave it out: --features 'a b' c", "'…'; leave it out: --features 'a b' c"),
    ],
)
def test_quoted_cells_are_hidden(reason, shown):
    assert hide_cells(reason, {"spnd"}) == shown


def test_nothing_in_a_page_turns_text_around_and_its_json_stays_exact():
    assert scrub("a\u202eb\u2066c\x1b[31m\td\r\n") == "a�b�c�[31m\td\r\n"
    kept = {"features": ["a\u202eb\u2066", "\x9f", "שלום\u200f", "é"]}
    embedded = _as_json(kept)
    assert scrub(embedded) == embedded and json.loads(embedded) == kept
