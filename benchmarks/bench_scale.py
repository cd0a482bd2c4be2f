"""Measures what a large table costs, in scans of it, compared with other programs.

python -m benchmarks.bench_scale [--rows 10000000] [--only report passes …] [--csv] [--growth]

One scan sums the six columns of the same file in DuckDB, within the same minutes. Every contender
runs in its own process; its memory (PSS, children included) is sampled twice a second. `--write`
copies each printed part into docs/scale.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.scale_growth import measure_growth
from benchmarks.scale_measuring import ROOT, Race, Words, say_line
from benchmarks.scale_page import write_part
from benchmarks.scale_tables import MIXTURES, copy_as_csv, make_table, write_mixture

PAGE = ROOT / "docs" / "scale.md"
FEW = 20_000  # customers of the small report, whose seconds are subtracted
PASSES = ("open", "check", "scales", "sample", "fit", "assign", "describe", "list and write")
ALIKE = ("moments", "sample", "Lloyd step", "place and write", "means")
OURS, OTHERS = ("-m", "benchmarks.scale_ours"), ("-m", "benchmarks.scale_others")
Lines = list[str]


@dataclass(frozen=True)
class Options:
    """What to measure: the number of rows and rounds, whether as CSV too, and the folder."""

    folder: Path
    rows: int
    rounds: int
    csv: bool

    @property
    def files(self) -> list[Path]:
        """The large table as Parquet, and as CSV if requested."""
        path = make_table(self.folder, self.rows)
        return [path, copy_as_csv(path)] if self.csv else [path]


def say_report(options: Options) -> Lines:
    """Measures the whole report, minus the seconds of a report on few customers."""
    lines = [f"the whole report, minus one on {FEW:,} rows"]
    for path in options.files:
        few = make_table(options.folder, FEW)
        few = few if path.suffix == ".parquet" else copy_as_csv(few)
        race = Race(path).run(
            {"large": _report(options, path), "small": _report(options, few)}, options.rounds
        )
        large, small = race.seconds("large"), race.seconds("small")
        more = f"({large:.1f} − {small:.1f} s; a scan {race.scan:.2f} s)"
        kind = path.suffix[1:]
        lines.append(say_line(kind, large - small, race.scan, race.peak("large"), more))
    return lines


def say_passes(options: Options) -> Lines:
    """Measures our passes, one after another in one process."""
    path = make_table(options.folder, options.rows)
    race = Race(path).run({"ours": (*OURS, "passes", path, options.folder)}, options.rounds)
    lines = [
        f"all passes in one process, {race.peak('ours') / 1e9:.2f} GB; a scan {race.scan:.2f} s"
    ]
    every = {step: race.seconds("ours", step) for step in PASSES}
    lines += [say_line(step, seconds, race.scan) for step, seconds in every.items()]
    return [*lines, say_line("all", sum(every.values()), race.scan)]


def say_job(options: Options) -> Lines:
    """Compares one job with scikit-learn: columns not logged, four segments, labels written."""
    path = make_table(options.folder, options.rows)
    contenders: dict[str, Words] = {
        "this project": (*OURS, "ours", path, options.folder),
        "pandas, scikit-learn": (*OTHERS, "pandas", path, options.folder),
        "MiniBatchKMeans": (*OTHERS, "minibatch", path, options.folder),
    }
    race = Race(path).run(contenders, options.rounds)
    lines = [f"read, scale, fit, label, means, write; a scan {race.scan:.2f} s", *_list_lines(race)]
    for csv in options.files[1:]:
        again = Race(csv).run({"pandas, from CSV": (*OTHERS, "pandas", csv, options.folder)}, 1)
        lines += _list_lines(again, f"(a scan of the CSV {again.scan:.2f} s)")
    return lines


def say_polars(options: Options) -> Lines:
    """Compares our passes over all rows with the same in Polars."""
    if find_spec("polars") is None:
        return ["polars is not installed: skipped"]
    path = make_table(options.folder, options.rows)
    contenders: dict[str, Words] = {
        "ours": (*OURS, "alike", path, options.folder),
        "by hand": ("-m", "benchmarks.scale_polars", path, options.folder),
    }
    race = Race(path).run(contenders, options.rounds)
    peaks = " and ".join(f"{race.peak(name) / 1e9:.2f}" for name in contenders)
    lines = [f"our passes and the same in Polars: {peaks} GB; a scan {race.scan:.2f} s"]
    for step in ALIKE:
        ours, theirs = race.seconds("ours", step), race.seconds("by hand", step)
        lines.append(say_line(step, ours, race.scan, more=compare(ours, theirs, "Polars")))
    bare = race.seconds("by hand", "bare moments")
    return [*lines, f"  Polars' moments without skew and logarithms: {bare:.2f} s"]


def say_spark(options: Options) -> Lines:
    """Measures Spark's K-Means on two local cores."""
    if find_spec("pyspark") is None:
        return ["pyspark is not installed: skipped"]
    path = make_table(options.folder, options.rows)
    words = ("-m", "benchmarks.scale_spark", path, options.folder)
    race = Race(path).run({"MLlib": words}, 1)
    return [
        f"Spark on two local cores, start-up excluded; a scan {race.scan:.2f} s",
        *_list_lines(race),
    ]


