"""The evidence: every test, at every k of the scan, on its labels."""

from __future__ import annotations

import numpy as np

from segmentation.analysis import gather_evidence
from segmentation.analysis.trust.stability import resample_ks
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
    assert evidence.resamples.strength.equals(alone.strength)


def test_where_no_groups_are_shown_there_are_no_valleys(cloud):
    evidence = gather_evidence(cloud.scan, "quick")
    assert not evidence.structure.shown and evidence.gapped == []
    assert evidence.valleys == {2: [], 3: [], 4: [], 5: []}
