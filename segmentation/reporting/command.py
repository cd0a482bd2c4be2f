"""The command: its words in, a line a run and an exit code out."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from segmentation.data import InputError
from segmentation.data.databases.address import hide_urls
from segmentation.data.errors import shown
from segmentation.data.published.reports import read_run
from segmentation.reporting.comparing import plan_compare
from segmentation.reporting.earlier import comes_after, list_waves
from segmentation.reporting.errors import UsageError
from segmentation.reporting.freshness import find_reason
from segmentation.reporting.index import build_index
from segmentation.reporting.inputs import describe_refused, judge_input, open_input
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import list_imports, load_notebook
from segmentation.reporting.parameters import (
    Parameter,
    absolute_paths,
    find_parameter,
    read_parameters,
)
from segmentation.reporting.planning import Outcome, Plan, plan_runs
from segmentation.reporting.progress import Progress, shown_path
from segmentation.reporting.rerunning import discard, plan_rerun, tell_difference
from segmentation.reporting.runs_file import Run
from segmentation.reporting.scoring import plan_score

HOME = Path(__file__).parents[2]
SCORING = HOME / "notebooks" / "scoring.ipynb"
COMPARISON = HOME / "notebooks" / "comparison.ipynb"
MEMORY_OF_A_RUN, MOST_JOBS = 1_500_000_000, 64
FRESH = "up to date"
GOOD, SOME_FAILED, WRONG, ALL_REFUSED, HELD, INTERRUPTED = 0, 1, 2, 3, 4, 130


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    0 all good · 2 judged wrong without looking at data · 3 every run that did not succeed was a
    refused input · 4 or was held by an expectation · 1 anything else went wrong in some run ·
    130 / 143 interrupted.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        asked = _parser().parse_args(words)
        plan, runs = _plan(asked)
    except UsageError as error:
        print(f"run_reports.py: {shown(hide_urls(str(error)), 400)}", file=sys.stderr)
        return WRONG
    try:
        if asked.rerun:
            return _rerun(runs[0], plan, asked)
        if asked.verify or asked.index:
            return _look_after(plan.reports, asked)
        if asked.check:
            return _check(runs, plan, asked.json)
        if asked.dry_run:
            return _tell_reasons(runs, plan, asked)
        return _run(runs, plan, asked)
    except UsageError as error:
        print(f"run_reports.py: {error}", file=sys.stderr)
        return WRONG
    except OSError as error:
        what = f"{error.strerror}: {shown_path(error.filename or plan.reports)}"
        print(f"run_reports.py: {what}; choose another folder with --reports", file=sys.stderr)
        return SOME_FAILED
    except KeyboardInterrupt:
        print("interrupted; finished reports are kept", file=sys.stderr)
        return INTERRUPTED


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="run_reports.py",
        description="Makes segmentation reports: every run in runs.yaml, those named, or a file.",
        epilog=_list_parameters(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("runs", nargs="*", metavar="RUN|FILE|URL", help="names in runs.yaml, or what to report on")
    add(
        "--dataset",
        metavar="FILE",
        help="the customers, or their database; wins over a run's",
    )
    add("--k", nargs="+", metavar="K", help="numbers of segments: one report for each")
    add("--features", nargs="+", metavar="COLUMN", help="columns to segment on")
    add("--name", metavar="NAME", help="what the report is called, where it is only one")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="any parameter below")
    add("--config", type=Path, default=HOME / "runs.yaml", metavar="FILE", help="another runs.yaml")
    add(
        "--notebook",
        type=Path,
        metavar="FILE",
        help="another notebook with a parameters cell",
        default=HOME / "notebooks" / "segmentation.ipynb",
    )
    add("--reports", type=Path, metavar="DIR", help="where reports go", default=HOME / "reports")
    add(
        "--pdf",
        choices=("auto", "always", "never"),
        help="a PDF of each report by the system's Chromium (default: auto, where there is one)",
    )
    add("--jobs", type=_count, default=None, metavar="N", help="runs at a time (default: by cores)")
    add("--deadline", type=_seconds, metavar="SECONDS", help="stops a run that takes longer")
    add("--force", action="store_true", help="make reports again that are up to date")
    add("--accept", action="store_true", help="publish also what an expectation would hold back")
    add("--dry-run", action="store_true", help="only say what would be made, and why")
    mode = parser.add_mutually_exclusive_group().add_argument
    mode(
        "--score",
        type=Path,
        metavar="REPORT",
        help="place the customers of --dataset in the segments of a report, without fitting",
    )
    mode(
        "--compare",
        type=Path,
        nargs=2,
        metavar="REPORT",
        help="put two reports side by side, and say which one to prefer",
    )
    add("--like", metavar="REPORT", help="keep the numbers and names of an earlier report")
    mode(
        "--rerun", type=Path, metavar="PAGE", help="make a report again from its page, and compare"
    )
    mode("--verify", action="store_true", help="only compare all reports with their checksums")
    mode("--index", action="store_true", help="only build the index anew")
    mode("--check", action="store_true", help="read and judge the input only")
    add("--json", action="store_true", help="print records instead of lines")
    add(
        "--log-to",
        choices=("file", "stderr"),
        default="file",
        help="where the log of a failed run goes: stderr for machines that vanish (default: file)",
    )
    return parser


def _list_parameters() -> str:
    """The parameters of the bundled notebook, from its own cell."""
    try:
        parameters = read_parameters(HOME / "notebooks" / "segmentation.ipynb")
    except UsageError:
        return ""
    lines = [
        f"  {p.name:<12} {p.help} (default: {p.default})"
        for p in parameters.values()
        if p.name != "output"
    ]
    return "\n".join(["parameters of the notebook, for --set and runs.yaml:", *lines])


def _plan(asked: argparse.Namespace) -> tuple[Plan, list[Run]]:
    own = SCORING if asked.score else COMPARISON if asked.compare else asked.notebook
    notebook = own.resolve()
    parameters = read_parameters(notebook)
    if "output" not in parameters:
        raise UsageError(f"{notebook.name} has no parameter output: the folder for its result.json")
    overrides = _overrides(asked, parameters)
    ks = [find_parameter(parameters, "k").read(word) for word in asked.k or ()]
    if asked.name is not None and (asked.score or asked.compare or asked.rerun):
        raise UsageError("--name goes without --score, --compare, --rerun")
    if asked.score:
        if asked.runs:
            raise UsageError(f"--score REPORT --dataset FILE goes without {asked.runs[0]}")
        runs = [plan_score(asked.score, overrides, parameters)]
    elif asked.compare:
        if asked.runs:
            raise UsageError(f"--compare REPORT REPORT goes without {asked.runs[0]}")
        runs = [plan_compare(asked.compare, overrides, parameters)]
    elif asked.rerun:
        given = set(overrides) - {"dataset", "like", "names"}
        if asked.runs or asked.dry_run or ks or given:
            raise UsageError("--rerun takes all parameters from the page; leave out the others")
        runs = [plan_rerun(asked.rerun, overrides, parameters)]
    else:
        runs = plan_runs(asked.runs, overrides, ks, asked.config, parameters, asked.name)
    reports = asked.reports.resolve()
    return Plan(notebook, parameters, reports, asked.pdf, asked.deadline, asked.accept), runs


def choose_jobs(runs: int) -> int:
    """As many runs at a time as there are cores, runs, and 1.5 GB of free memory for each."""
    return max(1, min(os.cpu_count() or 1, runs, find_free_memory() // MEMORY_OF_A_RUN))


def find_free_memory(group: Path = Path("/sys/fs/cgroup")) -> int:
    """The bytes that may still be used: of the machine, and of the control group on Linux."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        most = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        parts = dict(map(str.split, (group / "memory.stat").read_text().splitlines()))
        return min(free, most - used + int(parts["inactive_file"]))
    except (OSError, ValueError, KeyError):  # no such group, or no limit: "max"
        return free


