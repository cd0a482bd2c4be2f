"""Running the notebook with parameters, and judging whether the run was good."""

from __future__ import annotations

import ast
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellControlSignal, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import SKIPPED

logging.getLogger("papermill").setLevel(logging.CRITICAL)  # a fault is told once, by the run's line


class RunError(Exception):
    """A run that is not good, and the log of it.

    `status`: failed, refused (its input was at fault), or held (by an expectation).
    """

    def __init__(self, reason: str, log: str = "", status: str = "failed"):
        super().__init__(reason)
        self.reason, self.log, self.status = reason, log, status


@dataclass(frozen=True)
class Executed:
    """A good run: the executed notebook and the record that its last cell wrote."""

    book: nbformat.NotebookNode
    result: dict[str, Any]


def execute(
    notebook: Path,
    staging: Path,
    values: Mapping[str, Any],
    kernels: Kernels,
    environment: Mapping[str, str] | None = None,
    deadline: float | None = None,
    on_cell: Callable[[nbformat.NotebookNode], None] = lambda _: None,
) -> Executed:
    """Runs the notebook in a kernel of its own, in an empty folder; its files go to `staging`.

    The kernel finds `environment` in its own, for what must not stand in the notebook. `on_cell`
    gets every cell when it starts. Raises `RunError` unless every code cell (but for those that
    only people run) ran within `deadline` seconds, none failed, the parameters that arrived are
    those that were asked for, and the last cell wrote result.json.
    """
    copy, start = staging / notebook.name, time.monotonic()
    with kernels.prepare(environment or {}, deadline) as manager:
        try:
            papermill.execute_notebook(
                str(notebook),
                str(copy),
                parameters=dict(values),
                progress_bar=False,
                kernel_manager_class=manager,
                shutdown_kernel="immediate",
                on_cell_start=lambda cell, cell_index: on_cell(cell),
                extra_arguments=["--IPKernelApp.log_level=40"],
            )
        except PapermillExecutionError as error:
            raise _failed(error) from None
        except (DeadKernelError, RuntimeError) as error:
            if deadline is not None and time.monotonic() - start >= deadline:
                raise RunError(f"stopped at its deadline of {deadline:g} s") from None
            if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
                raise RunError("the kernel was killed: out of memory? Try --jobs 1") from None
            raise
        except CellControlSignal as error:
            raise RunError(f"the kernel stopped: {error}") from None
    book = nbformat.read(copy, as_version=4)
    _judge(book, values)
    return Executed(book, _read_result(staging))


def _failed(error: PapermillExecutionError) -> RunError:
    reason = next(iter(str(error.evalue).splitlines()), "")
    log = "\n".join([f"cell [{error.exec_count}]", error.source, "", *error.traceback])
    if error.ename == "InputError":
        return RunError(reason, log, "refused")
    return RunError(f"cell [{error.exec_count}] raised {error.ename}: {reason}", log)


def _judge(book: nbformat.NotebookNode, values: Mapping[str, Any]) -> None:
    code = [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]
    meant = [cell for cell in code if SKIPPED not in cell.metadata.get("tags", [])]
    unrun = [cell for cell in meant if cell.execution_count is None]
    if unrun:
        raise RunError(f"{len(unrun)} of {len(code)} cells never ran", unrun[0].source)
    for cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                raise RunError(f"a cell raised {output.ename}", "\n".join(output.traceback))
    arrived = next((c for c in code if "injected-parameters" in c.metadata.get("tags", [])), None)
    if values and (arrived is None or _assigned(arrived.source) != dict(values)):
        raise RunError("the parameters that arrived are not those that were asked for")


def _assigned(source: str) -> dict[str, Any]:
    return {
        line.targets[0].id: ast.literal_eval(line.value)
        for line in ast.parse(source).body
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    }


def _read_result(staging: Path) -> dict[str, Any]:
    try:
        result = json.loads((staging / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError("the notebook wrote no result.json") from None
    if not isinstance(result, dict):
        raise RunError("result.json holds no record")
    return result
