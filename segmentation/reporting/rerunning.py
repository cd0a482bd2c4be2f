"""A report made again from its own page: identical, or what differs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from segmentation.data.published.reports import HISTORY
from segmentation.reporting.datasets import absolute_dataset
from segmentation.reporting.errors import UsageError
from segmentation.reporting.files import held
from segmentation.reporting.freshness import compare_making
from segmentation.reporting.parameters import Parameter, check_values
from segmentation.reporting.runs_file import Run, check_name

SUFFIX = "-rerun"
DATA = ("its data is", "name the data with --dataset")
LIKE = ("the earlier report is", "name it with --like")
NAMES = ("the file of names is", "name it with --set names=FILE")
COMPARED = ("rows", "k", "sizes", "silhouette", "inertia")  # of result.json, besides its digest


class _Finder(HTMLParser):
    """Takes the text of the element that a page's record stands in."""

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
    """What a report's page holds of how it was made; a `UsageError` where it holds nothing."""
    finder = _Finder()
    try:
        finder.feed(page.read_text(encoding="utf-8"))
        made = json.loads(finder.text)
        if set(made) != {"run", "parameters", "made_of", "result", "result_sha256"}:
            raise ValueError
        return dict(made)
    except OSError as error:
        raise UsageError(f"{page.name}: {error.strerror}; name the page of a report") from None
    except (ValueError, TypeError):
        raise UsageError(
            f"{page.name} does not say how it was made; run the data itself, with --set"
        ) from None


def plan_rerun(page: Path, given: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> Run:
    """The run that makes the page again: its parameters, on the dataset given or its own.

    run.json beside the page says where what is not `given` lies: the data, and what it is like.
    """
    made = read_made(page)
    for own, flag in (("model", "--score"), ("other", "--compare")):
        if own in made["parameters"] and own not in parameters:
            raise UsageError(f"{page.name} was made with {flag}; use that again")
    known = {n: v for n, v in made["parameters"].items() if n in parameters and n != "output"}
    values = check_values(parameters, known)
    values["dataset"] = given["dataset"] if "dataset" in given else _find(page, "found_at", DATA)
    if values.get("like") is not None:
        values["like"] = given["like"] if "like" in given else _find(page, "like_at", LIKE)
        if not Path(values["like"]).is_dir():
            raise UsageError(f"{LIKE[0]} not kept any more; {LIKE[1]}")
    if "names" in given:
        values["names"] = given["names"]
    elif isinstance(values.get("names"), str):
        values["names"] = _find(page, "names_at", NAMES)
    name = f"{made['run']}{SUFFIX}"
    check_name(name)
    return Run(name, values)


def tell_difference(page: Path, folder: Path) -> list[str]:
    """What differs between a page and the published rerun in this folder, in words.

    Nothing where every number is the same: then what they were made with does not matter.
    """
    before, now = read_made(page), read_made(folder / "report.html")
    if before["result_sha256"] == now["result_sha256"]:
        return []
    said = compare_making(
        *({**side["made_of"], "parameters": _without_output(side)} for side in (before, now))
    )
    pairs = [
        (key, before["result"].get(key), now["result"].get(key)) for key in (*COMPARED, "verdict")
    ]
    said += [f"{key} was {_say(old)}, is {_say(new)}" for key, old, new in pairs if old != new]
    return said or ["numbers behind the page"]


def discard(reports: Path, name: str) -> None:
    """Removes a rerun that nobody needs."""
    with held(reports, name):
        shutil.rmtree(reports / name, ignore_errors=True)


def _without_output(made: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made["parameters"].items() if name != "output"}


def _find(page: Path, key: str, what: tuple[str, str]) -> Any:
    """Where run.json says that `what` lies."""
    noun, remedy = what
    try:
        record = json.loads(page.with_name("run.json").read_text(encoding="utf-8"))
        dataset = record[key]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"no run.json beside {page.name} says where {noun}; {remedy}") from None
    if dataset is None:
        raise UsageError(f"{noun} not kept any more; {remedy}")
    if "***" in str(dataset):
        raise UsageError(f"run.json does not hold the password of the data; {remedy}")
    folder = page.resolve().parent
    if folder.parents[1].name == HISTORY:  # it was published elsewhere, two folders up
        folder = folder.parents[2] / folder.parent.name
    return absolute_dataset(dataset, folder)


def _say(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_say, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
