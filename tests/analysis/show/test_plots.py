"""The figures carry what they say they carry."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from segmentation.analysis.show.plots import MOST_DRAWN

from segmentation.analysis import (
    choose_axes,
    draw_rows,
    drawing,
    plot_blades,
    plot_components,
    plot_differences,
    plot_elbow,
    plot_map,
    plot_overlaps,
    plot_silhouette,
    plot_sizes,
)
from tests.analysis.conftest import analyse


@pytest.fixture
def ax():
    with drawing() as (axes,):
        yield axes
    plt.close("all")


def test_the_map_has_red_crosses_at_the_means_of_the_segments(analysis, ax):
    a = analysis
    plot_map(a.prepared, a.segments, [0, 1], np.arange(59), ax)
    crosses = ax.collections[-1]
    np.testing.assert_allclose(crosses.get_offsets(), a.profiles.means[["spend", "visits"]])
    assert tuple(crosses.get_facecolor()[0]) == to_rgba("red")
    assert tuple(crosses.get_edgecolor()[0]) == to_rgba("black")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("spend", "visits")


def test_points_of_single_customers_are_pixels(analysis, ax):
    plot_map(analysis.prepared, analysis.segments, [0, 1], np.arange(59), ax)
    assert all(points.get_rasterized() for points in ax.collections[:-1])


def test_a_single_feature_is_a_histogram(ax):
    a = analyse(pd.DataFrame({"x": np.r_[np.arange(20.0) / 7, 50 + np.arange(20.0) / 9]}), 2)
    plot_map(a.prepared, a.segments, [0], np.arange(40), ax)
    assert sum(bar.get_height() for bar in ax.patches) == 40


def test_the_two_most_telling_features_are_drawn():
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 2], 50)
    X = np.column_stack([rng.normal(size=100), labels * 9.0, rng.normal(size=100), labels * 5.0])
    assert choose_axes(X + rng.normal(size=X.shape), labels, np.ones(100)) == [1, 3]


def test_many_customers_are_drawn_as_a_seeded_sample(analysis):
    X = np.zeros((MOST_DRAWN * 3, 2))
    prepared = type(analysis.prepared)(
        **{**vars(analysis.prepared), "X": X, "weights": np.ones(len(X))}
    )
    rows = draw_rows(prepared, 1)
    assert len(rows) == MOST_DRAWN and np.array_equal(rows, draw_rows(prepared, 1))
    assert len(draw_rows(analysis.prepared, 1)) == 59


def test_every_other_figure_is_drawn(analysis, ax):
    a = analysis
    assert plot_elbow(a.scan, 3, ax).get_title().startswith("Inertia")
    assert plot_silhouette(a.scan, 3, ax).get_title().startswith("Silhouette")
    assert plot_sizes(a.profiles, ax).get_xlabel() == "Customers"
    assert len(plot_blades(a.segments, ax).collections) == 3
    with drawing() as (ax,):
        assert len(plot_overlaps(a.stability, a.segments.numbers, ax).get_yticks()) == 3


def test_the_heat_map_tells_the_differences(analysis, ax):
    plot_differences(analysis.profiles, ax)
    shown = [text.get_text() for text in ax.texts]
    assert shown == [f"{v:+.1f}" for v in analysis.profiles.differences.T.to_numpy().ravel()]


def test_components_say_how_much_they_keep(analysis, ax):
    _, kept = plot_components(analysis.prepared, analysis.segments, np.arange(59), ax)
    assert kept == pytest.approx(1.0)


def test_a_dollar_in_a_name_is_text(ax, customers):
    a = analyse(customers.rename(columns={"spend": "$x^2$", "visits": "b_{1}$"}), 3)
    plot_map(a.prepared, a.segments, [0, 1], np.arange(59), ax)
    assert ax.xaxis.label.get_parse_math() is False
