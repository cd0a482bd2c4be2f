"""How often the verdict says *natural* where nothing is grouped, and where something is.

python -m benchmarks.calibrate [--share 1.0] [--print] [--adopt 50]

Runs what is missing in docs/calibration.jsonl, then writes docs/calibration.md. The first 999
seeds of each family were used while the rule was chosen; here are others. After a change of the
code that should change no result, `--adopt` keeps the stored tables if a part of them, judged
again, comes out the same.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import chain, zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

import segmentation.analysis
from benchmarks import families
from benchmarks.families import CHOSEN_ON, HARD, PLANTED, TESTED_ON, draw_table
from benchmarks.samples import sample_coordinates
from segmentation.analysis import choose_segments, gather_evidence, judge, recommend_k, scan_k
from segmentation.analysis.fitting.segmentation import place_rows
from segmentation.analysis.trust.structure import find_structure
from segmentation.analysis.trust.verdict import NATURAL, Verdict

DOCS = Path(__file__).parents[1] / "docs"
STORE, PAGE = DOCS / "calibration.jsonl", DOCS / "calibration.md"
FIRST_SEED = 1000
K_MAX = 10
PARTS = (
    ("No groups: the families that the rule was chosen on", CHOSEN_ON, (None,)),
    ("No groups: families that it was not chosen on", TESTED_ON, (None,)),
    ("No groups: curves and counts that it is known to stumble over", HARD, (None,)),
    ("Planted groups", PLANTED, (4.0, 3.0)),
)
ANALYSIS = Path(str(segmentation.analysis.__file__)).parent
STRUCTURE_TEST = ("trust/structure.py", "trust/terrain.py")
ONCE_SHOWN = (  # the rest of the rule, which runs where groups are shown
    "trust/valleys.py",
    "trust/resampling.py",
    "trust/stability.py",
    "fitting/matching.py",
    "trust/choice.py",
    "trust/verdict.py",
    "trust/evidence.py",
)
AROUND = (  # the classes that the rule reads
    "fitting/clustering.py",
    "fitting/sample.py",
    "fitting/scan.py",
    "fitting/segmentation.py",
)
TABLES = {200: 100, 1000: 40}
TABLES_OF_PLANTED = {200: 40, 1000: 40}


Record = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One table: its family's name, rows, seed, and sd between its groups (None: no groups)."""

    family: str
    n: int
    apart: float | None
    seed: int


def list_cases(share: float = 1.0) -> list[Case]:
    """Every table of the calibration, or the first so many of each family."""
    cases = []
    for _, members, distances in PARTS:
        for apart in distances:
            for n, tables in (TABLES if apart is None else TABLES_OF_PLANTED).items():
                seeds = range(FIRST_SEED, FIRST_SEED + round(tables * share))
                cases += [Case(f.__name__, n, apart, seed) for f in members for seed in seeds]
    return cases


def judge_table(case: Case) -> Record:
    """The report's own verdict on one table, and on its columns with gaps if it misses them.

    Without structure the verdict cannot be natural: the rest is only run where it is shown.
    """
    X = draw_table(getattr(families, case.family), case.seed, case.n, case.apart)
    found, d = judge_rows(X, case.seed), X.shape[1]
    record = {**asdict(case), "d": d, "shown": found is not None, "natural": False}
    record |= {"advised": False, "k": 1}
    if found is None:
        return record
    natural = advised = found.kind == NATURAL
    if not natural and 0 < len(found.gapped) < d:
        narrow = judge_rows(X[:, list(map(int, found.gapped))], case.seed)
        advised = narrow is not None and narrow.kind == NATURAL
    return {**record, "natural": natural, "advised": advised, "k": found.recommended}


def judge_rows(X: np.ndarray, seed: int) -> Verdict | None:
    """The verdict at depth full and the recommended k; None if no groups are shown."""
    sample = sample_coordinates(X, seed)
    if not find_structure(sample.X, sample.weights, "full", seed).shown:
        return None
    scan = scan_k(sample, K_MAX)
    evidence = gather_evidence(scan, "full")
    choice = recommend_k(scan, evidence)
    segmentation = place_rows(sample, choose_segments(scan, choice, None))
    return judge(segmentation, evidence, choice)


def judge_tables(cases: Sequence[Case]) -> Iterator[Record]:
    """The records of many tables, as they are done, with the rule that they belong to."""
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    # Not forked: the threads of an open engine would be missing in the copy.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for done in as_completed([pool.submit(judge_table, case) for case in cases]):
            record = done.result()
            yield {"rule": rules[bool(record["shown"])], **record}


def fingerprint(shown: bool = True) -> str:
    """A digest of what the rule does: what the stored numbers belong to.

    Docstrings, comments, imports, annotations, the names of files and those that the code gives
    itself do not count. Where no groups are shown, only the structure test has run.
    """
    trees = [_parse(name) for name in STRUCTURE_TEST + (ONCE_SHOWN if shown else ())]
    read = [node for name in AROUND for node in _parse(name).body]
    classes = [node for node in read if isinstance(node, ast.ClassDef)]
    numbering = _Numbering(set(_bound(trees)) | set(_bound(classes)))
    code = "\n".join(ast.unparse(numbering.visit(tree)) for tree in trees)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


class _Numbering(ast.NodeTransformer):
    """Leaves what the code does, each of its `own` names a number by its first appearance.

    Names of others (NumPy's functions, their arguments) stay: median for mean is another rule.
    """

    def __init__(self, own: set[str]) -> None:
        self.own, self.numbers = own, dict[str, int]()

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        for field in ("annotation", "returns"):
            if hasattr(node, field):
                kept = None if not isinstance(node, ast.AnnAssign) else ast.Constant(...)
                setattr(node, field, kept)
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            body[:] = body[1:] or [ast.Pass()]
        for field in ("name", "id", "attr", "arg"):
            name = getattr(node, field, None)
            if name in self.own:
                setattr(node, field, f"_{self.numbers.setdefault(name, len(self.numbers))}")
        return self.generic_visit(node)


