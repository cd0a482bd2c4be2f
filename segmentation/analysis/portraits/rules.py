"""A short rule for each segment, in round numbers, and how well it finds unseen customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from segmentation.analysis.fitting.sample import Sample
from segmentation.analysis.fitting.segmentation import Segmentation
from segmentation.analysis.portraits.privacy import FEWEST_TO_DESCRIBE
from segmentation.analysis.trust.spikes import FEWEST, LEAST_SHARE
from segmentation.analysis.words import say_feature, say_list

FOLDS, MOST_ROWS, NEAR = 5, 20_000, 0.01
FINER = (1.0, 0.1, 0.01)
EMPTY = 0.1  # of the range of a feature: a bound in a wider gap beside a heap lies at its ends
ROUGHER = 10  # times the step to which bounds are rounded, where there is room
Bounds = dict[int, tuple[float, float]]  # feature → at least, below


@dataclass(frozen=True)
class Rule:
    """Bounds on a few features, in original units, that describe a segment; empty: no short rule.

    Measured on held-out customers: `precision`, the share of those meeting the rule who are in the
    segment; `coverage`, the share of the segment that meets it. NaN: not known.
    """

    text: str
    precision: float
    coverage: float
    conditions: int = 0


NO_RULE = Rule("", np.nan, np.nan)


@dataclass(frozen=True)
class _Counts:
    """Weights of held-out rows, by segment: meeting the rule, in the segment, both."""

    met: np.ndarray
    own: np.ndarray
    both: np.ndarray


@dataclass(frozen=True)
class _Members:
    """Rows in segments that get rules: values (n × d), labels (n) and weights (n)."""

    values: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def part(self, rows: np.ndarray) -> _Members:
        return _Members(self.values[rows], self.labels[rows], self.weights[rows])


@dataclass(frozen=True)
class _Others:
    """Rows in no segment with a rule: values and weights."""

    values: np.ndarray
    weights: np.ndarray


def make_rules(segmentation: Segmentation) -> pd.Series:
    """Returns one rule for each segment, by number: a leaf of a tree of k … 2k leaves, rounded.

    Chosen are the roundest bounds and the smallest tree within .01 of the best share of held-out
    customers placed right (5 folds). Above 20,000 rows, a seeded draw is used. A segment with 1 to
    4 customers has no rule; those customers, and customers in no segment, teach nothing but count
    if they meet a rule.
    """
    sample, segments, numbers = segmentation.sample, segmentation.segments, segmentation.numbers
    rows, k = np.arange(len(sample.X)), segments.k
    if len(rows) > MOST_ROWS:
        draw = np.random.default_rng(sample.seed)
        rows = np.sort(draw.choice(rows, MOST_ROWS, replace=False))
    many = np.bincount(segments.labels[rows], minlength=k + 1) >= FEWEST_TO_DESCRIBE
    many[0] = False
    inside = many[segments.labels[rows]]
    if not inside.any():
        return pd.Series([NO_RULE] * k, numbers)
    frame, weights = sample.frame[sample.features].to_numpy(dtype=float), sample.weights
    others = _Others(frame[rows[~inside]], weights[rows[~inside]])
    rows = rows[inside]
    members = _Members(frame[rows], segments.labels[rows], weights[rows])
    rules = _find_rules(members, others, k, sample)
    return pd.Series(rules, numbers)


def _find_rules(members: _Members, others: _Others, k: int, sample: Sample) -> list[Rule]:
    sizes = sorted({k, round(1.5 * k), 2 * k})
    tries = [(fine, leaves) for fine in FINER for leaves in sizes]  # the plainest first
    units = {fine: _units(members.values, fine) for fine in FINER}
    scored = {
        (fine, leaves): _hold_out(members, others, leaves, units[fine], sample.seed)
        for fine, leaves in tries
    }
    right = {each: float(counts.both.sum()) for each, counts in scored.items()}
    enough = max(right.values()) - NEAR * float(members.weights.sum())
    fine, leaves = next(each for each in tries if right[each] >= enough)
    boxes, counts = _grow(members, leaves, units[fine]), scored[fine, leaves]
    answers = np.asarray(np.isin(members.values, (0.0, 1.0)).all(axis=0))
    rules = []
    for place in range(k):
        bounds = boxes.get(place + 1)
        if bounds:
            text = _say(sample.features, answers, bounds)
            rules.append(_rule(text, len(bounds), counts, place))
        else:
            rules.append(NO_RULE)
    return rules


def _rule(text: str, conditions: int, counts: _Counts, place: int) -> Rule:
    met, own, both = counts.met[place], counts.own[place], counts.both[place]
    precision, coverage = (both / whole if whole else np.nan for whole in (met, own))
    return Rule(text, precision, coverage, conditions)


def _hold_out(
    members: _Members, others: _Others, leaves: int, units: np.ndarray, seed: int
) -> _Counts:
    """Counts held-out rows that meet the rules of the rest."""
    k = int(members.labels.max())
    counts = _Counts(np.zeros(k), np.zeros(k), np.zeros(k))
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, unseen in split.split(members.values, members.labels):
        boxes, held = _grow(members.part(seen), leaves, units), members.part(unseen)
        for segment in range(1, k + 1):
            place, own = segment - 1, held.labels == segment
            met = np.zeros(len(unseen), bool)
            if segment in boxes:
                met = _meets(held.values, boxes[segment])
            counts.met[place] += held.weights[met].sum()
            if segment in boxes:  # held out every time: a fifth of them in each turn
                counts.met[place] += others.weights @ _meets(others.values, boxes[segment]) / FOLDS
            counts.own[place] += held.weights[own].sum()
            counts.both[place] += held.weights[met & own].sum()
    return counts


def _grow(members: _Members, leaves: int, units: np.ndarray) -> dict[int, Bounds]:
    """Returns the rounded bounds of the leaf that holds most of each segment, if any."""
    grown = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0)
    tree = grown.fit(members.values, members.labels, sample_weight=members.weights).tree_
    best: dict[int, tuple[float, Bounds]] = {}
    waiting: list[tuple[int, Bounds]] = [(0, {})]
    while waiting:
        node, bounds = waiting.pop()
        if tree.children_left[node] < 0:
            share = tree.value[node][0]
            segment, held = int(grown.classes_[share.argmax()]), tree.weighted_n_node_samples[node]
            if held * share.max() > best.get(segment, (0.0, {}))[0]:
                best[segment] = (held * share.max(), bounds)
            continue
        feature = int(tree.feature[node])
        under, start = _edges(members.values[:, feature], tree.threshold[node], units[feature])
        low, high = bounds.get(feature, (-np.inf, np.inf))
        sides = (low, min(high, under)), (max(low, start), high)
        children = tree.children_left[node], tree.children_right[node]
        waiting += [
            (child, {**bounds, feature: side})
            for child, side in zip(children, sides, strict=True)
            if side[0] < side[1]  # two edges may round to one, with nobody between
        ]
    return {segment: bounds for segment, (_, bounds) in best.items()}


def _edges(column: np.ndarray, threshold: float, unit: float) -> tuple[float, float]:
    """Returns the rounded bound below and above a threshold: one, except beside a heap.

    If a wide gap parts the others from a value that many share, such as 999 for never, the bounds
    lie at its two ends, where customers are.
    """
    edge = float(np.floor(threshold / unit + 0.5) * unit)
    last, first = column[column < threshold].max(), column[column >= threshold].min()
    below, above = (_is_heap(column, value) for value in (last, first))
    central = np.subtract(*np.quantile(column, [0.95, 0.05]))
    if not (below or above) or first - last <= max(EMPTY * central, 2 * unit):
        return edge, edge
    coarse = ROUGHER * unit if first - last > 2 * ROUGHER * unit else unit
    under = (np.floor(last / (unit if below else coarse)) + 1) * (unit if below else coarse)
    start = first if above else max(np.floor(first / coarse) * coarse, under)
    return float(under), float(start)


def _is_heap(column: np.ndarray, value: float) -> bool:
    rows = np.count_nonzero(column == value)
    return bool(rows >= FEWEST and rows >= LEAST_SHARE * len(column))


def _meets(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    met = np.ones(len(values), dtype=bool)
    for feature, (low, high) in bounds.items():
        met &= (values[:, feature] >= low) & (values[:, feature] < high)
    return met


def _units(values: np.ndarray, fine: float = 1.0) -> np.ndarray:
    """Returns a round step for each feature: a tenth to a hundredth of the central 90 % range.

    `fine` makes it smaller; it is never below 1 for whole numbers.
    """
    spread = np.subtract(*np.quantile(values, [0.95, 0.05], axis=0))
    spread = np.where(spread > 0, spread, np.maximum(np.ptp(values, axis=0), 1e-12))
    whole = (values == np.round(values)).all(axis=0)
    units = fine * 10.0 ** (np.floor(np.log10(spread)) - 1)
    return np.where(whole, np.maximum(units, 1.0), units)


def _say(features: Sequence[str], answers: np.ndarray, bounds: Bounds) -> str:
    """Returns bounds as text; a yes or no, of which `answers` (d) is true, has none."""
    parts = []
    for feature, (low, high) in sorted(bounds.items()):
        name = say_feature(features[feature])
        if answers[feature]:
            parts.append(f"{name} = {'yes' if np.isfinite(low) else 'no'}")
        elif np.isfinite(low) and np.isfinite(high):
            parts.append(f"{name} from {_say_bound(low)} to under {_say_bound(high)}")
        elif np.isfinite(low):
            parts.append(f"{name} from {_say_bound(low)}")
        else:
            parts.append(f"{name} under {_say_bound(high)}")
    return say_list(parts)


def _say_bound(value: float) -> str:
    """Writes all digits of a bound, so that the sentence states what was scored."""
    text = f"{value:,.10f}" if abs(value) >= 9_999.5 else f"{value:.10f}"
    return text.rstrip("0").rstrip(".")
