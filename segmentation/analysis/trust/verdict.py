"""The verdict: whether the table is grouped, and whether these segments hold. Judged apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.trust.choice import Choice
from segmentation.analysis.trust.evidence import Evidence
from segmentation.analysis.trust.resamples import VALID
from segmentation.analysis.trust.stability import Stability, measure_stability
from segmentation.analysis.trust.structure import Structure
from segmentation.analysis.trust.valleys import Valley, find_valleys
from segmentation.data.published.vocabulary import (
    CONSTRUCTIVE,
    FINDS_K,
    NATURAL,
    ONE_GROUP,
    REPRODUCIBLE,
    TOO_FEW,
)


@dataclass(frozen=True)
class Verdict:
    """What kind of segmentation this is, by Dolnicar, Grün and Leisch (2018), and why.

    `kind`: natural (groups exist; these segments follow them and come back), reproducible (they
    come back, without gaps between them), constructive (they do not come back), one group (no
    groups, and a prediction strength clearly below .8 at every k), too few to tell.
    `recommended` is the recommended k, `strong` every k with a prediction strength of .8.
    `valleys` lie between neighbouring segments, if groups are shown; `gapped` are the features with
    gaps of their own. `apart` is a larger number of segments that lie clearly apart, or 0: if it is
    not 0, these segments merge groups.
    """

    kind: str
    structure: Structure
    stability: Stability
    features: tuple[str, ...]
    recommended: int
    strong: tuple[int, ...]
    valleys: tuple[Valley, ...] = ()
    gapped: tuple[str, ...] = ()
    apart: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the segments."""
        return self.stability.numbers

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.numbers)

    @property
    def weakest(self) -> float:
        """The mean Jaccard of the weakest segment."""
        return self.stability.weakest

    @property
    def unseen(self) -> tuple[int, ...]:
        """The numbers of segments too small to be drawn, about which nothing is known."""
        jaccard = self.stability.jaccard
        return tuple(int(number) for number in jaccard.index[jaccard.isna()])

    @property
    def stable(self) -> bool:
        """Whether every segment comes back when customers change."""
        return self.weakest >= VALID

    @property
    def follows(self) -> bool:
        """Whether there are as many segments as recommended."""
        return self.k == self.recommended

    @property
    def split(self) -> list[tuple[int, int]]:
        """Neighbouring segments without a gap, though the customers have gaps."""
        return [(valley.one, valley.other) for valley in self.valleys if valley.splits]

    def record(self) -> dict[str, Any]:
        """Returns the verdict for result.json, with every number behind it."""
        structure = self.structure
        return {
            "kind": self.kind,
            "structure": {
                "tested": structure.tested,
                "shown": structure.shown,
                "groups": structure.k,
                "votes": structure.votes,
                "starts": structure.starts,
                "planned": structure.planned,
                "dip_p": structure.p,
                "valley_depth": structure.depth,
                "rows": structure.rows,
            },
            "segments": {
                "k": self.k,
                "recommended_k": self.recommended,
                "least_jaccard": self.weakest,
                "not_drawn": list(self.unseen),
                "told_apart": self.apart,
                "reproducible_k": list(self.strong),
                "borders": [{**asdict(valley), "kind": valley.kind} for valley in self.valleys],
                "features_with_gaps": list(self.gapped),
            },
        }


def judge(segmentation: Segmentation, evidence: Evidence, choice: Choice) -> Verdict:
    """Returns the verdict on these segments, from what the tests found at every k."""
    structure, k = evidence.structure, segmentation.k
    stability = measure_stability(segmentation, evidence.resamples)
    valleys = _list_valleys(segmentation, evidence)
    split = any(valley.splits for valley in valleys)
    return Verdict(
        kind=_decide(structure, stability.weakest >= VALID, split, choice.one_group),
        structure=structure,
        stability=stability,
        features=tuple(segmentation.sample.features),
        recommended=k if segmentation.algorithm in FINDS_K else choice.k,
        strong=tuple(choice.strong),
        valleys=tuple(valleys),
        gapped=tuple(evidence.gapped),
        apart=choice.count_apart(k) if structure.shown else 0,
    )


def _list_valleys(segmentation: Segmentation, evidence: Evidence) -> list[Valley]:
    """Returns the valleys between segments; measures them if these are not those tested."""
    k, labels, sample = segmentation.k, segmentation.labels, segmentation.sample
    known = evidence.labels.get(k)
    if known is not None and np.array_equal(known, labels):
        return evidence.valleys[k]
    structure, depth = evidence.structure, evidence.depth
    return find_valleys(sample.X, sample.weights, {k: labels}, structure, depth, sample.seed)[k]


def _decide(structure: Structure, stable: bool, split: bool, one_group: bool) -> str:
    if not structure.tested:
        return TOO_FEW
    if one_group and not structure.shown:
        return ONE_GROUP
    if not stable:
        return CONSTRUCTIVE
    return NATURAL if structure.shown and not split else REPRODUCIBLE