def _count(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"must be 1 to {MOST_JOBS}, got {word!r}")
    return int(word)


def _seconds(word: str) -> float:
    try:
        found = float(word)
    except ValueError:
        found = 0.0
    if not 0 < found <= 1e6:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {word!r}")
    return found


def _overrides(asked: argparse.Namespace, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for word in asked.set:
        name, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"--set {word}: write --set name=value")
        values[name] = find_parameter(parameters, name).read(text)
    if asked.features is not None:
        values["features"] = list(asked.features)
    if asked.dataset is not None:
        values["dataset"] = asked.dataset
    if asked.like is not None:
        values[find_parameter(parameters, "like").name] = asked.like
    if "output" in values:
        raise UsageError("output is set by the runner; choose the folder with --reports")
    return absolute_paths(values, Path.cwd())


def _run(runs: Sequence[Run], plan: Plan, asked: argparse.Namespace) -> int:
    reasons = list_reasons(runs, plan, asked.force)
    due = [run for run in runs if reasons[run.name] is not None]
    with Progress([run.name for run in runs], quiet=asked.json) as tell:
        known = {run.name: _take_published(run, plan) for run in runs if run not in due}
        for outcome in known.values():
            tell.finished(outcome)
        made = _make(due, plan, asked.jobs or choose_jobs(len(due)), tell) if due else []
    known |= {outcome.run: outcome for outcome in made}
    outcomes = [known[run.name] for run in runs]
    page = build_index(plan.reports)
    for outcome in outcomes:
        if asked.log_to == "stderr" and outcome.log:
            print(Path(outcome.log).read_text(encoding="utf-8"), file=sys.stderr)
    if asked.json:
        print(json.dumps([outcome.record() for outcome in outcomes], indent=1))
    else:
        print(f"\nall reports: {shown_path(page)}")
    return judge_exit([outcome.status for outcome in outcomes])


def list_reasons(runs: Sequence[Run], plan: Plan, force: bool = False) -> dict[str, str | None]:
    """Why each run must be made (again), None where it is up to date.

    A run that is like another one of them is made again whenever that one is.
    """
    reasons: dict[str, str | None] = {}
    for wave in list_waves(runs, plan):
        due = {name for name, why in reasons.items() if why}
        for run in wave:
            before = comes_after(run, due, plan)
            reasons[run.name] = (
                "it is asked for again (--force)" if force else find_reason(run, plan)
            ) or (f"stale because {before} is made again" if before else None)
    return {run.name: reasons[run.name] for run in runs}


