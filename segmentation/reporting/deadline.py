"""When a run must end, whether it waits, reads or computes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from segmentation.reporting.outcome import RunError


@dataclass(frozen=True)
class Deadline:
    """The end of a run: so many seconds after its start, or never if None."""

    seconds: float | None = None
    start: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float | None:
        """The seconds that are left, at least 0; None if it never ends."""
        if self.seconds is None:
            return None
        return max(0.0, self.seconds - self.passed)

    @property
    def passed(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self.start

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.left == 0

    def fault(self, during: str = "", log: str = "") -> RunError:
        """Returns the fault of a run that was stopped, and during what."""
        while_ = f" while {during}" if during else ""
        return RunError(f"stopped at its deadline of {self.seconds:g} s{while_}", log)
