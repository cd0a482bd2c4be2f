"""Calls in a process of their own, which can be stopped at any moment and may crash alone."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from segmentation.reporting.deadline import Deadline
from segmentation.reporting.job import Job
from segmentation.reporting.outcome import RunError, as_fault, explain_end
from segmentation.reporting.processes import METHOD, SERVER, Processes, forking, kill, leave_server

Result = TypeVar("Result")
GRACE = 5.0  # seconds to close files and connections after the answer


def call_apart(
    processes: Processes, deadline: Deadline, step: Callable[..., Result], *args: Any
) -> Result:
    """Returns what a step returns; raises its fault as `RunError`, or why there is no answer.

    The step, its arguments and its result are pickled. Its temporary files are removed.
    """
    if processes.stopped:
        raise RunError("interrupted")
    context: Any = multiprocessing.get_context(processes.method)
    answers, end = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory(dir=processes.folder, ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, **processes.environment}
        process = context.Process(target=_answer, args=(end, environment, folder, step, args))
        with forking():
            process.start()
        end.close()
        processes.register(process.pid)
        try:
            if not answers.poll(deadline.left):
                raise deadline.fault("reading the data")
            answer = answers.recv()
            process.join(GRACE)
        except EOFError:
            process.join()
            raise RunError(explain_end("reading the data", process.exitcode)) from None
        finally:
            kill(process.pid)
            process.join()
            processes.forget(process.pid)
            answers.close()
    if isinstance(answer, RunError):
        raise answer
    result: Result = answer
    return result


def read_apart(job: Job, step: Callable[[Mapping[str, Any]], Result]) -> Result:
    """Returns what a step makes of a run's values, within the run's deadline.

    For calls that start no processes. On Linux the process is a fork of this one: it has all
    imports already, and a fork is safe as this one reads nothing itself.
    """
    method = "fork" if METHOD == SERVER else METHOD
    return call_apart(Processes(1, method), job.begin().deadline, step, dict(job.values))


def _answer(
    end: Connection,
    environment: Mapping[str, str],
    folder: str,
    step: Callable[..., Any],
    args: tuple[Any, ...],
) -> None:
    """Sends the result or the fault of a step; ends at once if the caller dies."""
    if hasattr(os, "setsid"):
        os.setsid()
    leave_server()
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = folder
    try:
        threading.Thread(target=_end_with_caller, daemon=True).start()
        answer = step(*args)
    except Exception as error:
        answer = as_fault(error)
    with suppress(OSError):
        end.send(answer)


def _end_with_caller() -> None:
    caller = multiprocessing.parent_process()
    if caller is not None:
        wait([caller.sentinel])
        kill(os.getpid())
