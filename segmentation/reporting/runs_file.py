"""runs.yaml: names, each with its parameters below it; lists of values multiply into runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from segmentation.data.databases.address import is_database
from segmentation.data.published.plain_yaml import NOT_PLAIN, WRITE_OUT, find_trick
from segmentation.reporting.datasets import dataset_stem
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter, absolute_paths, find_parameter
from segmentation.reporting.run_names import check_name, name_part
from segmentation.reporting.settings import NAMES as SETTINGS
from segmentation.reporting.settings import Settings, read_setting

DEFAULTS = "defaults"
MOST_RUNS = 1_000
FORM = "write `name:` with the run's parameters below it"


@dataclass(frozen=True)
class Run:
    """One report to make: its name, which is its folder, its parameters and its settings.

    `place` is where a runs file declares it: file, line and column.
    """

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    place: str = field(default="", compare=False)


def read_runs(config: Path, parameters: Mapping[str, Parameter]) -> dict[str, list[Run]]:
    """Returns the runs of a runs file, by the name above them.

    `defaults` holds values for all of them. A list of values for one parameter makes a run of
    each, a dataset with `*` makes one of each file; in names `{k}`, `{stem}`, `{month}` and the
    like are filled in. `pdf`, `deadline`, `keep` and `expect` are settings, not parameters. Paths
    start from the file's folder. Raises `UsageError` with file, line and column.
    """
    book = _load(config)
    shared, usual = _choices(book, DEFAULTS, config, parameters) if DEFAULTS in book else ({}, {})
    runs = {}
    for name in book:
        if name != DEFAULTS:
            own, settings = _choices(book, name, config, parameters)
            with _placed(config, *book.lc.key(name)):
                made = _multiply(name, {**shared, **own}, Settings(**{**usual, **settings}))
            place = _say_place(config, *book.lc.key(name))
            runs[name] = [replace(run, place=place) for run in made]
    if not runs:
        raise UsageError(f"{config.name}: {FORM}")
    if sum(map(len, runs.values())) > MOST_RUNS:
        raise UsageError(f"{config.name}: more than {MOST_RUNS:,} runs; shorten its lists")
    return runs


@contextmanager
def _placed(config: Path, line: int, column: int) -> Iterator[None]:
    """Adds file, line and column to a `UsageError`."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{_say_place(config, line, column)}: {error}") from None


def _say_place(config: Path, line: int, column: int) -> str:
    return f"{config.name} line {line + 1}, column {column + 1}"


def _load(config: Path) -> CommentedMap:
    if not config.is_file():
        raise UsageError(f"there is no {config.name}; name a file to make a report of it")
    try:
        text = config.read_text(encoding="utf-8-sig")
        _refuse_tricks(text, config)
        book = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = _say_place(config, mark.line, mark.column) if mark else config.name
        raise UsageError(f"{place}: {error.problem or 'not YAML'}") from None
    except RecursionError:
        raise UsageError(f"{config.name}: nested too deep; {FORM}") from None
    except (YAMLError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{config.name}: not YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(book, CommentedMap) or not book:
        raise UsageError(f"{config.name}: {FORM}")
    return book


def _refuse_tricks(text: str, config: Path) -> None:
    """Refuses what makes YAML more than names and values: tags, anchors, aliases, merges."""
    if (mark := find_trick(text)) is not None:
        place = _say_place(config, mark.line, mark.column)
        raise UsageError(f"{place}: {NOT_PLAIN}; {WRITE_OUT}")


def _choices(
    book: CommentedMap, name: Any, config: Path, parameters: Mapping[str, Parameter]
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Returns what a run's parameters may be, as lists of one or more values, and its settings."""
    values = book[name] if book[name] is not None else {}
    if not isinstance(name, str) or not isinstance(values, Mapping):
        raise UsageError(f"{config.name} line {book.lc.key(name)[0] + 1}: {FORM}")
    choices: dict[str, list[Any]] = {}
    settings: dict[str, Any] = {}
    for key, value in values.items():
        with _placed(config, *values.lc.key(key)):  # type: ignore[attr-defined]
            if key in SETTINGS:
                settings[key] = read_setting(key, _plain(value))
            else:
                choices[str(key)] = _read_choice(str(key), value, config.parent, parameters)
    return choices, settings


def _read_choice(
    key: str, value: Any, folder: Path, parameters: Mapping[str, Parameter]
) -> list[Any]:
    if key == "output":
        raise UsageError("output is set by the runner; choose the folder with --reports")
    parameter = find_parameter(parameters, key, SETTINGS)
    listed = _list_values(parameter, _plain(value), folder)
    return [absolute_paths({key: one}, folder)[key] for one in listed]


def _list_values(parameter: Parameter, value: Any, folder: Path) -> list[Any]:
    """Returns the value alone if it is of the parameter's type, else the values that it lists."""
    try:
        values = [parameter.check(value)]
    except UsageError:
        if not isinstance(value, list) or not value:
            raise
        values = [parameter.check(one) for one in value]
    if parameter.name != "dataset":
        return values
    return [path for one in values for path in _expand(one, folder)]


def _expand(dataset: Any, folder: Path) -> list[Any]:
    """Returns the files that match a pattern, in order; any other dataset as it is."""
    if not isinstance(dataset, str) or is_database(dataset) or not set(dataset) & set("*?["):
        return [dataset]
    if (folder / dataset).exists():
        return [dataset]
    anchor = Path(dataset).anchor
    root = Path(anchor) if anchor else folder
    paths = sorted(str(path) for path in root.glob(dataset.removeprefix(anchor)) if path.is_file())
    if not paths:
        raise UsageError(f"dataset: no file matches {dataset}")
    return paths


def _multiply(name: str, choices: Mapping[str, list[Any]], settings: Settings) -> list[Run]:
    """Returns a run for each combination of the values, named by those that vary."""
    if prod(map(len, choices.values())) > MOST_RUNS:  # before they are built
        raise UsageError(f"more than {MOST_RUNS:,} runs; shorten its lists")
    varied = [key for key, values in choices.items() if len(values) > 1]
    combinations = [
        dict(zip(choices, values, strict=True)) for values in product(*choices.values())
    ]
    runs = [Run(_fill(name, own, varied), own, settings) for own in combinations]
    for run in runs:
        check_name(run.name)
    return runs


def _fill(name: str, values: Mapping[str, Any], varied: Sequence[str]) -> str:
    """Returns the name with its {words} filled in, then varying values that are not among them."""
    words = {key: _as_word(key, value) for key, value in values.items()}
    stem = dataset_stem(str(values.get("dataset", "")), values.get("table"))
    words |= {"stem": name_part(stem), "month": date.today().strftime("%Y-%m")}
    named = re.findall(r"\{(\w*)\}", name)
    for word in named:
        if word not in words:
            raise UsageError(f"{{{word}}} is not known here{did_you_mean(word, words)}")
    ends = [
        f"-{words['stem'] if key == 'dataset' else _short(key) + words[key]}"
        for key in varied
        if key not in named and not (key == "dataset" and "stem" in named)
    ]
    return re.sub(r"\{(\w*)\}", lambda match: words[match[1]], name) + "".join(ends)


def _as_word(key: str, value: Any) -> str:
    text = "+".join(map(str, value)) if isinstance(value, list) else str(value)
    return name_part(Path(text).stem if key == "dataset" else text)


def _short(key: str) -> str:
    """Returns `k`, which stands before its number; other values need no name."""
    return key if len(key) <= 2 else ""


def _plain(value: Any) -> Any:
    """Returns the value in Python's own types instead of YAML's round-trip classes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(part) for part in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