def _make(runs: Sequence[Run], plan: Plan, jobs: int, tell: Progress) -> list[Outcome]:
    """Makes the reports; the kernels' server imports what they need while this process does."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    kernels = Kernels(list_imports(load_notebook(plan.notebook)), threads)
    from segmentation.reporting.running import make_reports

    return make_reports(runs, plan, kernels, jobs, tell)


def _rerun(run: Run, plan: Plan, asked: argparse.Namespace) -> int:
    """Makes a report again and says whether it is the same; one that differs is kept."""
    with Progress([run.name], quiet=True) as tell:
        outcome = _make([run], plan, 1, tell)[0]
    if outcome.status != "done":
        differ = [f"{outcome.status}: {outcome.reason}"]
    else:
        differ = tell_difference(asked.rerun, plan.reports / run.name)
        if not differ:
            discard(plan.reports, run.name)
    build_index(plan.reports)
    if asked.json:
        kept = outcome.report if differ else None
        print(json.dumps({"identical": not differ, "differs": differ, "report": kept}, indent=1))
    elif not differ:
        print(f"identical: every number of {asked.rerun.name} came out again")
    else:
        print(f"different: {'; '.join(differ)}")
        if outcome.report:
            print(f"the rerun: {shown_path(outcome.report)}")
    return judge_exit([outcome.status]) if outcome.status != "done" else int(bool(differ))


def _take_published(run: Run, plan: Plan) -> Outcome:
    """The outcome of a run whose report is up to date."""
    folder = plan.reports / run.name
    result = read_run(folder)["result"]
    return Outcome(run.name, FRESH, 0.0, str(folder / "report.html"), result=result)


def _tell_reasons(runs: Sequence[Run], plan: Plan, asked: argparse.Namespace) -> int:
    """Says of each run whether it would be made, and why."""
    reasons = list_reasons(runs, plan, asked.force)
    if asked.json:
        print(json.dumps([{"run": run, "reason": why} for run, why in reasons.items()], indent=1))
    else:
        width = max(map(len, reasons))
        for run, why in reasons.items():
            print(f"{run:<{width}}  {why or FRESH}")
    return GOOD


def _look_after(reports: Path, asked: argparse.Namespace) -> int:
    """Builds the index anew, or says what is wrong with the published reports."""
    if asked.index:
        print(f"all reports: {shown_path(build_index(reports))}")
        return GOOD
    from segmentation.reporting.publishing import verify

    faults = verify(reports)
    if asked.json:
        print(json.dumps(faults, indent=1))
    else:
        print("\n".join(faults) or "all reports are as they were published")
    return SOME_FAILED if faults else GOOD


def _check(runs: Sequence[Run], plan: Plan, as_json: bool) -> int:
    records = [_judge(run, plan) for run in runs]
    if as_json:
        print(json.dumps(records[0] if len(records) == 1 else records, indent=1))
    else:
        for run, record in zip(runs, records, strict=True):
            _print_check(run, record)
    return GOOD if all(record["status"] == "ok" for record in records) else ALL_REFUSED


def _judge(run: Run, plan: Plan) -> dict[str, Any]:
    values = plan.values(run)
    source = None
    try:
        source = open_input(values)
        found = judge_input(source, values)
    except InputError as error:
        faults = [
            {"code": f.code, "line": f.line, "column": f.column, "message": str(f)}
            for f in error.faults
        ]
        return {
            "status": "refused",
            "rows": None,
            "columns": [] if source is None else describe_refused(source),
            "notes": [],
            "faults": faults,
        }
    columns = found.columns.frame().rename(columns={"column": "name"}).to_dict("records")
    notes = [asdict(note) for note in found.notes]
    rows = found.columns.rows
    return {"status": "ok", "rows": rows, "columns": columns, "notes": notes, "faults": []}


def _print_check(run: Run, record: Mapping[str, Any]) -> None:
    if record["status"] != "ok":
        print(f"{run.name}: refused")
        for fault in record["faults"]:
            print(f"  {fault['message']}")
        return
    print(f"{run.name}: ok, {record['rows']:,} rows")
    wide = max(len(column["name"]) for column in record["columns"])
    for column in record["columns"]:
        print(f"  {shown(column['name']):<{wide}}  {column['role']:<10}  {column['reason']}")
    for note in record["notes"]:
        place = f"{note['column']}: " if note["column"] else ""
        print(f"  note: {shown(place + note['what'], 200)}")
    used = [column["name"] for column in record["columns"] if column["role"] == "feature"]
    print(f"  --features {' '.join(shlex.quote(name) for name in used)}")


def judge_exit(statuses: Sequence[str]) -> int:
    """The exit code of a call whose runs ended so."""
    bad = set(statuses) - {"done", FRESH}
    if not bad:
        return GOOD
    if bad <= {"refused", "held"}:
        return HELD if "held" in bad else ALL_REFUSED
    return SOME_FAILED


def _stop(*_: object) -> NoReturn:
    sys.exit(143)
