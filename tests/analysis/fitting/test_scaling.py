"""From columns to coordinates, compared with scikit-learn's scalers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from segmentation.analysis import fit_scales, take_sample
from segmentation.data import InputError, open_table

SCALERS = {"standard": StandardScaler(), "robust": RobustScaler(), "minmax": MinMaxScaler()}


@pytest.fixture
def money() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame({"age": rng.normal(40, 9, 300), "spend": rng.lognormal(3, 1.4, 300)})


@pytest.mark.parametrize("scaling", SCALERS)
def test_coordinates_equal_scikit_learns(scaling, money):
    table = open_table(money)
    X = take_sample(table, fit_scales(table, ["age", "spend"], "none", scaling)).X
    np.testing.assert_allclose(X, SCALERS[scaling].fit_transform(money), rtol=1e-12, atol=1e-12)


def test_no_scaling_leaves_the_units(money):
    table = open_table(money)
    X = take_sample(table, fit_scales(table, ["age", "spend"], "none", "none")).X
    np.testing.assert_array_equal(X, money)


def test_auto_logs_skewed_amounts_alone(money):
    age, spend = fit_scales(open_table(money), ["age", "spend"])
    assert not age.log and spend.log
    assert spend.skew == pytest.approx(money["spend"].skew(), rel=0.02)
    assert abs(spend.skew_logged) < 0.5


def test_a_column_with_a_negative_value_is_never_logged(money):
    money.loc[0, "spend"] = -1.0
    assert not fit_scales(open_table(money), ["spend"], "log")[0].log


def test_inverting_gives_the_values_back(money):
    for scale in fit_scales(open_table(money), ["age", "spend"]):
        values = money[scale.feature].to_numpy()
        np.testing.assert_allclose(scale.invert(scale.apply(values)), values)


def test_one_value_in_the_rows_that_are_left_is_refused():
    frame = pd.DataFrame({"a": [1.0, 1.0, 1.0, 2.0], "b": [1.0, 2.0, 3.0, None]})
    with pytest.raises(InputError, match="column a: it has one value"):
        fit_scales(open_table(frame), ["a", "b"])


def test_a_log_that_does_not_help_is_not_taken():
    rng = np.random.default_rng(0)
    rare = (rng.random(600) < 0.08).astype(float)  # 0/1: as skewed after the log
    frame = pd.DataFrame({"rare": rare, "spend": rng.lognormal(3, 1, 600)})
    scales = fit_scales(open_table(frame), ["rare", "spend"])
    assert [scale.log for scale in scales] == [False, True]
    assert scales[0].skew > 2
    assert all(scale.log for scale in fit_scales(open_table(frame), ["rare", "spend"], "log"))
