"""How a run ended, and the exit code of a call."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from segmentation.data import InputError
from segmentation.data.machine import find_machine_fault
from segmentation.reporting.wording import describe_os_error


class Status(StrEnum):
    """How a run ended, as records and pages show it."""

    DONE = "done"
    FRESH = "up to date"
    REFUSED = "refused"  # its input was at fault
    HELD = "held"  # by an expectation
    FAILED = "failed"


GOOD, SOME_FAILED, WRONG, ALL_REFUSED, HELD, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 130, 143


class RunError(Exception):
    """A run without a report: why, its log, its status, and the code of an `InputError`."""

    def __init__(
        self, reason: str, log: str = "", status: Status = Status.FAILED, code: str | None = None
    ):
        super().__init__(reason)
        self.reason, self.log, self.status, self.code = reason, log, status, code


def as_fault(error: Exception) -> RunError:
    """Returns the fault of a run from whatever was raised in it."""
    if isinstance(error, RunError):
        return error
    log = "".join(traceback.format_exception(error))
    if machine := find_machine_fault(error):
        return RunError(str(machine), log)
    if isinstance(error, InputError):
        return RunError(str(error), status=Status.REFUSED, code=error.code)
    if isinstance(error, OSError):
        return RunError(describe_os_error(error), log)
    return RunError(f"{type(error).__name__}: {error}", log)


def explain_end(what: str, code: int | None) -> str:
    """Returns why a process may have ended without an answer, from its exit code."""
    if code is None or code == -signal.SIGKILL:
        return f"{what} was killed: out of memory? Try --jobs 1"
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return (
        f"{what} crashed ({how}): too little memory, disk space or open files, or a damaged file?"
    )


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    `warnings` are expectations that a published report does not meet; `kept` is where edited and
    foreign files of the folder are now; `differs` is how a rerun differs from its page.
    """

    run: str
    status: Status
    seconds: float
    report: str | None = None
    reason: str = ""
    log: str | None = None
    result: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    kept: str | None = None
    differs: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Returns the outcome for `--json`."""
        result = self.result or {}
        metrics = {name: result.get(name) for name in ("k", "silhouette", "sizes", "verdict")}
        return {
            "run": self.run,
            "status": self.status,
            "reason": self.reason or None,
            "report": self.report,
            "log": self.log,
            "seconds": round(self.seconds, 2),
            "warnings": list(self.warnings),
            "kept": self.kept,
            **metrics,
        }


def judge_exit(statuses: Sequence[str]) -> int:
    """Returns the exit code of a call whose runs ended with these statuses."""
    bad = set(statuses) - {Status.DONE, Status.FRESH}
    if not bad:
        return GOOD
    if bad <= {Status.REFUSED, Status.HELD}:
        return HELD if Status.HELD in bad else ALL_REFUSED
    return SOME_FAILED
