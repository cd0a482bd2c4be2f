"""The bundled sample, and real tables where there are any: the numbers of plain scikit-learn."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis import (
    choose_segments,
    fit_scales,
    gather_evidence,
    judge,
    place_customers,
    recommend_k,
    say,
    scan_k,
    take_sample,
)
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.later.model_file import load_model
from segmentation.analysis.trust.logged import find_handful, try_logged
from segmentation.data import InputError, check_columns, open_source, open_table
from tests.conftest import ROOT, find_sample

FEATURES = ["orders", "average_order_eur", "days_since_last_order", "discount_share_pct"]


def test_the_sample_model_is_that_of_the_sample():
    source = open_source(ROOT / "data" / "shop_customers.csv")
    sample = take_sample(source.table, fit_scales(source.table, FEATURES))
    fit = fit_segments(sample.X, sample.weights, 4, 42)
    model = load_model(ROOT / "data" / "shop_model.json")
    assert model.features == FEATURES
    for known, own in zip(model.scales, sample.scales, strict=True):
        assert (known.feature, known.log, known.fill) == (own.feature, own.log, own.fill)
        numbers = [(s.centre, s.spread, s.skew) for s in (known, own)]
        np.testing.assert_allclose(*numbers, rtol=1e-9)
    np.testing.assert_allclose(model.centres, fit.centres, atol=1e-9)
    assert model.sizes == np.bincount(fit.labels)[1:].tolist()


def test_the_sample_is_what_its_generator_draws(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "data"), *sys.path])
    from make_shop_customers import draw_customers

    drawn = draw_customers()
    path = ROOT / "data" / "shop_customers.csv"
    assert drawn.drop(columns="group").to_csv(index=False) == path.read_text()
    table = open_table(path)
    sample = take_sample(table, fit_scales(table, FEATURES))
    found = fit_segments(sample.X, sample.weights, 4, 42)
    known = drawn["group"].iloc[sample.frame.index - 1]
    assert 0.85 < adjusted_rand_score(known, found.labels) < 0.99  # the groups overlap


def test_real_tables_give_scikit_learns_inertia_and_silhouette(samples):
    compared = 0
    for path in sorted(samples.glob("*/reference.json")):
        reference = json.loads(path.read_text())
        source = path.with_name(reference["source_file"].split(" (")[0])
        for run in reference["runs"]:
            if run["preprocessing"] != "StandardScaler" or run["silhouette_sample"]:
                continue
            table = open_table(source)
            scales = fit_scales(table, run["features"], "none")
            ks = {int(k): scores for k, scores in run["by_k"].items()}
            scan = scan_k(take_sample(table, scales), max(ks)).table
            for k, scores in ks.items():
                ours = scan.loc[k]
                assert ours["inertia"] <= scores["inertia"] * (1 + 1e-4), (source.name, k)
                if ours["inertia"] > scores["inertia"] * (1 - 1e-9):
                    assert ours["silhouette"] == pytest.approx(scores["silhouette"], rel=1e-4)
                compared += 1
    assert compared


def test_no_real_table_has_an_identifier_among_its_features(samples):
    judged = 0
    for path in sorted(samples.glob("*/*.csv")):
        try:
            columns = check_columns(open_source(path))
        except InputError as refused:
            pytest.fail(str(refused))
        assert not {name.lower() for name in columns.features} & {"id", "customerid", "master_id"}
        judged += 1
    assert judged


MALL = ["Annual Income (k$)", "Spending Score (1-100)"]
SPENDING = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]


def judge_sample(path, features, transform="auto"):
    """What a report of these columns would recommend, and the verdict on it."""
    table = open_source(path).table
    sample = take_sample(table, fit_scales(table, features, transform))
    scan = scan_k(sample)
    evidence = gather_evidence(scan)
    choice = recommend_k(scan, evidence)
    segmentation = place_customers(sample, choose_segments(scan, choice, None))
    return scan, choice, segmentation, judge(segmentation, evidence, choice)


def test_the_published_inertia_of_the_mall_holds(samples):
    table = open_source(find_sample(samples, MALL[1])).table
    sample = take_sample(table, fit_scales(table, MALL, "none", "none"))
    found = scan_k(sample, 5).table["inertia"]
    published = [269981.28, 181363.59596, 106348.37306, 73679.78904, 44448.45545]
    assert found.tolist() == pytest.approx(published, rel=1e-9)


def test_income_and_score_of_the_mall_are_five_clear_groups(samples):
    *_, verdict = judge_sample(find_sample(samples, MALL[1]), MALL)
    assert (verdict.kind, verdict.k, verdict.structure.shown) == ("natural", 5, True)


def test_raw_wholesale_spending_is_a_handful_and_its_logs_are_two_bands(samples):
    path = find_sample(samples, "Detergents_Paper")
    scan, choice, segmentation, verdict = judge_sample(path, SPENDING, "none")
    assert verdict.kind == "one group"
    opinions = SimpleNamespace(handful=find_handful(scan, choice), logged=try_logged(scan, choice))
    text = say.logged(opinions, segmentation)
    assert "splits off a handful: 40 of 440" in text and "transform: auto" in text
    *_, after = judge_sample(path, SPENDING)
    assert (after.kind, after.k) == ("reproducible", 2)
