"""Measures how often the verdict is *natural* on tables without groups, and on tables with groups.

python -m benchmarks.calibrate [--share 1.0] [--print] [--adopt 50]

Judges the tables that docs/calibration.jsonl lacks, then writes docs/calibration.md. Seeds below
1000 of each family were used to choose the rule; these tables use other seeds. After a change of
code that should change no result, `--adopt` judges some stored tables again, and keeps the store if
all of them come out as before.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import chain, zip_longest
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from benchmarks import families
from benchmarks.families import CHOSEN_ON, COPIED, HARD, PLANTED, TESTED_ON, draw_table
from benchmarks.rule import fingerprint
from benchmarks.samples import sample_coordinates
from segmentation.analysis import choose_segments, gather_evidence, judge, recommend_k, scan_k
from segmentation.analysis.fitting.segmentation import segment_sample
from segmentation.analysis.trust.structure import find_structure
from segmentation.analysis.trust.verdict import Verdict
from segmentation.data.published.vocabulary import NATURAL

DOCS = Path(__file__).parents[1] / "docs"
STORE, PAGE = DOCS / "calibration.jsonl", DOCS / "calibration.md"
FIRST_SEED = 1000
K_MAX = 10
PARTS = (
    ("No groups: families on which the rule was chosen", CHOSEN_ON, (None,)),
    ("No groups: families on which it was not chosen", TESTED_ON, (None,)),
    ("No groups: each customer on one to six rows", COPIED, (None,)),
    ("No groups: curves and counts that are known to mislead it", HARD, (None,)),
    ("Planted groups", PLANTED, (4.0, 3.0)),
)
TABLES = {200: 100, 1000: 40}
TABLES_OF_PLANTED = {200: 40, 1000: 40}

Record = dict[str, Any]


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


def judge_table(case: Case) -> Record:
    """Returns the verdict that a report gives on one table, at depth full and the recommended k.

    Without structure the verdict cannot be natural, so the other tests run only if it is shown.
    """
    X = draw_table(getattr(families, case.family), case.seed, case.n, case.apart)
    verdict, d = judge_rows(X, case.seed), X.shape[1]
    record = {**asdict(case), "d": d, "shown": verdict is not None, "natural": False}
    record |= {"advised": False, "k": 1}
    if verdict is None:
        return record
    natural = advised = verdict.kind == NATURAL
    if not natural and 0 < len(verdict.gapped) < d:
        narrow = judge_rows(X[:, list(map(int, verdict.gapped))], case.seed)
        advised = narrow is not None and narrow.kind == NATURAL
    return {**record, "natural": natural, "advised": advised, "k": verdict.recommended}


def judge_rows(X: np.ndarray, seed: int) -> Verdict | None:
    """Returns the verdict on coordinates (n × d); None if no groups are shown."""
    structure = find_structure(X, np.ones(len(X)), "full", seed)
    if not structure.shown:
        return None
    scan = scan_k(sample_coordinates(X, seed), K_MAX)
    evidence = gather_evidence(scan, "full", structure)
    choice = recommend_k(scan, evidence)
    segmentation = segment_sample(scan.sample, choose_segments(scan, choice, None))
    return judge(segmentation, evidence, choice)


def judge_tables(cases: Sequence[Case]) -> Iterator[Record]:
    """Yields the records of many tables as they complete, with the fingerprint of the rule."""
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    # Spawn, because a forked copy of an open engine lacks its threads.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for done in as_completed([pool.submit(judge_table, case) for case in cases]):
            record = done.result()
            yield {"rule": rules[bool(record["shown"])], **record}


def load_records() -> dict[Case, Record]:
    """Returns the stored records of the current rule, by table."""
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    return {_case(r): r for r in _read_store() if r["rule"] == rules[bool(r["shown"])]}


def adopt(count: int) -> int:
    """Marks the stored records as those of the current rule; returns how many were compared.

    Judges `count` tables again, spread over the families, half of them with groups shown. Raises
    `ValueError` and writes nothing if a result differs, or the records belong to several rules.
    """
    records = _read_store()
    for shown in (True, False):
        if len({r["rule"] for r in records if r["shown"] == shown}) > 1:
            raise ValueError("the stored records belong to several rules: run make calibrate")
    chosen = {_case(record): record for record in choose_spread(records, count)}
    for again in judge_tables(list(chosen)):
        stored = chosen[_case(again)]
        if {**again, "rule": None} != {**stored, "rule": None}:
            raise ValueError(f"a result differs: stored {stored}, now {again}")
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    lines = [json.dumps({**r, "rule": rules[bool(r["shown"])]}) + "\n" for r in records]
    STORE.write_text("".join(lines), encoding="utf-8")
    return len(chosen)


def choose_spread(records: Sequence[Record], count: int) -> list[Record]:
    """Returns `count` records, half of them with groups shown, from each family in turn."""
    order = np.random.default_rng(0).permutation(len(records))
    chosen = []
    for shown, most in ((True, (count + 1) // 2), (False, count // 2)):
        by_family: dict[tuple[str, int], list[Record]] = {}
        for record in (records[position] for position in order):
            if record["shown"] == shown:
                by_family.setdefault((record["family"], record["n"]), []).append(record)
        turns = chain.from_iterable(zip_longest(*by_family.values()))
        chosen += [record for record in turns if record is not None][:most]
    return chosen


def _read_store() -> list[Record]:
    lines = STORE.read_text(encoding="utf-8").splitlines() if STORE.exists() else []
    return list(map(json.loads, lines))


def _case(record: Record) -> Case:
    return Case(*(record[field] for field in ("family", "n", "apart", "seed")))


def say_interval(yes: int, tables: int) -> str:
    """Formats the 95 % interval of a share (Clopper and Pearson 1934, Biometrika 26)."""
    low = beta.ppf(0.025, yes, tables - yes + 1) if yes else 0.0
    high = beta.ppf(0.975, yes + 1, tables - yes) if yes < tables else 1.0
    return f"{low:.0%}–{high:.0%}".replace("%", " %")


def tabulate(records: dict[Case, Record]) -> str:
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


def _row(name: str, n: int, apart: float | None, some: list[Record]) -> str:
    counts = {key: sum(bool(r[key]) for r in some) for key in ("natural", "advised", "shown")}
    natural = counts["natural"]
    ks = [r["k"] for r in some if r["natural"]]
    recommended = ", ".join(f"{k}: {ks.count(k)}" for k in sorted(set(map(int, ks))))
    label = name.replace("_", " ") + (f", {apart:g} sd" if apart else "")
    return (
        f"| {label} | {n:,} | {natural} of {len(some)} | {say_interval(natural, len(some))} "
        f"| {counts['advised']} | {counts['shown']} | {recommended or '–'} |"
    )


def main() -> int:
    """Judges the missing tables, or adopts the stored ones, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the tables of each family")
    parser.add_argument("--print", action="store_true", help="run nothing")
    parser.add_argument("--adopt", type=int, metavar="N", help="keep the store if N tables agree")
    options = parser.parse_args()
    if options.adopt is not None:
        try:
            compared = adopt(options.adopt)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"Judged {compared} stored tables again; all {compared} results are equal: adopted.")
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
