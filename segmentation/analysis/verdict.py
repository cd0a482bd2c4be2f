"""The verdict: whether the table is grouped, and whether these segments hold. Judged apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentation.analysis.choice import VALID, Choice
from segmentation.analysis.stability import Stability
from segmentation.analysis.structure import Structure

NATURAL, REPRODUCIBLE, CONSTRUCTIVE = "natural", "reproducible", "constructive"
ONE_GROUP, TOO_FEW = "one group", "too few to tell"


@dataclass(frozen=True)
class Verdict:
    """What kind of segmentation this is, by Dolnicar, Grün and Leisch (2018), and why.

    `kind`: natural (groups exist and come back), reproducible (no gaps, but the segments come
    back), constructive (they do not), one group (nothing comes back at any k), too few to tell.
    `least` is the mean Jaccard of the weakest segment.
    """

    kind: str
    structure: Structure
    k: int
    recommended: int
    strong: tuple[int, ...]
    least: float

    @property
    def stable(self) -> bool:
        """Whether every segment comes back when customers change."""
        return self.least >= VALID

    @property
    def follows(self) -> bool:
        """Whether the segments are as many as were recommended."""
        return self.k == self.recommended

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
                "reproducible_k": list(self.strong),
            },
        }


def judge(structure: Structure, stability: Stability, choice: Choice, k: int) -> Verdict:
    """The verdict on k segments."""
    least = float(stability.own.jaccard.min())
    kind = _decide(structure, least >= VALID, bool(choice.strong))
    return Verdict(kind, structure, k, choice.k, tuple(choice.strong), least)


def _decide(structure: Structure, stable: bool, strong: bool) -> str:
    if not structure.tested:
        return TOO_FEW
    if structure.shown:
        return NATURAL if stable else CONSTRUCTIVE
    if stable:
        return REPRODUCIBLE
    return CONSTRUCTIVE if strong else ONE_GROUP
