"""The imports between the parts of each room, read from source text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Siblings:
    """The modules and folders directly inside a package, and the imports between them.

    Two parts count as one import however many lines it takes. Levels are the parts on the longest
    chain of imports, a circle standing for one of them.
    """

    package: str
    parts: int
    imports: int
    levels: int
    circles: int


def list_siblings(sources: Mapping[str, str], package: str) -> list[Siblings]:
    """Measures a package and every package in it, from its modules' text by path."""
    texts = {
        name_module(path): text for path, text in sources.items() if path.startswith(f"{package}/")
    }
    imports = {
        (name, target) for name, text in texts.items() for target in find_targets(name, text, texts)
    }
    packages = {name_module(path) for path in sources if path.endswith("__init__.py")}
    inside = sorted(packages & texts.keys())
    return [measure_siblings(each, imports, texts) for each in inside if _parts(each, texts)]


def name_module(path: str) -> str:
    """Returns the dotted name of a module, from its path."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_targets(name: str, source: str, modules: Mapping[str, str]) -> Iterator[str]:
    """Yields the modules that a module imports, wherever in its text the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: relative imports are not read"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules else str(node.module)


def measure_siblings(
    package: str, imports: set[tuple[str, str]], modules: Mapping[str, str]
) -> Siblings:
    """Measures the parts directly inside one package."""
    parts = _parts(package, modules)
    places = {part: place for place, part in enumerate(parts)}
    matrix = np.zeros((len(parts), len(parts)), dtype=bool)
    for importer, imported in imports:
        ends = [_part(name, package) for name in (importer, imported)]
        if ends[0] != ends[1] and all(end in places for end in ends):
            matrix[places[ends[0]], places[ends[1]]] = True
    _, labels = connected_components(matrix, connection="strong")
    circles = int((np.bincount(labels) > 1).sum())
    return Siblings(package, len(parts), int(matrix.sum()), _levels(matrix, labels), circles)


def _parts(package: str, modules: Mapping[str, str]) -> list[str]:
    inside = [name for name in modules if name.startswith(f"{package}.")]
    return sorted({_part(name, package) for name in inside})


def _part(name: str, package: str) -> str:
    """The name cut to one step below the package: `a.b.c` in `a` is `a.b`."""
    return ".".join(name.split(".")[: package.count(".") + 2])


def _levels(matrix: np.ndarray, labels: np.ndarray) -> int:
    """The parts on the longest chain of imports, each circle merged into one."""
    edges = {(labels[a], labels[b]) for a, b in np.argwhere(matrix) if labels[a] != labels[b]}
    depth = dict.fromkeys(labels.tolist(), 1)
    for _ in depth:  # a chain is no longer than there are parts
        for above, below in edges:
            depth[above] = max(depth[above], depth[below] + 1)
    return max(depth.values())