def _bound(trees: Iterable[ast.AST]) -> Iterator[str]:
    """The names that code gives: to functions, classes, arguments and values, or by our imports."""
    for node in chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("segmentation"):
            yield from (alias.asname or alias.name for alias in node.names)


def _parse(name: str) -> ast.Module:
    return ast.parse((ANALYSIS / name).read_text(encoding="utf-8"))


def load_records() -> dict[Case, Record]:
    """What was stored for the rule as it is, by table."""
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    return {_case(r): r for r in _read_store() if r["rule"] == rules[bool(r["shown"])]}


def adopt(count: int) -> int:
    """Takes the stored records over for the rule as it is; returns how many were compared.

    `count` of them, spread over the families, half with groups shown, are judged again. Raises
    `ValueError`, and writes nothing, if one comes out otherwise, or they are of several rules.
    """
    records = _read_store()
    for shown in (True, False):
        if len({r["rule"] for r in records if r["shown"] == shown}) > 1:
            raise ValueError("the store holds tables of several rules: make calibrate")
    chosen = {_case(record): record for record in choose_spread(records, count)}
    for again in judge_tables(list(chosen)):
        stored = chosen[_case(again)]
        if {**again, "rule": None} != {**stored, "rule": None}:
            raise ValueError(f"another result than stored: {again} instead of {stored}")
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    lines = [json.dumps({**r, "rule": rules[bool(r["shown"])]}) + "\n" for r in records]
    STORE.write_text("".join(lines), encoding="utf-8")
    return len(chosen)


def choose_spread(records: Sequence[Record], count: int) -> list[Record]:
    """So many records, half of them with groups shown, each half in turn from every family."""
    order = np.random.default_rng(0).permutation(len(records))
    halves = []
    for shown, some in ((True, (count + 1) // 2), (False, count // 2)):
        of: dict[object, list[Record]] = {}
        for record in (records[at] for at in order):
            if record["shown"] == shown:
                of.setdefault((record["family"], record["n"]), []).append(record)
        turns = chain.from_iterable(zip_longest(*of.values()))
        halves += [record for record in turns if record is not None][:some]
    return halves


def _read_store() -> list[Record]:
    lines = STORE.read_text(encoding="utf-8").splitlines() if STORE.exists() else []
    return list(map(json.loads, lines))


def _case(record: Record) -> Case:
    return Case(*(record[field] for field in ("family", "n", "apart", "seed")))


def say_interval(yes: int, tables: int) -> str:
    """The 95 % interval of a share (Clopper and Pearson 1934, Biometrika 26)."""
    low = beta.ppf(0.025, yes, tables - yes + 1) if yes else 0.0
    high = beta.ppf(0.975, yes + 1, tables - yes) if yes < tables else 1.0
    return f"{low:.0%}–{high:.0%}".replace("%", " %")


def tabulate(records: dict[Case, Record]) -> str:
    """The page docs/calibration.md."""
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

Written by `make calibrate` (rule {rule}). Each line is so many random tables of 2, 3, 4 or 6
columns, or of one (*alone*), judged as a report judges them, at depth full and the recommended
number of segments. *Groups shown* is the structure test alone; *natural* asks besides that every
segment comes back (mean Jaccard of .75 or more) and none is cut where no gap can be shown. Where
groups are shown and the segments miss them, the report names the columns with gaps; *or on those*
counts besides the tables that are natural on them: so a grid of groups is found in spite of columns
of noise beside it. Intervals are of 95 % (Clopper and Pearson), of *natural*."""
HEAD = """| family | customers | natural | 95 % | or on those | groups shown | k recommended |
|---|---|---|---|---|---|---|"""


def _row(name: str, n: int, apart: float | None, some: list[Record]) -> str:
    counts = {key: sum(bool(r[key]) for r in some) for key in ("natural", "advised", "shown")}
    natural = counts["natural"]
    ks = [r["k"] for r in some if r["natural"]]
    found = ", ".join(f"{k}: {ks.count(k)}" for k in sorted(set(map(int, ks))))
    said = name.replace("_", " ") + (f", {apart:g} sd" if apart else "")
    return (
        f"| {said} | {n:,} | {natural} of {len(some)} | {say_interval(natural, len(some))} "
        f"| {counts['advised']} | {counts['shown']} | {found or '–'} |"
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def main() -> int:
    """Runs what is missing, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the tables of each family")
    parser.add_argument("--print", action="store_true", help="run nothing")
    parser.add_argument("--adopt", type=int, metavar="N", help="keep the store if N tables agree")
    options = parser.parse_args()
    if options.adopt is not None:
        try:
            compared = adopt(options.adopt)
        except ValueError as refused:
            print(refused, file=sys.stderr)
            return 1
        print(f"{compared} tables were judged again and {compared} are equal: the rest is kept")
    elif not options.print:
        _run_missing(options.share)
    page = tabulate(load_records())
    PAGE.write_text(page, encoding="utf-8")
    print(page)
    return 0


def _run_missing(share: float) -> None:
    records = load_records()
    missing = [case for case in list_cases(share) if case not in records]
    with STORE.open("w", encoding="utf-8") as store:
        for record in chain(records.values(), judge_tables(missing)):
            store.write(json.dumps(record) + "\n")
            store.flush()


if __name__ == "__main__":
    sys.exit(main())
