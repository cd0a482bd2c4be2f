"""A notebook's parameters; its parameters cell is their only declaration."""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types
from pydantic import ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from segmentation.reporting.datasets import PATHS, absolute_dataset, absolute_report
from segmentation.reporting.errors import UsageError, did_you_mean
from segmentation.reporting.notebooks import find_cell, load_notebook

BOUNDS = {name: getattr(annotated_types, name) for name in ("Ge", "Gt", "Le", "Lt", "MinLen")}
KNOWN: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
}
KNOWN |= {"Literal": Literal, "Annotated": Annotated, **BOUNDS}
PLAIN: tuple[type[ast.AST], ...] = (
    ast.Name,
    ast.Load,
    ast.Subscript,
    ast.Tuple,
    ast.Constant,
    ast.BinOp,
    ast.BitOr,
)
PLAIN += (ast.Call, ast.keyword, ast.UnaryOp, ast.USub)  # Annotated[int, Ge(-1)]
LONGEST, MOST_BITS = 20_000, 63  # characters of a text; bits of a number that files can hold
SELDOM = "# Seldom needed:"  # alone on a line of the cell: those below it are needed less often


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell: `name: annotation = default  # help`.

    `seldom`: whether it stands below the line `# Seldom needed:`.
    """

    name: str
    annotation: str
    default: Any
    help: str
    type: TypeAdapter[Any]
    seldom: bool = False

    def check(self, value: Any) -> Any:
        """Returns the value if it is of the declared type; raises `UsageError` with what fits."""
        try:
            return self._fit(value)
        except ValidationError as error:
            raise UsageError(f"{self.name}: {_explain(error)}, got {_shorten(value)}") from None

    def read(self, text: str) -> Any:
        """Returns the value of a word from the command line; None is written None.

        If the parameter takes lists, a list of the wrong type is an error, not a text.
        """
        literal = _read_mapping(text) if "dict" in self.annotation else _literal(text)
        wrong = isinstance(literal, list | dict) and "list" in self.annotation
        for value in (literal,) if wrong else (literal, text):
            try:
                return self._fit(value)
            except ValidationError:
                continue
        return self.check(literal)

    def _fit(self, value: Any) -> Any:
        fitted = self.type.validate_python(value)
        _refuse_long(self.name, fitted)
        return fitted


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Returns the parameters that the notebook declares, by name, in its order."""
    cell = find_cell(load_notebook(notebook).cells, notebook)
    comments = _comments(cell.source)
    try:
        body = ast.parse(cell.source).body
    except SyntaxError as error:
        raise UsageError(
            f"{notebook.name}: parameters cell line {error.lineno}: not Python"
        ) from None
    declared = [_read_line(line, comments, notebook) for line in body]
    first_seldom = _find_seldom_line(cell.source)
    tiers = [line.lineno > first_seldom for line in body]
    return {
        parameter.name: replace(parameter, seldom=seldom)
        for parameter, seldom in zip(declared, tiers, strict=True)
    }


def _find_seldom_line(source: str) -> float:
    """Returns the number of the line `# Seldom needed:`, infinite if missing."""
    lines = enumerate(source.splitlines(), 1)
    return next((number for number, line in lines if line.strip() == SELDOM), math.inf)


def check_values(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values; raises `UsageError` for an unknown name or a value of another type."""
    known = {name: find_parameter(parameters, name) for name in values}
    return {name: known[name].check(value) for name, value in values.items()}


def find_parameter(
    parameters: Mapping[str, Parameter], name: str, others: Sequence[str] = ()
) -> Parameter:
    """Returns the parameter of this name; raises `UsageError` with the nearest known name."""
    if name not in parameters:
        known = [other for other in (*parameters, *others) if other != "output"]
        raise UsageError(f"there is no parameter {name!r}{did_you_mean(name, known)}")
    return parameters[name]


def absolute_paths(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Returns the values with local paths made absolute, starting from this folder."""
    moved = {name: absolute_dataset(values[name], folder) for name in PATHS if name in values}
    if "like" in values:
        if values["like"] == "":
            raise UsageError("like: name the folder of a report, or leave it out")
        moved["like"] = absolute_report(values["like"], folder)
    return {**values, **moved}


def fold_values(source: str, values: Mapping[str, Any]) -> str:
    """Returns the parameters cell with these values as defaults; annotations and help stay."""
    lines = source.encode().splitlines()
    for line in reversed(ast.parse(source).body):
        assert isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        value, name = line.value, line.target.id
        if name in values and value is not None and value.end_lineno is not None:
            first, last = value.lineno - 1, value.end_lineno - 1
            head, tail = lines[first][: value.col_offset], lines[last][value.end_col_offset :]
            lines[first : last + 1] = [head + repr(values[name]).encode() + tail]
    return b"\n".join(lines).decode()


def _read_line(line: ast.stmt, comments: Mapping[int, str], notebook: Path) -> Parameter:
    if not (isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value):
        raise UsageError(
            f"{notebook.name}: parameters cell line {line.lineno}: "
            "write `name: type = value  # help`, nothing else"
        )
    name, annotation = line.target.id, ast.unparse(line.annotation)
    try:
        default = ast.literal_eval(line.value)
        adapter = TypeAdapter(_type(line.annotation), config=ConfigDict(strict=True))
        adapter.validate_python(default)
    except (ValueError, TypeError, ValidationError) as error:
        raise UsageError(
            f"{notebook.name}: parameter {name}: {str(error).splitlines()[0]}; "
            f"give it a literal of its type {annotation}"
        ) from None
    text = comments.get(line.end_lineno or line.lineno, "")
    return Parameter(name, annotation, default, text, adapter)


def _type(annotation: ast.expr) -> Any:
    """Returns the annotation as a type; only names in `KNOWN` may occur in it."""
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    if names - KNOWN.keys() or not all(isinstance(node, PLAIN) for node in ast.walk(annotation)):
        raise ValueError(f"its type may use only {', '.join(KNOWN)}")
    return eval(compile(ast.Expression(annotation), "<annotation>", "eval"), {}, dict(KNOWN))


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    try:
        return {
            token.start[0]: token.string.lstrip("# ").strip()
            for token in tokens
            if token.type == tokenize.COMMENT
        }
    except (tokenize.TokenError, IndentationError):
        return {}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _read_mapping(text: str) -> Any:
    """Returns `{customer: Email, amount: Total}`, as a runs file has it, or a literal of Python."""
    literal = _literal(text)
    if literal != text or not text.lstrip().startswith("{"):
        return literal
    try:
        return YAML(typ="base", pure=True).load(text)
    except YAMLError:
        return text


def _refuse_long(name: str, value: Any) -> None:
    """Raises `UsageError` for a text or number that no page or record should hold."""
    if isinstance(value, str) and len(value) > LONGEST:
        raise UsageError(f"{name}: it must have at most {LONGEST:,} characters, got {len(value):,}")
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise UsageError(f"{name}: it must have at most 18 digits, got {_shorten(value)}")


def _explain(error: ValidationError) -> str:
    # `must be None` would be true, but it is no help to someone who wrote a value.
    every = error.errors()
    faults = [fault for fault in every if fault["type"] != "none_required"] or every
    messages = dict.fromkeys(fault["msg"].removeprefix("Input ") for fault in faults)
    return f"it {' or '.join(list(messages)[:2])}".replace("it should", "it must")


def _shorten(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # too long or too deep to be written
        return "a value that is too long"
    return text if len(text) <= 60 else f"{text[:57]}…"