def say_inertia(options: Options) -> Lines:
    """Compares the inertia of segments from a sample with a full fit, over all rows."""
    lines = ["inertia over all rows, this project ÷ scikit-learn with ten starts"]
    for name in MIXTURES:
        path = options.folder / f"{name}.parquet"
        write_mixture(path, name, options.rows)
        race = Race(path).run({name: (*OURS, "quality", path, options.folder)}, 1)
        record = race.ran[name][0].record
        path.unlink()
        ratio = record["ours"] / record["full"]
        lines.append(f"  {name:<24} {ratio:.5f}  ({record['fitted']:,} rows fitted)")
    return lines


def say_growth(options: Options) -> Lines:
    """Measures the report by the number of rows; all sizes together redraw docs/scale.svg."""
    return measure_growth(options.folder, options.rows, lambda path: _report(options, path))


PARTS: dict[str, Callable[[Options], Lines]] = {
    "report": say_report,
    "passes": say_passes,
    "job": say_job,
    "polars": say_polars,
    "spark": say_spark,
    "inertia": say_inertia,
    "growth": say_growth,
}


def compare(ours: float, theirs: float, who: str) -> str:
    """Formats our seconds as a multiple of theirs: `(Polars 0.50 s: 2.1 ×)`."""
    return f"({who} {theirs:.2f} s: {ours / theirs:.1f} ×)"


def _report(options: Options, path: Path) -> Words:
    words = ("--k", "4", "--set", "depth=quick", "--reports", options.folder / "reports", "--force")
    return ("run_reports.py", "--dataset", path, *words)


def _list_lines(race: Race, more: str = "") -> Lines:
    """Returns a line for each contender with the seconds that it measured and its inertia."""
    lines = []
    for name, ran in race.ran.items():
        inertia = f"inertia {ran[0].record['inertia'] / 1e6:,.3f} M {more}".strip()
        seconds = race.seconds(name, "seconds")
        lines.append(say_line(name, seconds, race.scan, race.peak(name), inertia))
    return lines


def main() -> None:
    """Measures the selected parts and prints each when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[*PARTS][:-1])
    parser.add_argument("--csv", action="store_true", help="measure CSV too")
    parser.add_argument(
        "--growth", action="store_true", help="measure the report on up to three times the rows"
    )
    parser.add_argument("--write", action="store_true", help="write the lines to docs/scale.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        options = Options(Path(place), given.rows, given.rounds, given.csv)
        for name in dict.fromkeys([*given.only, *(["growth"] if given.growth else [])]):
            first, *rest = PARTS[name](options)
            lines = [f"{name}, {given.rows:,} rows: {first}", *rest]
            print(*lines, sep="\n", flush=True)
            if given.write:
                write_part(PAGE, name, lines, list(PARTS))


if __name__ == "__main__":
    main()
