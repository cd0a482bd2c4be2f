"""Measures how often the verdict is *natural* on tables without groups, and on tables with groups.

python -m benchmarks.calibrate [--share 1.0] [--print]

Judges the tables that docs/calibration.jsonl lacks, then writes docs/calibration.md. Seeds below
1000 of each family were used to choose the rule; these tables use other seeds.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.stats import beta

from benchmarks import families
from benchmarks.families import CHOSEN_ON, HARD, PLANTED, TESTED_ON, draw_table
from segmentation.analysis.fitting.scan import list_ks, scan_k
from segmentation.analysis.trust import choice as choosing
from segmentation.analysis.trust import resampling, stability, structure, terrain, verdict
from segmentation.analysis.trust import valleys as gaps
from segmentation.analysis.trust.choice import choose_segments, recommend_k
from segmentation.analysis.trust.stability import measure_stability, try_ks
from segmentation.analysis.trust.structure import Structure, find_structure
from segmentation.analysis.trust.valleys import find_borders, find_gapped
from segmentation.analysis.trust.verdict import judge
from segmentation.data.published.vocabulary import NATURAL

DOCS = Path(__file__).parents[1] / "docs"
STORE, PAGE = DOCS / "calibration.jsonl", DOCS / "calibration.md"
FIRST_SEED = 1000
K_MAX = 10
PARTS = (
    ("No groups: families on which the rule was chosen", CHOSEN_ON, (None,)),
    ("No groups: families on which it was not chosen", TESTED_ON, (None,)),
    ("No groups: curves and counts that are known to mislead it", HARD, (None,)),
    ("Planted groups", PLANTED, (4.0, 3.0)),
)
TABLES = {200: 100, 1000: 40}
TABLES_OF_PLANTED = {200: 40, 1000: 40}


@dataclass(frozen=True)
class Case:
    """One table: family, rows, seed, and sd between its groups (None if it has no groups)."""

    family: str
    n: int
    apart: float | None
    seed: int


def list_cases(share: float = 1.0) -> list[Case]:
    """Returns every table of the calibration, or this share of each family."""
    cases = []
    for _, members, distances in PARTS:
        for apart in distances:
            for n, tables in (TABLES if apart is None else TABLES_OF_PLANTED).items():
                seeds = range(FIRST_SEED, FIRST_SEED + round(tables * share))
                cases += [Case(f.__name__, n, apart, seed) for f in members for seed in seeds]
    return cases


def judge_table(case: Case) -> dict[str, object]:
    """Returns the verdict that a report gives on one table, at depth full and the recommended k.

    Without structure the verdict cannot be natural, so the other tests run only if it is shown.
    """
    X = draw_table(getattr(families, case.family), case.seed, case.n, case.apart)
    weights = np.ones(len(X))
    found = find_structure(X, weights, "full", case.seed)
    record = {**asdict(case), "d": X.shape[1], "shown": bool(found.shown), "natural": False}
    record |= {"advised": False, "k": 1}
    if not found.shown:
        return record
    kind, k = judge_rows(X, found, case.seed)
    gapped = find_gapped(
        SimpleNamespace(X=X, weights=weights, features=range(X.shape[1])), found, case.seed
    )
    advised = kind == NATURAL
    if not advised and 0 < len(gapped) < X.shape[1]:
        narrow = X[:, gapped]
        again = find_structure(narrow, weights, "full", case.seed)
        advised = judge_rows(narrow, again, case.seed)[0] == NATURAL
    return {**record, "natural": kind == NATURAL, "advised": advised, "k": k}


def judge_rows(X: np.ndarray, found: Structure, seed: int) -> tuple[str, int]:
    """Returns the verdict at the recommended k, and that k."""
    weights = np.ones(len(X))
    scan = scan_k(X, weights, list_ks(K_MAX), seed)
    trials = try_ks(X, weights, scan, "full", seed)
    borders = find_borders(X, weights, scan.labels, found, "full", seed)
    choice = recommend_k(scan, weights, trials, borders)
    segments = choose_segments(scan, choice, None)
    held = measure_stability(X, weights, trials, segments, seed)
    said = judge(found, held, choice, segments, borders[segments.k])
    return said.kind, choice.k


def judge_tables(cases: Sequence[Case]) -> Iterator[dict[str, object]]:
    """Yields the records of many tables as they complete, with the fingerprint of the rule."""
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done in as_completed([pool.submit(judge_table, case) for case in cases]):
            record = done.result()
            yield {"rule": rules[bool(record["shown"])], **record}


def fingerprint(shown: bool = True) -> str:
    """Returns a digest of the rule's code without comments; stored records are valid for it only.

    If no groups are shown, only the structure test has run, so only its code counts.
    """
    code, ran = "", [structure, terrain]
    if shown:
        ran += [gaps, resampling, stability, choosing, verdict]
    for module in ran:
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_docstring(body[0]):
                body[0] = ast.Pass()
        code += ast.unparse(tree)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def load_records() -> dict[Case, dict[str, object]]:
    """Returns the stored records of the current rule, by table."""
    if not STORE.exists():
        return {}
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    records = map(json.loads, STORE.read_text(encoding="utf-8").splitlines())
    valid = [record for record in records if record["rule"] == rules[record["shown"]]]
    return {Case(r["family"], r["n"], r["apart"], r["seed"]): r for r in valid}


def say_interval(yes: int, tables: int) -> str:
    """Formats the 95 % interval of a share (Clopper and Pearson 1934, Biometrika 26)."""
    low = beta.ppf(0.025, yes, tables - yes + 1) if yes else 0.0
    high = beta.ppf(0.975, yes + 1, tables - yes) if yes < tables else 1.0
    return f"{low:.0%}–{high:.0%}".replace("%", " %")


def tabulate(records: dict[Case, dict[str, object]]) -> str:
    """Returns the text of docs/calibration.md."""
    lines = [INTRODUCTION.format(rule=fingerprint())]
    for title, members, distances in PARTS:
        lines += [f"\n## {title}\n", HEAD]
        for family in members:
            for apart in distances:
                for n in TABLES:
                    some = [
                        r
                        for c, r in records.items()
                        if (c.family, c.n, c.apart) == (family.__name__, n, apart)
                    ]
                    lines += [_row(family.__name__, n, apart, some)] if some else []
    return "\n".join(lines) + "\n"


INTRODUCTION = """# Calibration of the verdict

