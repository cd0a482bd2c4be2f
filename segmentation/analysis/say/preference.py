"""Which of two published reports to prefer, and why, or that nothing favours either."""

from __future__ import annotations

from segmentation.analysis.later.comparing import ALIKE, Comparison, find_least
from segmentation.analysis.trust.resamples import VALID
from segmentation.analysis.words import say_list, say_share
from segmentation.data import Report
from segmentation.data.published.vocabulary import (
    BEST_FIRST,
    ONE_GROUP,
    TOO_FEW,
)

CLEARLY = 0.05  # of a Jaccard similarity
PURPOSE = "what the segments are for"
CUSTOMERS = "which of the two tables has the customers that you will act on"


def preferred(compared: Comparison) -> str:
    """Says which of the two to prefer, and why; or what to choose by."""
    kinds = [_kind(report) for report in (compared.one, compared.other)]
    if TOO_FEW in kinds:
        few = [n for n, kind in zip(compared.names, kinds, strict=True) if kind == TOO_FEW]
        return (
            f"Neither can be preferred on evidence: too few customers in {say_list(few)} to tell "
            f"whether groups exist."
        )
    if all(kind == ONE_GROUP for kind in kinds):
        return "Prefer neither: both find one group, and no segments to act on."
    if compared.differ_in:
        return _choose_by_purpose(compared)
    if kinds[0] != kinds[1] and all(kind in BEST_FIRST for kind in kinds):
        return _prefer_better_verdict(compared)
    if compared.agreement >= ALIKE:
        return "Either will do: they put nearly the same customers together. Keep the one in use."
    return f"Both verdicts are “{_words(compared.one)}”. {_prefer_stabler(compared)}"


def _choose_by_purpose(compared: Comparison) -> str:
    """Says what to choose by if the reports answer different questions."""
    one, other = compared.one, compared.other
    if compared.one_table and compared.agreement >= ALIKE:
        return "Either will do: they put nearly the same customers together."
    verdicts = f"Both verdicts are “{_words(one)}”."
    if _words(one) != _words(other):
        verdicts = (
            f"The verdict on {one.name} is “{_words(one)}”, that on {other.name} “{_words(other)}”."
        )
    return (
        f"{verdicts} The two are of different {say_list(compared.differ_in)}, so neither is the "
        f"better one. Choose by {PURPOSE if compared.one_table else CUSTOMERS}."
    )


def _prefer_better_verdict(compared: Comparison) -> str:
    """Says which of two different verdicts is the better one."""
    pair = (compared.one, compared.other)
    better, worse = sorted(pair, key=lambda report: BEST_FIRST.index(_kind(report)))
    return (
        f"Prefer {better.name}: its verdict is “{_words(better)}”, that of {worse.name} "
        f"“{_words(worse)}”."
    )


def _prefer_stabler(compared: Comparison) -> str:
    """Says what favours one of two with the same verdict: how well the segments hold, then k."""
    pair = (compared.one, compared.other)
    worse, better = sorted(pair, key=find_least)
    low, high = find_least(worse), find_least(better)
    if not (low <= high):
        return f"How well the segments hold is not known of both: choose by {PURPOSE}."
    if high < VALID:
        return f"In neither do all segments come back: choose by {PURPOSE}."
    if high - low >= CLEARLY:
        return (
            f"Prefer {better.name}: when customers change, its weakest segment comes back "
            f"{say_share(high)} the same, that of {worse.name} {say_share(low)}."
        )
    recommended = [report for report in pair if _has_recommended_k(report)]
    if len(recommended) == 1:
        return (
            f"The segments hold alike. Prefer {recommended[0].name}: its number of segments is "
            f"the one recommended."
        )
    return (
        f"The segments hold alike, and nothing in the data speaks for either: choose by {PURPOSE}."
    )


def _kind(report: Report) -> str:
    return str(report.verdict.get("kind"))


def _words(report: Report) -> str:
    return str(report.verdict.get("in_words"))


def _has_recommended_k(report: Report) -> bool:
    return report.result.get("k") == report.result.get("recommended_k")
