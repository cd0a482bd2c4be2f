"""The scan of records without quotes finds what the scan of any record finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.data.limits import Limits
from segmentation.data.text import scanning
from segmentation.data.text.encodings import open_text
from segmentation.data.text.records import Dialect

CELLS = st.text("ab é", max_size=3)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8)


@given(ROWS, st.integers(1, 4), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_both_scans_agree(tmp_path_factory, rows, width, end, last_end, cut):
    folder = tmp_path_factory.mktemp("scan")
    path = folder / "t.csv"
    same = [(row * 4)[:width] for row in rows] if cut else rows
    path.write_bytes((end.join(map(",".join, same)) + end * last_end).encode())
    if not path.stat().st_size:
        return
    text, found = open_text(path, folder, None, Limits()), []
    with pytest.MonkeyPatch.context() as patch:
        for plain in (scanning._scan_plain, lambda *_: False):
            patch.setattr(scanning, "_scan_plain", plain)
            try:
                seen = scanning.scan(text, Dialect(","), width, Limits())
                found.append((seen.records, seen.bytes.tolist()))
            except scanning.Irregular:
                found.append(None)
    assert found[0] == found[1]


def test_a_line_that_may_hold_too_long_a_cell_is_looked_at_field_by_field(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "x" * 60 + "," + "y" * 60 + "\n")
    text = open_text(path, tmp_path, None, Limits())
    assert scanning.scan(text, Dialect(","), 2, Limits(max_cell=60)).bytes.tolist() == [61, 61]
    with pytest.raises(scanning.Irregular, match="longer than max_cell"):
        scanning.scan(text, Dialect(","), 2, Limits(max_cell=59))
