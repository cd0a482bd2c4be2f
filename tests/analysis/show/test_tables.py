"""Tables: heads in words, unless they are names, each on the side of its cells."""

from __future__ import annotations

import re

import pandas as pd

from segmentation.analysis import show


def test_words_stand_under_a_head_on_their_own_side(shown):
    show.table(pd.DataFrame({"who": ["a", "b"], "many": [1, 2]}), "A table")
    page = shown[0].data
    assert '<th role="columnheader" scope="col" class="words">Who</th>' in page
    assert '<th role="columnheader" scope="col">Many</th>' in page


def test_names_stay_as_they_are_written(shown):
    table = pd.DataFrame({"b_noid": [1], "m1": [2]}).rename_axis("x_jan")
    show.table(table, "A table")
    show.table(table, "A table", as_written=True)
    heads = [re.findall(r'data-head="(\w+[ \w]*)"', output.data) for output in shown]
    assert heads == [["B noid", "M1"], ["b_noid", "m1"]]
    assert "X jan" in shown[0].data and "x_<wbr>jan" in shown[1].data
