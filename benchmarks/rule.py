"""The rule that the calibration measures, as a fingerprint of what its code does."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import segmentation.analysis

ANALYSIS = Path(str(segmentation.analysis.__file__)).parent
STRUCTURE_TEST = (
    "trust/structure.py",
    "trust/draws.py",
    "trust/terrain.py",
    "../data/rows/copies.py",
)
ONCE_SHOWN = (  # the rest of the rule, which runs where groups are shown
    "trust/valleys.py",
    "trust/resampling.py",
    "trust/prediction.py",
    "trust/refits.py",
    "trust/resamples.py",
    "trust/stability.py",
    "passes/nearest.py",
    "fitting/matching.py",
    "trust/choice.py",
    "trust/verdict.py",
    "trust/evidence.py",
    "trust/gathering.py",
)
AROUND = (  # the classes that the rule reads
    "fitting/clustering.py",
    "fitting/sample.py",
    "fitting/scan.py",
    "fitting/segmentation.py",
)


def fingerprint(shown: bool = True) -> str:
    """Returns a digest of what the rule does; stored records are valid for it only.

    Docstrings, comments, imports, annotations, file names and the rule's own identifiers do not
    count. If no groups are shown, only the structure test has run, so only its code counts.
    """
    trees = [_parse(name) for name in STRUCTURE_TEST + (ONCE_SHOWN if shown else ())]
    read = [node for name in AROUND for node in _parse(name).body]
    classes = [node for node in read if isinstance(node, ast.ClassDef)]
    numbering = _Numbering(set(_bound(trees)) | set(_bound(classes)))
    code = "\n".join(ast.unparse(numbering.visit(tree)) for tree in trees)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


class _Numbering(ast.NodeTransformer):
    """Drops what has no effect, and numbers the `own` identifiers by their first appearance.

    Identifiers of other packages stay, because np.mean instead of np.median is another rule.
    """

    def __init__(self, own: set[str]) -> None:
        self.own, self.numbers = own, dict[str, int]()

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        for field in ("annotation", "returns"):
            if hasattr(node, field):
                kept = None if not isinstance(node, ast.AnnAssign) else ast.Constant(...)
                setattr(node, field, kept)
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            body[:] = body[1:] or [ast.Pass()]
        for field in ("name", "id", "attr", "arg"):
            name = getattr(node, field, None)
            if name in self.own:
                setattr(node, field, f"_{self.numbers.setdefault(name, len(self.numbers))}")
        return self.generic_visit(node)


def _bound(trees: Iterable[ast.AST]) -> Iterator[str]:
    """Yields the identifiers that the code defines, or imports from this package."""
    for node in chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("segmentation"):
            yield from (alias.asname or alias.name for alias in node.names)


def _parse(name: str) -> ast.Module:
    return ast.parse((ANALYSIS / name).read_text(encoding="utf-8"))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
