"""The evidence: every test, at every k of the scan, on its labels."""

from __future__ import annotations

import numpy as np

from segmentation.analysis import gather_evidence, recommend_k
from segmentation.analysis.trust.resamples import EARLY, go_on, resample_ks
from segmentation.analysis.trust.structure import find_structure
from segmentation.analysis.trust.valleys import find_valleys


def test_every_k_from_two_is_tested_on_the_labels_of_the_scan(grouped):
    evidence, scan = grouped.evidence, grouped.scan
    assert list(evidence.labels) == list(evidence.valleys) == [2, 3, 4, 5]
    assert list(evidence.resamples.by_k) == evidence.resamples.strength.index.tolist()
    assert list(evidence.resamples.by_k) == [2, 3, 4, 5]
    for k, labels in evidence.labels.items():
        np.testing.assert_array_equal(labels, scan.fits[k].labels)
        np.testing.assert_array_equal(evidence.resamples.by_k[k].labels, labels)
        assert evidence.valleys[k]
    assert evidence.gapped == ["age", "spend"] and evidence.depth == "quick"


def test_the_evidence_is_what_each_test_finds_alone(grouped):
    evidence, sample = grouped.evidence, grouped.sample
    X, weights, labels = sample.X, sample.weights, grouped.scan.labels
    assert evidence.structure == find_structure(X, weights, "quick", 0)
    assert evidence.valleys == find_valleys(X, weights, labels, evidence.structure, "quick", 0)
    alone = resample_ks(X, weights, labels, "kmeans", "quick", 0)
    whole = go_on(alone, X, weights, [k for k in labels if not alone.is_full(k)], 0)
    for k, strengths in evidence.resamples.strengths.items():
        same = whole if evidence.resamples.is_full(k) else alone
        np.testing.assert_array_equal(strengths, same.strengths[k])
        own, again = (of.by_k[k].overlaps for of in (evidence.resamples, same))
        np.testing.assert_array_equal(own, again)


def test_the_recommended_number_and_its_neighbours_are_tested_to_the_end(grouped, cloud):
    stopped = 0
    for analysis in (grouped, cloud):
        evidence = gather_evidence(analysis.scan, "quick")
        best, resamples = recommend_k(analysis.scan, evidence).k, evidence.resamples
        assert all(resamples.is_full(k) for k in {best - 1, best, best + 1} & set(resamples.by_k))
        early = [k for k in resamples.by_k if not resamples.is_full(k)]
        assert (resamples.strength.loc[early, ["splits", "resamples"]] == EARLY["quick"]).all(
            axis=None
        )
        stopped += len(early)
    assert stopped


def test_where_no_groups_are_shown_there_are_no_valleys(cloud):
    evidence = gather_evidence(cloud.scan, "quick")
    assert not evidence.structure.shown and evidence.gapped == []
    assert evidence.valleys == {2: [], 3: [], 4: [], 5: []}
