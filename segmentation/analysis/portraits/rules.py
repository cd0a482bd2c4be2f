"""A short rule for each segment, in round numbers, and how well it finds customers it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from segmentation.analysis.fitting.clustering import Segments
from segmentation.analysis.fitting.sample import Prepared
from segmentation.analysis.portraits.profiles import FEWEST_TO_DESCRIBE
from segmentation.analysis.words import say_feature, say_list

FOLDS, MOST_ROWS, NEAR = 5, 20_000, 0.01
FINER = (1.0, 0.1, 0.01)
Bounds = dict[int, tuple[float, float]]  # feature → at least, below


@dataclass(frozen=True)
class Rule:
    """Who is in a segment, as bounds on a few features in original units; empty: no short rule.

    Of customers held out while rules were made: `precision`, the share of those who meet the rule
    that are in the segment; `coverage`, the share of the segment that meets it. NaN: not known.
    """

    text: str
    precision: float
    coverage: float
    conditions: int = 0


NO_RULE = Rule("", np.nan, np.nan)


@dataclass(frozen=True)
class _Counts:
    """Weights on held-out rows: meeting the rule, in the segment, both."""

    met: np.ndarray
    own: np.ndarray
    both: np.ndarray


@dataclass(frozen=True)
class _Others:
    """Rows in no segment that has a rule: their values and weights."""

    values: np.ndarray
    weights: np.ndarray


def make_rules(prepared: Prepared, segments: Segments, seed: int) -> list[Rule]:
    """One rule a segment: the largest leaf of a tree of k … 2k leaves, bounds rounded, rescored.

    The roundest bounds and the smallest tree within .01 of the best share of held-out customers
    that rules place right; held out are fifths in turn. Of more than 20,000 rows a seeded draw is
    used; a segment of 1 to 4 customers in it has no rule. Customers in none or in such a segment
    teach nothing, but count where they meet a rule.
    """
    rows = np.arange(len(segments.labels))
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
    many = np.bincount(segments.labels[rows], minlength=segments.k + 1) >= FEWEST_TO_DESCRIBE
    many[0] = False
    inside = many[segments.labels[rows]]
    if not inside.any():
        return [NO_RULE] * segments.k
    k = segments.k
    frame = prepared.frame[prepared.features].to_numpy(dtype=float)
    others = _Others(frame[rows[~inside]], prepared.weights[rows[~inside]])
    rows = rows[inside]
    values = frame[rows]
    labels, weights = segments.labels[rows], prepared.weights[rows]
    sizes = sorted({k, round(1.5 * k), 2 * k})
    tries = [(fine, leaves) for fine in FINER for leaves in sizes]  # the plainest first
    scored = {
        (fine, leaves): _hold_out(
            values, labels, weights, others, leaves, _units(values, fine), seed
        )
        for fine, leaves in tries
    }
    right = {each: float(counts.both.sum()) for each, counts in scored.items()}
    enough = max(right.values()) - NEAR * float(weights.sum())
    fine, leaves = next(each for each in tries if right[each] >= enough)
    boxes = _grow(values, labels, weights, leaves, _units(values, fine))
    return [_rule(prepared.features, boxes, scored[fine, leaves], at) for at in range(1, k + 1)]


def _rule(features: Sequence[str], boxes: dict[int, Bounds], counts: _Counts, at: int) -> Rule:
    if not boxes.get(at):
        return NO_RULE
    conditions = len(boxes[at])
    met, own, both = counts.met[at - 1], counts.own[at - 1], counts.both[at - 1]
    precision = both / met if met else np.nan
    return Rule(_say(features, boxes[at]), precision, both / own if own else np.nan, conditions)


def _hold_out(
    values: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    others: _Others,
    leaves: int,
    units: np.ndarray,
    seed: int,
) -> _Counts:
    k = int(labels.max())
    counts = _Counts(np.zeros(k), np.zeros(k), np.zeros(k))
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for seen, unseen in split.split(values, labels):
        boxes = _grow(values[seen], labels[seen], weights[seen], leaves, units)
        for at in range(1, k + 1):
            met = _meets(values[unseen], boxes[at]) if at in boxes else np.zeros(len(unseen), bool)
            own = labels[unseen] == at
            counts.met[at - 1] += weights[unseen][met].sum()
            if at in boxes:  # held out every time: a fifth of them in each turn
                counts.met[at - 1] += others.weights @ _meets(others.values, boxes[at]) / FOLDS
            counts.own[at - 1] += weights[unseen][own].sum()
            counts.both[at - 1] += weights[unseen][met & own].sum()
    return counts


def _grow(
    values: np.ndarray, labels: np.ndarray, weights: np.ndarray, leaves: int, units: np.ndarray
) -> dict[int, Bounds]:
    """The rounded bounds of the leaf that holds most of each segment, where there is one."""
    grown = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0)
    tree = grown.fit(values, labels, sample_weight=weights).tree_
    best: dict[int, tuple[float, Bounds]] = {}
    waiting: list[tuple[int, Bounds]] = [(0, {})]
    while waiting:
        node, bounds = waiting.pop()
        if tree.children_left[node] < 0:
            share = tree.value[node][0]
            at, held = int(grown.classes_[share.argmax()]), tree.weighted_n_node_samples[node]
            if held * share.max() > best.get(at, (0.0, {}))[0]:
                best[at] = (held * share.max(), bounds)
            continue
        feature = int(tree.feature[node])
        edge = float(np.floor(tree.threshold[node] / units[feature] + 0.5) * units[feature])
        low, high = bounds.get(feature, (-np.inf, np.inf))
        sides = (low, min(high, edge)), (max(low, edge), high)
        children = tree.children_left[node], tree.children_right[node]
        waiting += [
            (child, {**bounds, feature: side})
            for child, side in zip(children, sides, strict=True)
            if side[0] < side[1]  # two edges may round to one, with nobody between
        ]
    return {at: bounds for at, (_, bounds) in best.items()}


def _meets(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    met = np.ones(len(values), dtype=bool)
    for feature, (low, high) in bounds.items():
        met &= (values[:, feature] >= low) & (values[:, feature] < high)
    return met


def _units(values: np.ndarray, fine: float = 1.0) -> np.ndarray:
    """A round step for each feature, a tenth to a hundredth of the spread of nine rows of ten.

    `fine` makes it smaller; it is never below 1 for whole numbers.
    """
    spread = np.subtract(*np.quantile(values, [0.95, 0.05], axis=0))
    spread = np.where(spread > 0, spread, np.maximum(np.ptp(values, axis=0), 1e-12))
    whole = (values == np.round(values)).all(axis=0)
    units = fine * 10.0 ** (np.floor(np.log10(spread)) - 1)
    return np.where(whole, np.maximum(units, 1.0), units)


def _say(features: Sequence[str], bounds: Bounds) -> str:
    parts = []
    for feature, (low, high) in sorted(bounds.items()):
        name = say_feature(features[feature])
        if np.isfinite(low) and np.isfinite(high):
            parts.append(f"{name} from {_say_bound(low)} to under {_say_bound(high)}")
        elif np.isfinite(low):
            parts.append(f"{name} from {_say_bound(low)}")
        else:
            parts.append(f"{name} under {_say_bound(high)}")
    return say_list(parts)


def _say_bound(value: float) -> str:
    """All digits of a bound, so that what is said is what was scored."""
    text = f"{value:,.10f}" if abs(value) >= 9_999.5 else f"{value:.10f}"
    return text.rstrip("0").rstrip(".")
