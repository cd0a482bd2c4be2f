"""The options of the command line, and its help in two tiers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from segmentation.reporting.errors import UsageError
from segmentation.reporting.notebooks import HOME, NOTEBOOK
from segmentation.reporting.parameters import Parameter, read_parameters

MOST_JOBS = 64
MODES = ("score", "compare", "rerun", "verify", "index", "check")  # at most one of them


def read_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Returns the options in these words, or in the command line; raises `UsageError`."""
    options = build_parser().parse_args(words)
    # argparse's exclusive groups cannot span the two groups of the help.
    modes = [f"--{mode}" for mode in MODES if getattr(options, mode)]
    if len(modes) > 1:
        raise UsageError(f"argument {modes[1]}: not allowed with argument {modes[0]}; see --help")
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see --help")


def build_parser() -> argparse.ArgumentParser:
    """Returns the parser; its help ends with the parameters of the bundled notebook."""
    parser = _Parser(
        prog="run_reports.py",
        usage="run_reports.py [RUN|FILE|URL ...] [options]",
        description="Makes segmentation reports: of every run in runs.yaml, of the runs named, "
        "or of a dataset.",
        epilog=_list_parameters(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument(
        "runs", nargs="*", metavar="RUN|FILE|URL", help="runs in runs.yaml, or datasets"
    )
    _add_often(parser.add_argument_group("often"))
    _add_seldom(parser.add_argument_group("seldom needed"))
    return parser


def _add_often(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--help", "-h", action="help", help="print this help")
    add(
        "--dataset",
        metavar="FILE",
        help="the customers, or their database's URL; wins over a run's",
    )
    add("--k", nargs="+", metavar="K", help="numbers of segments: one report for each")
    add("--features", nargs="+", metavar="COLUMN", help="columns to segment on")
    add("--name", metavar="NAME", help="the name of the report, if there is only one")
    add("--like", metavar="REPORT", help="keep the numbers and names of an earlier report")
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any parameter listed below",
    )
    add("--check", action="store_true", help="only read and check the input")
    add("--dry-run", action="store_true", help="only print what would be made, and why")
    add("--force", action="store_true", help="make reports again that are up to date")
    add(
        "--score",
        type=Path,
        metavar="REPORT",
        help="place the customers of --dataset in the segments of a report, without fitting",
    )
    add(
        "--compare",
        type=Path,
        nargs=2,
        metavar="REPORT",
        help="compare two reports side by side, and recommend one",
    )


def _add_seldom(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--config", type=Path, default=HOME / "runs.yaml", metavar="FILE", help="another runs.yaml")
    add(
        "--notebook",
        type=Path,
        default=NOTEBOOK,
        metavar="FILE",
        help="another notebook with a parameters cell",
    )
    add("--reports", type=Path, default=HOME / "reports", metavar="DIR", help="where reports go")
    add(
        "--pdf",
        choices=("auto", "always", "never"),
        help="print each report as PDF with the system's Chromium (default: auto, if installed)",
    )
    add("--accept", action="store_true", help="publish even what an expectation would hold back")
    add("--rerun", type=Path, metavar="PAGE", help="make a report again from its page, and compare")
    add("--verify", action="store_true", help="only compare all reports with their checksums")
    add("--index", action="store_true", help="only rebuild the index")
    add("--jobs", type=_count, metavar="N", help="runs at a time (default: by cores and memory)")
    add("--deadline", type=_seconds, metavar="SECONDS", help="stop a run that takes longer")
    add("--json", action="store_true", help="print records instead of lines")
    add(
        "--log-to",
        choices=("file", "stderr"),
        default="file",
        help="where the log of a failed run goes: stderr for machines that vanish (default: file)",
    )


ORDERS = """\
of order lines, name the columns; order and as_of are optional:
  --set 'orders={customer: ID, date: DAY, amount: TOTAL, order: INVOICE}'
  --set 'orders={customer: ID, date: DAY, quantity: N, price: EACH, as_of: 2024-12-31}'"""


def _list_parameters() -> str:
    """Returns the parameters of the bundled notebook in two lists; empty if it cannot be read."""
    try:
        parameters = [p for p in read_parameters(NOTEBOOK).values() if p.name != "output"]
    except UsageError:
        return ""
    often = [parameter for parameter in parameters if not parameter.seldom]
    seldom = [parameter for parameter in parameters if parameter.seldom]
    head = "parameters of the notebook, for --set and runs.yaml"
    tiers = [(f"{head}:", often), (f"{head}, seldom needed:", seldom)]
    lists = ["\n".join([title, *_list_tier(tier)]) for title, tier in tiers if tier]
    return "\n\n".join([*lists, ORDERS])


def _list_tier(parameters: Iterable[Parameter]) -> list[str]:
    return [f"  {p.name:<12} {p.help} (default: {p.default})" for p in parameters]


def _count(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"must be 1 to {MOST_JOBS}, got {word!r}")
    return int(word)


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 1e6:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {word!r}")
    return seconds
