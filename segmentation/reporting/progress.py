"""What a call prints while it runs: a live table on a terminal, and a line per finished run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from segmentation.reporting.console import tell
from segmentation.reporting.outcome import Outcome, Status
from segmentation.reporting.wording import show_path, show_value

LINE = "{run:<{width}}  {k:>3}  {verdict:<32}  {sizes:<24}  {time:>7}  {end}"


class Progress:
    """Prints a line for each run that ends; on a terminal, those under way stand below it."""

    def __init__(self, names: Sequence[str], quiet: bool = False):
        self.quiet, self.width = quiet, max(map(len, names), default=3)
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._console = Console(file=sys.stderr, highlight=False)
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if not self.quiet:
            head = {"run": "run", "k": "k", "verdict": "verdict", "sizes": "sizes"}
            words = LINE.format(**head, time="time", end="report", width=self.width)
            tell(words.rstrip())
            if self._console.is_terminal and sys.stdout.isatty():
                self._live = Live(console=self._console, transient=True, refresh_per_second=8)
                self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def started(self, run: str) -> None:
        """Shows that a run has begun."""
        self.entered(run, "reading the data")

    def entered(self, run: str, section: str) -> None:
        """Shows the section of its notebook that a run has come to."""
        with self._lock:
            if section:
                self._running[run] = section
            self._draw()

    def finished(self, outcome: Outcome) -> None:
        """Prints the line of a run that has ended."""
        with self._lock:
            self._running.pop(outcome.run, None)
            if not self.quiet:
                line = describe_outcome(outcome, self.width)
                if self._live is None:
                    tell(line)
                else:
                    self._live.console.print(Text(line), soft_wrap=True)
            self._draw()

    def _draw(self) -> None:
        if self._live is None:
            return
        table = Table.grid(padding=(0, 2))
        for run, section in self._running.items():
            table.add_row(Text(run), Text("…"), Text(section, style="dim"))
        self._live.update(table)


def describe_outcome(outcome: Outcome, width: int) -> str:
    """Returns the line of a run that has ended."""
    result = outcome.result or {}
    sizes = show_value(result.get("sizes", []))
    return LINE.format(
        run=outcome.run,
        k=result.get("k") or "–",
        verdict=(result.get("verdict") or {}).get("in_words", ""),
        sizes=sizes if len(sizes) <= 24 else f"{sizes[:23]}…",
        time=f"{outcome.seconds:.1f} s",
        end=_describe_end(outcome),
        width=width,
    )


def _describe_end(outcome: Outcome) -> str:
    """Returns the report's path or the reason why there is none, with status, warnings and log."""
    end = show_path(outcome.report) if outcome.report else f"{outcome.status}: {outcome.reason}"
    if outcome.report and outcome.status is not Status.DONE:
        end += f" ({outcome.status})"
    if outcome.kept:
        end += f" (files that were not the report's: {show_path(outcome.kept)})"
    if outcome.warnings:
        end += f" (not expected: {'; '.join(outcome.warnings)})"
    if outcome.log and outcome.status in (Status.FAILED, Status.HELD):
        end += f" (log: {show_path(outcome.log)})"
    return end
