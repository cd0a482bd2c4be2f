"""What one module consists of, measured from its text."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

PRAGMAS = ("# fmt:", "# type:", "# noqa", "#!")  # for tools, not for readers
Definition = (ast.FunctionDef, ast.AsyncFunctionDef)
Documented = (*Definition, ast.ClassDef)


@dataclass(frozen=True)
class Function:
    """A function or method: its lines from `def` to its end, its parameters without `self`."""

    name: str
    lines: int
    parameters: int
    docstring: str


@dataclass(frozen=True)
class Module:
    """A module; `public` has the names and docstrings of its public functions and classes."""

    path: str
    docstring: str
    lines: int
    functions: tuple[Function, ...]
    public: tuple[tuple[str, str], ...]
    comments: int
    skips: int
    assertions: int

    @property
    def room(self) -> str:
        """The folder of the module."""
        return str(PurePosixPath(self.path).parent)


def measure_module(path: str, source: str) -> Module:
    """Measures one module from its text."""
    tree = ast.parse(source)
    nodes, comments = list(ast.walk(tree)), list(list_comments(source))
    return Module(
        path,
        ast.get_docstring(tree) or "",
        len(source.splitlines()),
        tuple(_measure_function(node) for node in nodes if isinstance(node, Definition)),
        tuple(_list_public(tree)),
        sum(not comment.startswith(PRAGMAS) for comment in comments),
        sum("fmt: skip" in comment for comment in comments),
        sum(map(_is_assertion, nodes)),
    )


def list_comments(source: str) -> Iterator[str]:
    """Yields the comments of a module, those for tools included."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _measure_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    given = node.args
    named = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    count = len([name for name in named if name not in ("self", "cls")])
    count += (given.vararg is not None) + (given.kwarg is not None)
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return Function(node.name, lines, count, ast.get_docstring(node) or "")


def _list_public(tree: ast.Module | ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yields public functions, classes and methods; properties are methods, overloads count."""
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""
            if isinstance(node, ast.ClassDef):
                yield from _list_public(node)


def _is_assertion(node: ast.AST) -> bool:
    """Whether this is an `assert`, or a call of pytest's `raises` or `warns`."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", None) in ("raises", "warns")
    return isinstance(node, ast.Assert)
