"""Running a job's notebook, and judging whether every cell did what it should."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellControlSignal, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from segmentation.reporting.job import Job
from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import INJECTED, SKIPPED, has_tag
from segmentation.reporting.outcome import RunError, Status, explain_end
from segmentation.reporting.wording import write_options

_LOG = logging.getLogger(__name__)
logging.getLogger("papermill").setLevel(logging.CRITICAL)  # the run's own line names a fault


@dataclass(frozen=True)
class Executed:
    """A good run: the executed notebook and the record that its last cell wrote."""

    book: nbformat.NotebookNode
    result: dict[str, Any]


def execute(
    job: Job,
    staging: Path,
    kernels: Kernels,
    on_cell: Callable[[nbformat.NotebookNode], None] = lambda _: None,
) -> Executed:
    """Runs the job's notebook in a new kernel and an empty folder; its files go to `staging`.

    `on_cell` gets every cell when it starts. Raises `RunError` unless every code cell (without
    those that only people run) ran within the deadline, none failed, the parameters arrived as
    they were sent, and the last cell wrote result.json. Its log ends in what the cells printed.
    """
    values = _choose_injected(job, staging)
    copy = staging / job.plan.notebook.name
    try:
        _run_notebook(job, values, copy, kernels, on_cell)
        # papermill's success proves little: a killed kernel or sys.exit(0) may pass for one.
        book = nbformat.read(copy, as_version=4)
        _judge(book, values)
        return Executed(book, _read_result(staging))
    except RunError as error:
        if copy.exists():
            book = nbformat.read(copy, as_version=4)
            error.log += "".join(f"\n\nprinted: {text}" for text in _list_printed(book))
            nbformat.write(drop_streams(book, job), copy)
        raise


def drop_streams(book: nbformat.NotebookNode, job: Job) -> nbformat.NotebookNode:
    """Returns the notebook without what its cells printed, which goes to the log.

    Libraries print progress and warnings, with paths of the machine: nothing for readers.
    """
    for text in _list_printed(book):
        _LOG.info("%s", job.secrets.hide(text))
    cells = []
    for cell in book.cells:
        outputs = cell.get("outputs", [])
        shown = [output for output in outputs if output.output_type != "stream"]
        cells.append(nbformat.NotebookNode(cell | {"outputs": shown}) if outputs else cell)
    return nbformat.NotebookNode(book | {"cells": cells})


def _list_printed(book: nbformat.NotebookNode) -> list[str]:
    """Returns what each cell printed, in order."""
    every = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [output.text for output in every if output.output_type == "stream"]


def _choose_injected(job: Job, staging: Path) -> dict[str, Any]:
    """Returns the parameters that papermill writes into the notebook, without secrets."""
    sent = {*job.given, "dataset", "output"}
    values = {name: value for name, value in job.values.items() if name in sent}
    values = job.secrets.take_from(values) | {"output": str(staging)}
    if "like" in job.values:
        values["like"] = None if job.earlier is None else str(job.earlier.folder)
    return values


def _run_notebook(
    job: Job,
    values: Mapping[str, Any],
    copy: Path,
    kernels: Kernels,
    on_cell: Callable[[nbformat.NotebookNode], None],
) -> None:
    """Writes the executed notebook to `copy`; raises `RunError` if the kernel or a cell fails."""
    deadline, begun = job.deadline, ""

    def begin(cell: nbformat.NotebookNode, cell_index: int) -> None:
        nonlocal begun
        begun = cell.source
        on_cell(cell)

    with kernels.prepare(job.secrets.environment, deadline.left) as (manager, find_exit_code):
        try:
            papermill.execute_notebook(
                str(job.plan.notebook),
                str(copy),
                parameters=dict(values),
                progress_bar=False,
                request_save_on_cell_execute=False,  # twice a cell, a quarter of a short run
                kernel_manager_class=manager,
                shutdown_kernel="immediate",
                on_cell_start=begin,
                extra_arguments=["--IPKernelApp.log_level=40"],
            )
        except PapermillExecutionError as error:
            raise _explain(error, job.declared) from None
        except (DeadKernelError, RuntimeError) as error:
            if deadline.is_over:
                raise deadline.fault(log=begun) from None
            if _is_dead(error):
                raise RunError(explain_end("the kernel", find_exit_code()), begun) from None
            raise
        except CellControlSignal as error:
            raise RunError(f"the kernel stopped: {error}", begun) from None


def _is_dead(error: Exception) -> bool:
    """Returns whether the kernel died.

    If it dies before its first answer, jupyter_client raises a bare RuntimeError: only the text
    tells it from others.
    """
    return isinstance(error, DeadKernelError) or "Kernel died" in str(error)


def _explain(error: PapermillExecutionError, declared: bool) -> RunError:
    """Returns the fault of a cell, worded for a run `declared` in a file or for a command."""
    reason = next(iter(str(error.evalue).splitlines()), "")
    log = "\n".join([f"cell [{error.exec_count}]", error.source, "", *error.traceback])
    # A kernel sends the name of an exception's class, not the class.
    if error.ename == "InputError":
        what, mark, remedy = reason.partition("; ")
        if not declared:
            reason = what + mark + write_options(remedy)
        return RunError(reason, log, Status.REFUSED)
    if error.ename == "MachineError":
        return RunError(reason, log)
    return RunError(f"cell [{error.exec_count}] raised {error.ename}: {reason}", log)


def _judge(book: nbformat.NotebookNode, values: Mapping[str, Any]) -> None:
    code = [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]
    not_run = [c for c in code if c.execution_count is None and not has_tag(c, SKIPPED)]
    if not_run:
        raise RunError(f"{len(not_run)} of {len(code)} cells never ran", not_run[0].source)
    for cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                raise RunError(f"a cell raised {output.ename}", "\n".join(output.traceback))
    arrived = next((cell for cell in code if has_tag(cell, INJECTED)), None)
    if values and (arrived is None or _read_assigned(arrived.source) != dict(values)):
        raise RunError("the notebook did not get the parameters that were sent")


def _read_assigned(source: str) -> dict[str, Any]:
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
