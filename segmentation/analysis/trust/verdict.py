"""The verdict: whether the table is grouped, and whether these segments hold. Judged apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from segmentation.analysis.fitting.clustering import FINDS_K, Segments
from segmentation.analysis.trust.choice import VALID, Choice
from segmentation.analysis.trust.stability import Stability
from segmentation.analysis.trust.structure import Structure
from segmentation.analysis.trust.valleys import Border

NATURAL, REPRODUCIBLE, CONSTRUCTIVE = "natural", "reproducible", "constructive"
ONE_GROUP, TOO_FEW = "one group", "too few to tell"


@dataclass(frozen=True)
class Verdict:
    """What kind of segmentation this is, by Dolnicar, Grün and Leisch (2018), and why.

    `kind`: natural (groups exist, and these segments follow them and come back), reproducible
    (they come back, with no gaps between them), constructive (they do not), one group (no groups,
    and a prediction strength clearly below .8 at every k, whichever was asked for), too few to
    tell.
    `least` is the mean Jaccard of the weakest segment; `missed` are those too small to be drawn, of
    which nothing is known. Where groups are shown, `borders` tells of
    neighbouring segments whether a gap lies between them; `gapped` are the features in which
    customers fall apart by themselves. `apart` is a larger number of segments that lie clearly
    apart, 0 if there is none: then these put groups together.
    """

    kind: str
    structure: Structure
    k: int
    recommended: int
    strong: tuple[int, ...]
    least: float
    borders: tuple[Border, ...] = ()
    gapped: tuple[str, ...] = ()
    missed: tuple[int, ...] = ()
    apart: int = 0

    @property
    def stable(self) -> bool:
        """Whether every segment comes back when customers change."""
        return self.least >= VALID

    @property
    def follows(self) -> bool:
        """Whether the segments are as many as were recommended."""
        return self.k == self.recommended

    @property
    def split(self) -> list[tuple[int, int]]:
        """Neighbouring segments with no gap to show, though customers have gaps."""
        return [(border.one, border.other) for border in self.borders if border.splits]

    def record(self) -> dict[str, Any]:
        """The verdict for result.json, with every number behind it."""
        structure = self.structure
        return {
            "kind": self.kind,
            "structure": {
                "tested": structure.tested,
                "shown": structure.shown,
                "groups": structure.k,
                "votes": structure.votes,
                "starts": structure.starts,
                "dip_p": structure.p,
                "valley_depth": structure.depth,
                "rows": structure.rows,
            },
            "segments": {
                "k": self.k,
                "recommended_k": self.recommended,
                "least_jaccard": self.least,
                "not_drawn": list(self.missed),
                "told_apart": self.apart,
                "reproducible_k": list(self.strong),
                "borders": [{**asdict(border), "kind": border.kind} for border in self.borders],
                "features_with_gaps": list(self.gapped),
            },
        }


def judge(
    structure: Structure,
    stability: Stability,
    choice: Choice,
    segments: Segments,
    borders: Sequence[Border] = (),
    gapped: Sequence[str] = (),
) -> Verdict:
    """The verdict on segments with these borders."""
    least = stability.own.least
    split = any(border.splits for border in borders)
    kind = _decide(structure, least >= VALID, split, choice.one_group)
    recommended = segments.k if segments.algorithm in FINDS_K else choice.k
    missed = (np.flatnonzero(np.isnan(stability.own.jaccard)) + 1).tolist()
    return Verdict(
        kind,
        structure,
        segments.k,
        recommended,
        tuple(choice.strong),
        least,
        tuple(borders),
        tuple(gapped),
        tuple(missed),
        choice.told_apart(segments.k) if structure.shown else 0,
    )


def _decide(structure: Structure, stable: bool, split: bool, one_group: bool) -> str:
    if not structure.tested:
        return TOO_FEW
    if one_group and not structure.shown:
        return ONE_GROUP
    if not stable:
        return CONSTRUCTIVE
    return NATURAL if structure.shown and not split else REPRODUCIBLE
