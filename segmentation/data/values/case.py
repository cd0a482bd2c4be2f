"""One text column while it is decided: which of its cells count as missing, and what to report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation.data.cells import ERRORS
from segmentation.data.errors import InputError, Note, shown
from segmentation.data.sql import literal
from segmentation.data.values.counting import TextColumn, TextTable
from segmentation.data.values.numerals import NEGATIVE

MOST = 0.9  # more of the cells than this have to look like a type
_EXAMPLES = 5  # cells quoted in a message


@dataclass(frozen=True)
class Settled:
    """The ambiguities that the caller has settled; None leaves them to the values."""

    decimal: str | None = None
    dates: str | None = None  # the order of day, month and year
    missing_bad: bool = False  # cells that do not fit the type count as missing


@dataclass(frozen=True)
class Case:
    """A counted column of a table, and what the caller has settled."""

    table: TextTable
    column: TextColumn
    settled: Settled

    def enough(self) -> float:
        """The share of cells that has to look like a type; half if others may be missing."""
        return 0.5 if self.settled.missing_bad else MOST

    def count_missing(self, bad: str = "") -> int:
        """The number of missing cells, those that meet the condition `bad` among them."""
        counts = self.column.counts
        more = self.table.count(bad) if bad and self.settled.missing_bad else 0
        return counts.blank + counts.markers + more

    def find_markers(self, more: Sequence[str] = ()) -> list[tuple[str, int]]:
        """The missing markers and `more` texts in the column, the most frequent first, counted."""
        c, texts = self.column, ", ".join(map(literal, ["", *more]))
        return [
            (str(marker), int(count))
            for marker, count in self.table.rows(
                f"{c.text} AS marker, count(*)",
                f"{c.text} <> '' AND (NOT {c.usable} OR {c.text} IN ({texts}))",
                "GROUP BY marker ORDER BY 2 DESC, 1",
            )
        ]

    def count_markers(
        self, more: Sequence[str] = ()
    ) -> tuple[tuple[tuple[str, int], ...], tuple[Note, ...]]:
        """The texts of a column that count as missing, markers and `more`, and the note on them."""
        if not self.column.counts.markers and not more:
            return (), ()
        markers = self.find_markers(more)
        excel = any(marker.upper() in ERRORS for marker, _ in markers)
        what = f"counted as missing: {list_markers(markers)}"
        return tuple(markers), (self.note("excel-errors" if excel else "missing", what),)

    def accept_bad(self, code: str, what: str, bad: str) -> tuple[Note, ...]:
        """The note on cells that do not fit the type, empty if there are none.

        `bad` is their SQL condition. Raises the fault unless they may count as missing.
        """
        c = self.column
        some = f"ORDER BY rowid LIMIT {_EXAMPLES}"
        rows = self.table.rows(f"rowid, {c.plain}, count(*) OVER ()", bad, some)
        if not rows:
            return ()
        lines = ", ".join(f"{self.table.line(row)}" for row, *_ in rows)
        cells = ", ".join(dict.fromkeys(repr(shown(cell, 16)) for _, cell, _ in rows))
        what = f"{rows[0][2]:,} of {c.counts.present:,} values are {what} (lines {lines})"
        self._keep_negatives(bad)
        if self.settled.missing_bad:  # a note is published, so it quotes no cell
            return (self.note(code, f"counted as missing: {what}"),)
        raise self.refuse(
            code, f"{what}: {cells}", "correct them, or give on_bad_value: missing", rows[0][0]
        )

    def _keep_negatives(self, bad: str) -> None:
        """Refuses cells that are negative amounts, written in a way that is not read.

        They may not count as missing: exactly the refunds would be left out.
        """
        c = self.column
        where = f"regexp_matches({c.text}, {literal(NEGATIVE)}) AND ({bad})"  # the cheap one first
        rows = self.table.rows(f"rowid, {c.plain}", where, "ORDER BY rowid LIMIT 1")
        if rows:
            what = f"{self.table.count(where):,} of {c.counts.present:,} values look like negative "
            what += f"amounts that cannot be read: {shown(rows[0][1], 16)!r}"
            remedy = "write negative amounts as -12.50"
            raise self.refuse("negatives", what, remedy, rows[0][0])

    def note(self, code: str, what: str) -> Note:
        """A note on the column."""
        return Note(code, what, None, self.column.name)

    def refuse_where(self, code: str, what: str, remedy: str, where: str) -> InputError:
        """A fault at the first row that meets a condition."""
        (row,) = self.table.one("min(rowid)", where)
        return self.refuse(code, what, remedy, row or 0)

    def refuse(self, code: str, what: str, remedy: str, row: int) -> InputError:
        """A fault of the column at a row, counted from 0."""
        file, line = self.table.loaded.file, self.table.line(row)
        return InputError(what, remedy, code=code, file=file, line=line, column=self.column.name)


def list_markers(markers: Sequence[tuple[str, int]]) -> str:
    """The most frequent markers in words: `NA 3, #REF! 1`."""
    return ", ".join(f"{marker} {count:,}" for marker, count in markers[:6])