Written by `make calibrate` (rule {rule}). Each row counts random tables with 2, 3, 4 or 6 columns,
or with a single one (*alone*). Every table is judged as in a report, at depth *full* and with the
recommended number of segments.

- *Groups shown*: the structure test alone.
- *Natural*: in addition, every segment comes back (mean Jaccard of at least .75), and a gap
  can be shown at every cut between segments.
- *Or on columns with gaps*: if groups are shown but the segments miss them, the report names the
  columns that have gaps. This also counts tables that are natural on those columns, and so finds a
  grid of groups despite columns of noise beside it.

The 95 % intervals (Clopper and Pearson) are for *natural*."""
HEAD = """\
| family | customers | natural | 95 % | or on columns with gaps | groups shown | k if natural |
|---|---|---|---|---|---|---|"""


def _row(name: str, n: int, apart: float | None, some: list[dict[str, object]]) -> str:
    counts = {key: sum(bool(r[key]) for r in some) for key in ("natural", "advised", "shown")}
    natural = counts["natural"]
    ks = [r["k"] for r in some if r["natural"]]
    recommended = ", ".join(f"{k}: {ks.count(k)}" for k in sorted(set(map(int, ks))))  # type: ignore[call-overload]
    label = name.replace("_", " ") + (f", {apart:g} sd" if apart else "")
    return (
        f"| {label} | {n:,} | {natural} of {len(some)} | {say_interval(natural, len(some))} "
        f"| {counts['advised']} | {counts['shown']} | {recommended or '–'} |"
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def main() -> None:
    """Judges the missing tables and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the tables of each family"
    )
    parser.add_argument("--print", action="store_true", help="judge nothing, write the page only")
    options = parser.parse_args()
    records = load_records()
    missing = [c for c in list_cases(options.share) if c not in records and not options.print]
    with STORE.open("w", encoding="utf-8") as store:
        for record in chain(records.values(), judge_tables(missing)):
            store.write(json.dumps(record) + "\n")
            store.flush()
    page = tabulate(load_records())
    PAGE.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
