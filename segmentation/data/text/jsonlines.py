"""JSON lines: one flat object per line, all with the same keys; numbers stay as written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from segmentation.data.errors import InputError, shown
from segmentation.data.limits import Limits
from segmentation.data.text.encodings import Text
from segmentation.data.text.headers import Header, name_columns
from segmentation.data.text.leaving_out import LeaveOut
from segmentation.data.text.loading import Rows, load_records
from segmentation.data.text.records import Record
from segmentation.data.text.storing import Target


class _Shape(ValueError):
    """A line that is JSON but not a flat object; the text is the reason."""


def _start(text: Text) -> bytes:
    with text.path.open("rb") as file:
        file.seek(text.bom)
        return file.read(1 << 16).lstrip()


def is_json_lines(text: Text) -> bool:
    """Whether the file begins with a JSON object."""
    return re.match(rb'\{\s*("|\}\s*$)', _start(text)) is not None


def refuse_json(text: Text) -> None:
    """Refuses a JSON array, and an object over several lines."""
    start = _start(text)
    spread = re.match(rb'\{\s*[\r\n]+\s*"', start)
    if spread or (re.match(rb'\[\s*[\[{\]"\d]', start) and _is_array(start)):
        raise InputError(
            "is JSON, not a table", "save it as JSON lines or CSV", code="json", line=1
        )


def _is_array(start: bytes) -> bool:
    try:
        json.JSONDecoder().raw_decode(start.decode("utf-8", "ignore"))
    except (ValueError, RecursionError):
        return re.match(rb"\[\s*\{", start) is not None
    return True


def load_json_lines(
    target: Target, text: Text, limits: Limits, leave_out: LeaveOut
) -> tuple[Header, Rows]:
    """Creates the base table from JSON lines; null becomes the empty text."""
    objects = _objects(text, limits)
    first_line, first = next(objects)
    limits.check("max_columns", len(first), line=first_line)
    if not first:
        raise InputError(
            "is an object with no keys",
            "export the table again",
            code="json-shape",
            line=first_line,
        )
    names, notes = name_columns(Record(first_line, list(first), ""))
    header = Header(names, None, cells=names)

    def records() -> Iterator[Record]:
        yield Record(first_line, list(first.values()), "")
        for line, cells in objects:
            if cells.keys() != first.keys():
                raise _other_keys(line, set(first), set(cells))
            yield Record(line, [cells[key] for key in first], "")

    rows = load_records(target, records(), header, None, limits, leave_out)
    rows.notes[:0] = notes
    return header, rows


def _other_keys(line: int, first: set[str], keys: set[str]) -> InputError:
    missing, more = sorted(first - keys), sorted(keys - first)
    what = (
        f"lacks the key {shown(missing[0])!r}" if missing else f"has a new key {shown(more[0])!r}"
    )
    return InputError(
        what,
        "write the same keys on every line, null for a missing value",
        code="json-shape",
        line=line,
    )


def _objects(text: Text, limits: Limits) -> Iterator[tuple[int, dict[str, str]]]:
    """The line of each object, and its cells."""
    with text.path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _cells(line, number, limits)


def _cells(line: str, number: int, limits: Limits) -> dict[str, str]:
    try:
        cells = json.loads(
            line, object_pairs_hook=_flat, parse_float=str, parse_int=str, parse_constant=str
        )
        if not isinstance(cells, dict):
            raise _Shape("not an object")
        "".join(cells.values()).encode()
        limits.check("max_cell", max(map(len, cells.values()), default=0), line=number)
    except InputError:
        raise
    except (_Shape, RecursionError) as error:
        what = error if isinstance(error, _Shape) else "objects or lists within one another"
        raise InputError(
            f"is not a flat JSON object: {what}",
            "write one flat object per line",
            code="json-shape",
            line=number,
        ) from None
    except ValueError as error:
        reason = str(error).split(": line")[0]
        raise InputError(
            f"is not valid JSON ({reason[:80]})", "export the table again", code="json", line=number
        ) from None
    return cells


def _flat(pairs: list[tuple[str, Any]]) -> dict[str, str]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise _Shape("a key occurs twice")
    return {key: _text(value) for key, value in pairs}


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise _Shape("a value is an object or a list")
    if isinstance(value, str) and "\0" in value:
        raise _Shape("a value contains a NUL character")
    if isinstance(value, str):
        return value
    return {None: "", True: "true", False: "false"}[value]
