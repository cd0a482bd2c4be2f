"""runs.yaml: names, and below each its parameters; lists of values multiply into runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken, TagToken

from segmentation.data.databases.address import is_database
from segmentation.reporting.datasets import dataset_stem
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.parameters import Parameter, absolute_paths, find_parameter
from segmentation.reporting.settings import NAMES as SETTINGS
from segmentation.reporting.settings import Settings, read_setting

DEFAULTS = "defaults"
MOST_RUNS = 1_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Run:
    """One report to make: its name, which is its folder, the parameters and settings it has."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


def read_runs(config: Path, parameters: Mapping[str, Parameter]) -> dict[str, list[Run]]:
    """The runs of a runs file, by the name that they stand under.

    `defaults` holds values for all of them. A list of values where one is wanted makes a run of
    each, and a dataset with `*` one of each file; `{k}`, `{stem}`, `{month}` and the like in a
    name are filled in. `pdf`, `deadline`, `keep` and `expect` are settings, no parameters. Paths
    start from the file's folder. Every fault names the file, line and column.
    """
    book = _load(config)
    shared, usual = _choices(book, DEFAULTS, config, parameters) if DEFAULTS in book else ({}, {})
    found = {}
    for name in book:
        if name != DEFAULTS:
            own, settings = _choices(book, name, config, parameters)
            made = Settings(**{**usual, **settings})
            found[name] = _multiply(book, name, {**shared, **own}, made, config)
    if not found:
        raise UsageError(f"{config.name}: write `name:` and below it the run's parameters")
    if sum(map(len, found.values())) > MOST_RUNS:
        raise UsageError(f"{config.name}: more than {MOST_RUNS:,} runs; shorten its lists")
    return found


def check_name(name: str) -> None:
    """Refuses a run name that cannot be a folder on every system."""
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name) or name.endswith((".", " ")):
        raise UsageError(
            f"{name!r} cannot name a run; use up to 100 letters, digits, spaces, '.', '_' and '-'"
        )


def name_for(dataset: str | Path, table: Any = None) -> str:
    """The name of a run made from a file or a table: its stem, with other signs turned into '-'."""
    stem = dataset_stem(str(dataset), table)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:80] or "report"


def _load(config: Path) -> CommentedMap:
    if not config.is_file():
        raise UsageError(f"there is no {config.name}; name a file to make a report of it")
    try:
        text = config.read_text(encoding="utf-8-sig")
        _refuse_tricks(text, config)
        book = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UsageError(f"{config.name}{place}: {error.problem or 'not YAML'}") from None
    except (YAMLError, ValueError) as error:
        raise UsageError(f"{config.name}: it is no YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(book, CommentedMap) or not book:
        raise UsageError(f"{config.name}: write `name:` and below it the run's parameters")
    return book


def _refuse_tricks(text: str, config: Path) -> None:
    """Refuses what makes YAML more than names and values: tags, anchors, aliases, merges."""
    for token in YAML(typ="rt", pure=True).scan(text):
        merge = isinstance(token, ScalarToken) and token.plain and token.value == "<<"
        if merge or isinstance(token, TagToken | AnchorToken | AliasToken):
            mark = token.start_mark
            raise UsageError(
                f"{config.name} line {mark.line + 1}, column {mark.column + 1}: "
                "tags, anchors, aliases and merges are not used here; write the value out"
            )


def _choices(
    book: CommentedMap, name: Any, config: Path, parameters: Mapping[str, Parameter]
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """What a run's parameters may be, each a list of one or more values, and its settings."""
    place = f"{config.name} line {book.lc.key(name)[0] + 1}"
    values = book[name] if book[name] is not None else {}
    if not isinstance(name, str) or not isinstance(values, Mapping):
        raise UsageError(f"{place}: write `name:` and below it the run's parameters")
    choices: dict[str, list[Any]] = {}
    settings: dict[str, Any] = {}
    for key, value in values.items():
        line, column = values.lc.key(key)  # type: ignore[attr-defined]
        try:
            if key in SETTINGS:
                settings[key] = read_setting(key, _plain(value))
                continue
            if key == "output":
                raise UsageError("output is set by the runner; choose the folder with --reports")
            parameter = find_parameter(parameters, str(key), SETTINGS)
            found = _list_values(parameter, _plain(value), config.parent)
            choices[str(key)] = [absolute_paths({key: v}, config.parent)[key] for v in found]
        except UsageError as error:
            place = f"{config.name} line {line + 1}, column {column + 1}"
            raise UsageError(f"{place}: {error}") from None
    return choices, settings


def _list_values(parameter: Parameter, value: Any, folder: Path) -> list[Any]:
    """The value alone where it is of the parameter's type; else each of a list of such values."""
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
    """The files that a pattern names, in order; any other dataset as it is."""
    if not isinstance(dataset, str) or is_database(dataset) or not set(dataset) & set("*?["):
        return [dataset]
    if (folder / dataset).exists():
        return [dataset]
    anchor = Path(dataset).anchor
    root = Path(anchor) if anchor else folder
    found = sorted(str(path) for path in root.glob(dataset.removeprefix(anchor)) if path.is_file())
    if not found:
        raise UsageError(f"dataset: no file is named like {dataset}")
    return found


def _multiply(
    book: CommentedMap,
    name: str,
    choices: Mapping[str, list[Any]],
    settings: Settings,
    config: Path,
) -> list[Run]:
    """A run for each combination of the values, named by those that vary."""
    try:
        varied = [key for key, values in choices.items() if len(values) > 1]
        runs = [
            Run(_fill(name, own, varied), own, settings)
            for values in product(*choices.values())
            for own in [dict(zip(choices, values, strict=True))]
        ]
        for run in runs:
            check_name(run.name)
    except UsageError as error:
        line, column = book.lc.key(name)
        place = f"{config.name} line {line + 1}, column {column + 1}"
        raise UsageError(f"{place}: {error}") from None
    return runs


def _fill(name: str, values: Mapping[str, Any], varied: Sequence[str]) -> str:
    """The name with its {words} filled in, and the values that vary and are not among them."""
    words = {key: _as_word(key, value) for key, value in values.items()}
    stem = dataset_stem(str(values.get("dataset", "")), values.get("table"))
    words |= {"stem": _plain_name(stem), "month": date.today().strftime("%Y-%m")}
    asked = re.findall(r"\{(\w*)\}", name)
    for word in asked:
        if word not in words:
            raise UsageError(f"{{{word}}} is not known here{did_you_mean(word, words)}")
    ends = [
        f"-{words['stem'] if key == 'dataset' else _short(key) + words[key]}"
        for key in varied
        if key not in asked and not (key == "dataset" and "stem" in asked)
    ]
    return re.sub(r"\{(\w*)\}", lambda found: words[found[1]], name) + "".join(ends)


def _as_word(key: str, value: Any) -> str:
    said = "+".join(map(str, value)) if isinstance(value, list) else str(value)
    return _plain_name(Path(said).stem if key == "dataset" else said)


def _short(key: str) -> str:
    """`k` stands before its number; of other parameters the value says enough."""
    return key if len(key) <= 2 else ""


def _plain_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:60] or "none"


def _plain(value: Any) -> Any:
    """The value in Python's own types: what YAML's round-trip classes stand for."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(part) for part in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
