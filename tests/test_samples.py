"""The bundled sample, and real tables where there are any: the numbers of plain scikit-learn."""

from __future__ import annotations

import json
import sys

import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.analysis import fit_scales, fit_segments, list_ks, scan_k, take_rows
from segmentation.data import InputError, check_columns, open_source, open_table
from tests.conftest import ROOT

FEATURES = ["orders", "average_order_eur", "days_since_last_order", "discount_share_pct"]


def test_the_sample_is_what_its_generator_draws(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "data"), *sys.path])
    from make_shop_customers import draw_customers

    drawn = draw_customers()
    path = ROOT / "data" / "shop_customers.csv"
    assert drawn.drop(columns="group").to_csv(index=False) == path.read_text()
    table = open_table(path)
    prepared = take_rows(table, fit_scales(table, FEATURES))
    found = fit_segments(prepared.X, prepared.weights, 4, 42)
    known = drawn["group"].iloc[prepared.frame.index - 1]
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
            prepared = take_rows(table, scales)
            ks = {int(k): scores for k, scores in run["by_k"].items()}
            scan = scan_k(prepared.X, prepared.weights, list_ks(max(ks)), 42).table
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
