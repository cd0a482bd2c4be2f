"""Lines that are no rows, left out on request: totals and remarks, and lines that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from segmentation.data.errors import InputError, Note

FOOTER = "footer"
REMEDY = "delete this line: it is not a customer; or give footer: drop"
BAD = ("ragged-row", "repeated-header", "quote")
FEW = {FOOTER: 5}  # lines that may be left out of the shortest table; otherwise one
SHARE = 0.01  # of the rows
_LISTED = 20


@dataclass(frozen=True)
class LeaveOut:
    """Which lines are left out: those with faults of these codes; `found` has those known before.

    Some are only found when all lines are read, which then are read again.
    """

    codes: frozenset[str] = frozenset()
    found: Mapping[int, InputError] = field(default_factory=dict)

    def add(self, error: InputError) -> LeaveOut | None:
        """Returns this with the lines of a refusal; None if none of them is new."""
        lines = {f.line: f for f in error.faults if f.code in self.codes and f.line is not None}
        new = lines.keys() - self.found.keys()
        return replace(self, found={**self.found, **lines}) if new else None


NOTHING = LeaveOut()


def choose(footer: str, bad_lines: str) -> LeaveOut:
    """Returns what to leave out if `footer` or `bad_lines` is *drop*."""
    return LeaveOut(frozenset([FOOTER] * (footer == "drop") + [*BAD] * (bad_lines == "drop")))


def note_left_out(faults: Sequence[InputError], rows: int) -> list[Note]:
    """Returns the notes on lines that were left out; raises the first fault if they are many.

    At most one line in a hundred rows may go, and of short tables one, or five totals and remarks.
    """
    notes = []
    for codes, what in (((FOOTER,), "as totals or remarks"), (BAD, "for faults")):
        some = [fault for fault in faults if fault.code in codes]
        if not some:
            continue
        if len(some) > max(FEW.get(codes[0], 1), SHARE * (rows + len(faults))):
            first = some[0]
            what = f"{first.what}; {len(some):,} lines would be left out beside {rows:,} rows, "
            what += "more than 1 %"
            raise InputError(what, first.remedy, code="left-out-lines", line=first.line)
        lines = [f"{fault.line:,}" for fault in some]
        listed = ", ".join(lines[:_LISTED]) + (", …" if len(lines) > _LISTED else "")
        count = "1 line" if len(some) == 1 else f"{len(some):,} lines"
        notes.append(Note("left-out-lines", f"left out {count} {what}: {listed}", some[0].line))
    return notes
