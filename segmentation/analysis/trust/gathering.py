"""Every test on a scan, and more resamples at the numbers of segments that matter."""

from __future__ import annotations

from dataclasses import replace

from segmentation.analysis.fitting.scan import Scan
from segmentation.analysis.trust.choice import recommend_k
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.resamples import VALID, go_on, resample_ks
from segmentation.analysis.trust.structure import Structure, find_structure
from segmentation.analysis.trust.valleys import find_gapped, find_valleys


def gather_evidence(
    scan: Scan, depth: str = "full", structure: Structure | None = None
) -> Evidence:
    """Tests whether there are groups, and at every k whether its segments come back.

    The recommended k and its neighbours get all splits and resamples of the depth. `structure` is
    what `find_structure` returns for the sample, if that is known.
    """
    sample = scan.sample
    X, weights, seed = sample.X, sample.weights, sample.seed
    structure = structure or find_structure(X, weights, depth, seed)
    evidence = Evidence(
        labels=scan.labels,
        structure=structure,
        resamples=resample_ks(X, weights, scan.labels, scan.algorithm, depth, seed),
        valleys=find_valleys(X, weights, scan.labels, structure, depth, seed),
        gapped=find_gapped(sample, structure),
        depth=depth,
    )
    while short := _list_short(scan, evidence):
        more = go_on(evidence.resamples, X, weights, short, seed)
        evidence = replace(evidence, resamples=more)
    return evidence


def _list_short(scan: Scan, evidence: Evidence) -> list[int]:
    """Returns the numbers of segments that lack resamples: the recommended one, its neighbours,
    and those with gaps between all segments, if it is not clear that these come back."""
    choice, resamples = recommend_k(scan, evidence), evidence.resamples
    near = {choice.k - 1, choice.k, choice.k + 1}
    apart = choice.table.index[choice.table["apart"]]
    near |= {int(k) for k in apart if not resamples.by_k[k].is_clear_of(VALID)}
    return [k for k in resamples.by_k if k in near and not resamples.is_full(k)]
