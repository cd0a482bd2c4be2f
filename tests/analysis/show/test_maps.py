"""The maps carry what they say they carry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from segmentation.analysis import show
from segmentation.analysis.show.maps import (
    plot_components,
    plot_differences,
    plot_map,
    plot_sizes,
)
from tests.analysis.conftest import analyse


def test_the_map_has_red_crosses_at_the_means_of_the_segments(analysis, ax):
    a = analysis
    plot_map(a.segmentation, [0, 1], np.arange(59), ax)
    crosses = ax.collections[-1]
    np.testing.assert_allclose(crosses.get_offsets(), a.profiles.means[["spend", "visits"]])
    assert tuple(crosses.get_facecolor()[0]) == to_rgba("red")
    assert tuple(crosses.get_edgecolor()[0]) == to_rgba("black")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("spend", "visits")


def test_segments_are_marked_by_the_numbers_that_readers_see(analysis, ax):
    plot_map(analysis.segmentation.with_numbers([9, 4, 6]), [0, 1], np.arange(59), ax)
    middles = analysis.profiles.means[["spend", "visits"]].set_axis([9, 4, 6])
    marked = {int(text.get_text()): text.xy for text in ax.texts}
    assert set(marked) == {4, 6, 9}
    for number, place in marked.items():
        np.testing.assert_allclose(place, middles.loc[number])


def test_points_of_single_customers_are_pixels(analysis, ax):
    plot_map(analysis.segmentation, [0, 1], np.arange(59), ax)
    assert all(points.get_rasterized() for points in ax.collections[:-1])


def test_a_single_feature_is_a_histogram(ax):
    a = analyse(pd.DataFrame({"x": np.r_[np.arange(20.0) / 7, 50 + np.arange(20.0) / 9]}), 2)
    plot_map(a.segmentation, [0], np.arange(40), ax)
    assert sum(bar.get_height() for bar in ax.patches) == 40


def test_sizes_are_drawn(analysis, ax):
    assert plot_sizes(analysis.profiles, ax).get_xlabel() == "Customers"


def test_the_heat_map_tells_the_differences(analysis, ax):
    plot_differences(analysis.profiles, ax)
    written = [text.get_text() for text in ax.texts]
    assert written == [f"{v:+.1f}" for v in analysis.profiles.differences.T.to_numpy().ravel()]


def test_components_say_how_much_they_keep(analysis, ax):
    _, kept = plot_components(analysis.segmentation, np.arange(59), ax)
    assert kept == pytest.approx(1.0)


def test_a_dollar_in_a_name_is_text(ax, customers):
    a = analyse(customers.rename(columns={"spend": "$x^2$", "visits": "b_{1}$"}), 3)
    plot_map(a.segmentation, [0, 1], np.arange(59), ax)
    assert ax.xaxis.label.get_parse_math() is False


def test_components_are_only_displayed_if_the_map_leaves_features_out(analysis, shown):
    show.components(analysis.segmentation)
    assert shown == []
    show.segment_map(analysis.segmentation)
    show.differences(analysis.portraits)
    assert "red X" in shown[0]["text/plain"] and "Furthest" in shown[1]["text/plain"]
