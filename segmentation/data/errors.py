"""What is said when input cannot be used, or is used with a remark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST_MESSAGE = 300
ALIKE = 0.6


class InputError(ValueError):
    """Input that cannot be used: one line with the place, what is wrong and what to do.

    `code` is a stable reason in kebab-case; `file` is the file's name, `line` its physical line
    (1-based), `column` the header's name. `faults` holds every fault found, this one first.
    """

    def __init__(
        self,
        what: str,
        remedy: str,
        *,
        code: str,
        file: str | None = None,
        line: int | None = None,
        column: str | None = None,
        faults: Sequence[InputError] = (),
    ):
        self.what, self.remedy, self.code = what, remedy, code
        self.file, self.line, self.column = file, line, column
        self.faults = tuple(faults) or (self,)
        super().__init__(self._message())

    def of_file(self, file: str) -> InputError:
        """The same error naming its file, where it did not yet."""
        if self.file:
            return self
        return InputError(
            self.what,
            self.remedy,
            code=self.code,
            file=file,
            line=self.line,
            column=self.column,
        )

    def _message(self) -> str:
        place = " ".join(
            part for part in (self.file, f"line {self.line}" if self.line else None) if part
        )
        place = ", ".join(part for part in (place, self.column and f"column {self.column}") if part)
        said = one_line(f"{self.what}; {self.remedy}")
        return _shorten(f"{one_line(place)}: {said}" if place else said)


@dataclass(frozen=True)
class Note:
    """A remark on input that was read all the same."""

    code: str
    what: str
    line: int | None = None
    column: str | None = None


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: alike as a whole or in one of its words."""

    def likeness(other: str) -> float:
        words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", other))
        forms = [other, *(word for word in words if len(word) > 2)]
        return max(SequenceMatcher(None, name.casefold(), f.casefold()).ratio() for f in forms)

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best) >= ALIKE else None


def one_line(text: str) -> str:
    """The text without line breaks and control characters, fit for a terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text).strip()


def _shorten(text: str) -> str:
    if len(text) <= LONGEST_MESSAGE:
        return text
    cut = LONGEST_MESSAGE - 3
    return f"{text[: cut // 2]} … {text[-(cut - cut // 2) :]}"
