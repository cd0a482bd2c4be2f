"""--rerun: a report made again from its own page, and what differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

from segmentation.data.published.reports import HISTORY
from segmentation.reporting.datasets import absolute_dataset
from segmentation.reporting.errors import UsageError
from segmentation.reporting.freshness import compare_making
from segmentation.reporting.ownership import RUN, list_own, read_record
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.run_names import check_name
from segmentation.reporting.runs_file import Run
from segmentation.reporting.wording import show_value

SUFFIX = "-rerun"
DATA = ("its data is", "name the data with --dataset")
LIKE = ("the earlier report is", "name it with --like")
NAMES = ("the file of names is", "name it with --set names=FILE")
MASK = "***"  # stands for a password in URLs that are shown
FORM = {"run": str, "parameters": dict, "made_of": dict, "result": dict, "result_sha256": str}
COMPARED = ("rows", "k", "sizes", "silhouette", "inertia")  # of result.json, besides its digest


class _Finder(HTMLParser):
    """Takes the text of the element that holds a page's record."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.text = False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("id", "made") in attrs

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


def read_made(page: Path) -> dict[str, Any]:
    """Returns how a report was made, from its page; raises `UsageError` for other files."""
    finder = _Finder()
    try:
        finder.feed(page.read_text(encoding="utf-8"))
        made = json.loads(finder.text)
        if set(made) != set(FORM) or any(not isinstance(made[n], kind) for n, kind in FORM.items()):
            raise ValueError
        return dict(made)
    except OSError as error:
        raise UsageError(f"{page.name}: {error.strerror}; name the page of a report") from None
    except (ValueError, TypeError, RecursionError):
        raise UsageError(
            f"{page.name} does not say how it was made; run the data itself, with --set"
        ) from None


def plan_rerun(
    page: Path, given: Mapping[str, Any], parameters: Mapping[str, Parameter], reports: Path
) -> Run:
    """Returns the run that makes the page again, with its parameters.

    The data, earlier report and names that are not `given` are located by run.json beside the
    page. The run gets a name of its own in `reports`.
    """
    made = read_made(page)
    for name, option in (("model", "--score"), ("other", "--compare")):
        if name in made["parameters"] and name not in parameters:
            raise UsageError(f"{page.name} was made with {option}; use that again")
    known = {n: v for n, v in made["parameters"].items() if n in parameters and n != "output"}
    values = check_values(parameters, known)
    values |= _locate_files(page, given, values)
    return Run(_choose_name(str(made["run"]), reports), values)


def _choose_name(run: str, reports: Path) -> str:
    """Returns a name that no other report has; an earlier rerun of the same run may be replaced."""
    for number in count(1):
        name = f"{run}{SUFFIX}" + (f"-{number}" if number > 1 else "")
        check_name(name)
        folder = reports / name
        if not (folder.exists() or folder.is_symlink()) or _is_rerun(folder, run):
            return name
    raise AssertionError


def _is_rerun(folder: Path, run: str) -> bool:
    """Returns whether a folder holds an unchanged rerun of this run, and nothing else."""
    record = read_record(folder / RUN)
    return record.get("rerun_of") == run and len(list_own(folder)) == len([*folder.iterdir()])


def _locate_files(
    page: Path, given: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the dataset and other files of a rerun: as `given`, else as run.json has them."""
    files = {"dataset": given.get("dataset") or _locate(page, "found_at", DATA)}
    if values.get("like") is not None:
        files["like"] = given.get("like") or _locate(page, "like_at", LIKE)
        if not Path(files["like"]).is_dir():
            raise UsageError(f"{LIKE[0]} not kept any more; {LIKE[1]}")
    if "names" in given:
        files["names"] = given["names"]
    elif isinstance(values.get("names"), str):
        files["names"] = _locate(page, "names_at", NAMES)
    return files


def describe_rerun(page: Path | None) -> dict[str, str]:
    """Returns what the record of a rerun says beyond other records'; empty for other runs."""
    return {} if page is None else {"rerun_of": read_made(page)["run"]}


def tell_difference(page: Path, folder: Path) -> list[str]:
    """Returns, in words, what differs between a page and the rerun in this folder.

    Empty if every number is the same, whatever they were made with.
    """
    before, now = read_made(page), read_made(folder / "report.html")
    if before["result_sha256"] == now["result_sha256"]:
        return []
    differences = compare_making(
        *({**side["made_of"], "parameters": _without_output(side)} for side in (before, now))
    )
    pairs = [
        (key, before["result"].get(key), now["result"].get(key)) for key in (*COMPARED, "verdict")
    ]
    differences += [
        f"{key} was {show_value(old)}, is {show_value(new)}"
        for key, old, new in pairs
        if old != new
    ]
    return differences or ["numbers behind the page"]


def _without_output(made: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made["parameters"].items() if name != "output"}


def _locate(page: Path, key: str, what: tuple[str, str]) -> Any:
    """Returns the path or URL that run.json beside the page has under this key.

    `what` names the file and the remedy if there is none.
    """
    noun, remedy = what
    record = read_record(page.with_name("run.json"))
    if key not in record:
        raise UsageError(f"no run.json beside {page.name} says where {noun}; {remedy}")
    dataset = record[key]
    if dataset is None:
        raise UsageError(f"{noun} not kept any more; {remedy}")
    if MASK in str(dataset):
        raise UsageError(f"run.json does not hold the password of the data; {remedy}")
    folder = page.resolve().parent
    # Paths start from the folder of the first publication: of a kept report two folders up.
    if folder.parents[1].name == HISTORY:
        folder = folder.parents[2] / folder.parent.name
    return absolute_dataset(dataset, folder)
