"""A notebook's parameters, read from its own parameters cell and nowhere else declared."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types
from pydantic import ConfigDict, TypeAdapter, ValidationError

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


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell: `name: annotation = default  # help`."""

    name: str
    annotation: str
    default: Any
    help: str
    type: TypeAdapter[Any]

    def check(self, value: Any) -> Any:
        """The value if it is of the declared type, else a `UsageError` that says what fits."""
        try:
            return self.type.validate_python(value)
        except ValidationError as error:
            raise UsageError(f"{self.name}: {_explain(error)}, got {_show(value)}") from None

    def read(self, text: str) -> Any:
        """The value of a word from the command line; None is written None.

        A list that fits no type is a wrong list, and not a text, where lists are wanted.
        """
        literal = _literal(text)
        wrong = isinstance(literal, list | dict) and "list" in self.annotation
        for value in (literal,) if wrong else (literal, text):
            try:
                return self.type.validate_python(value)
            except ValidationError:
                continue
        return self.check(literal)


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that the notebook declares, by name, in its order."""
    cell = find_cell(load_notebook(notebook).cells, notebook)
    comments = _comments(cell.source)
    parameters = {}
    try:
        body = ast.parse(cell.source).body
    except SyntaxError as error:
        raise UsageError(
            f"{notebook.name}: parameters cell line {error.lineno}: no Python"
        ) from None
    for line in body:
        parameter = _declared(line, comments, notebook)
        parameters[parameter.name] = parameter
    return parameters


def check_values(parameters: Mapping[str, Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, each of its declared type; an unknown name is an error with the nearest one."""
    found = {name: find_parameter(parameters, name) for name in values}
    return {name: found[name].check(value) for name, value in values.items()}


def find_parameter(
    parameters: Mapping[str, Parameter], name: str, others: Sequence[str] = ()
) -> Parameter:
    """The parameter of this name, or a `UsageError` that offers the nearest, or one of `others`."""
    if name not in parameters:
        known = [other for other in (*parameters, *others) if other != "output"]
        raise UsageError(f"there is no parameter {name!r}{did_you_mean(name, known)}")
    return parameters[name]


def absolute_paths(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values with local paths made absolute, starting from this folder."""
    found = {name: absolute_dataset(values[name], folder) for name in PATHS if name in values}
    if "like" in values:
        if values["like"] == "":
            raise UsageError("like: name the folder of a report, or leave it out")
        found["like"] = absolute_report(values["like"], folder)
    return {**values, **found}


def fold_values(source: str, values: Mapping[str, Any]) -> str:
    """The parameters cell with these values as its defaults; annotations and help are kept."""
    lines = source.encode().splitlines()
    for line in reversed(ast.parse(source).body):
        assert isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        value, name = line.value, line.target.id
        if name in values and value is not None and value.end_lineno is not None:
            first, last = value.lineno - 1, value.end_lineno - 1
            head, tail = lines[first][: value.col_offset], lines[last][value.end_col_offset :]
            lines[first : last + 1] = [head + repr(values[name]).encode() + tail]
    return b"\n".join(lines).decode()


def _declared(line: ast.stmt, comments: Mapping[int, str], notebook: Path) -> Parameter:
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
    said = comments.get(line.end_lineno or line.lineno, "")
    return Parameter(name, annotation, default, said, adapter)


def _type(annotation: ast.expr) -> Any:
    """The annotation as a type, made only of the names that `KNOWN` lists."""
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


def _explain(error: ValidationError) -> str:
    said = [item["msg"].removeprefix("Input ") for item in error.errors()]
    kept = [msg for msg in dict.fromkeys(said) if "None" not in msg] or said
    return f"it {' or '.join(kept[:2])}".replace("it should", "it must")


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
