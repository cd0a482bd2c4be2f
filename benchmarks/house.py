"""The house in numbers: modules, functions, docstrings, comments and imports, room by room.

python -m benchmarks.house [--base REVISION]

Only source text is read; nothing is imported. A room is a folder of the package with the modules
directly in it. With `--base`, also the tables of a git revision, and the totals of both.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.house_imports import Siblings, list_siblings
from benchmarks.house_modules import Module, measure_module

ROOT = Path(__file__).parents[1]
PACKAGE, TESTS = "segmentation", "tests"
MOST_PARAMETERS = 6
# The short heading of each column, and the same in full.
COLUMNS = {
    "modules": "modules",
    "median": "lines of a module, median",
    "longest": "lines of the longest module",
    "functions": "functions",
    "median f": "lines of a function, median",
    "90 % f": "lines of a function, 90 % have at most",
    "longest f": "lines of the longest function",
    "params": "most parameters of a function",
    f"> {MOST_PARAMETERS}": f"functions with more than {MOST_PARAMETERS} parameters",
    "docs": "public functions and classes with a docstring",
    "comments": "comments per 100 lines",
    "skips": "fmt: skip",
}
SIBLINGS_HEAD = ("between the parts of", "parts", "imports", "levels", "circles")
Sources = Mapping[str, str]  # text by path, such as segmentation/data/source.py
Row = Sequence[str]


def read_tree(root: Path) -> dict[str, str]:
    """Returns the text of every Python file of the package and its tests, by path."""
    paths = [path for folder in (PACKAGE, TESTS) for path in sorted((root / folder).rglob("*.py"))]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def read_revision(root: Path, revision: str) -> dict[str, str]:
    """Returns the same for a git revision."""
    command = ["git", "archive", "--format=tar", revision, PACKAGE, TESTS]
    packed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        return {
            name: file.read().decode("utf-8")
            for name, file in files.items()
            if file and name.endswith(".py")
        }


def measure_folder(sources: Sources, folder: str) -> list[Module]:
    """Measures all modules below a folder."""
    inside = {path: text for path, text in sources.items() if path.startswith(f"{folder}/")}
    return [measure_module(path, text) for path, text in inside.items()]


def list_rooms(modules: Sequence[Module]) -> dict[str, list[Module]]:
    """Groups modules by their folders."""
    names = sorted({module.room for module in modules})
    return {name: [module for module in modules if module.room == name] for name in names}


def summarise(modules: Sequence[Module]) -> list[str]:
    """Returns the cells of some modules, in the order of COLUMNS."""
    lengths = [module.lines for module in modules]
    functions = [function for module in modules for function in module.functions]
    lines = [function.lines for function in functions] or [0]
    parameters = [function.parameters for function in functions] or [0]
    documented = [bool(docstring) for module in modules for _, docstring in module.public]
    return [
        f"{len(modules)}",
        f"{median(lengths):.0f}",
        f"{max(lengths)}",
        f"{len(functions)}",
        f"{median(lines):.0f}",
        f"{find_quantile(lines, 0.9)}",
        f"{max(lines)}",
        f"{max(parameters)}",
        f"{sum(count > MOST_PARAMETERS for count in parameters)}",
        f"{sum(documented) / len(documented):.0%}" if documented else "–",
        f"{100 * sum(module.comments for module in modules) / max(sum(lengths), 1):.1f}",
        f"{sum(module.skips for module in modules)}",
    ]


def find_quantile(values: Sequence[int], share: float) -> int:
    """Returns the smallest value that this share of the values, or more, does not exceed."""
    ordered = sorted(values)
    return next(
        value for count, value in enumerate(ordered, start=1) if count >= share * len(ordered)
    )


def describe_house(sources: Sources) -> str:
    """Returns two tables of one state of the package: its rooms, and the imports between them."""
    modules = measure_folder(sources, PACKAGE)
    rows = [[name, *summarise(inside)] for name, inside in list_rooms(modules).items()]
    rooms = tabulate(("room", *COLUMNS), [*rows, ["total", *summarise(modules)]])
    imports = [_list_cells(each) for each in list_siblings(sources, PACKAGE)]
    return f"{rooms}\n\n{tabulate(SIBLINGS_HEAD, imports)}"


def list_totals(sources: Sources) -> dict[str, str]:
    """Returns the figures of the whole project, by name."""
    modules = measure_folder(sources, PACKAGE)
    siblings = list_siblings(sources, PACKAGE)
    return {
        "rooms": f"{len(list_rooms(modules))}",
        **dict(zip(COLUMNS.values(), summarise(modules), strict=True)),
        "most parts in a room": f"{max(each.parts for each in siblings)}",
        "most imports between the parts of a room": f"{max(each.imports for each in siblings)}",
        "most import levels in a room": f"{max(each.levels for each in siblings)}",
        "circles of imports": f"{sum(each.circles for each in siblings)}",
        "assertions in tests": f"{sum(m.assertions for m in measure_folder(sources, TESTS))}",
    }


def compare_houses(before: Sources, now: Sources) -> str:
    """Returns a table of the totals of two states."""
    old, new = list_totals(before), list_totals(now)
    return tabulate(("in total", "before", "now"), [(name, old[name], new[name]) for name in new])


def tabulate(head: Row, rows: Sequence[Row]) -> str:
    """Returns an aligned Markdown table whose columns are right-aligned, but for the first."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_align(row, widths) for row in (head, rule, *rows))


def _align(row: Row, widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return " | ".join(["| " + first, *others]) + " |"


def _list_cells(siblings: Siblings) -> list[str]:
    counts = (siblings.parts, siblings.imports, siblings.levels, siblings.circles)
    return [siblings.package.replace(".", "/"), *map(str, counts)]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", metavar="REVISION", help="a git revision to compare with")
    base = parser.parse_args().base
    now = read_tree(ROOT)
    if base:
        before = read_revision(ROOT, base)
        print(f"Before ({base})\n\n{describe_house(before)}\n\nNow\n")
    print(describe_house(now))
    if base:
        print(f"\n{compare_houses(before, now)}")
    else:
        totals = list_totals(now)
        print(f"\n{tabulate(('in total', 'now'), list(totals.items()))}")


if __name__ == "__main__":
    main()
