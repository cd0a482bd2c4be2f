"""Names that an analyst gave to segments, in a small YAML file that reports read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, FiniteFloat, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from segmentation.data.errors import InputError, shown
from segmentation.data.published.plain_yaml import NOT_PLAIN, WRITE_OUT, find_trick

LARGEST = 1_000_000  # bytes
LONGEST = 100  # characters of a name
AGAIN = "name the segments again in explore.ipynb"
HEAD = """\
# Names of segments, by their centres in the columns' own units: a report gives each name to the
# segment whose centre is where this one is, whatever its number.
"""
Column = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
Number = Annotated[FiniteFloat, Ge(-1e300), Le(1e300)]
Strict = ConfigDict(strict=True, extra="forbid", frozen=True)


class Named(BaseModel):
    """The name of a segment and its centre: a value of each feature, in original units."""

    model_config = Strict
    name: Name
    centre: Annotated[dict[Column, Number], MinLen(1), MaxLen(1_000)]


class _File(BaseModel):
    """The contents of the file."""

    model_config = Strict
    segments: Annotated[list[Named], MinLen(1), MaxLen(1_000)]


@dataclass(frozen=True)
class NamedSegments:
    """Names for segments of any report on the same features, and the name of their file."""

    segments: tuple[Named, ...]
    file: str

    @property
    def features(self) -> list[str]:
        """The features of the segments."""
        return list(self.segments[0].centre)

    def refuse(self, what: str, remedy: str) -> InputError:
        """An `InputError` about this file."""
        return InputError(what, f"{remedy}, or {AGAIN}", code="names", file=self.file)


def open_names(names: Sequence[str] | str | None) -> Sequence[str] | NamedSegments | None:
    """Returns a list of names as it is, or reads the file of that name.

    Raises `InputError` if the file does not exist or holds no names of segments.
    """
    if not isinstance(names, str):
        return names
    segments = _read(Path(names).expanduser()).segments
    named = NamedSegments(tuple(segments), Path(names).name)
    twice = [one.name for one in segments if [other.name for other in segments].count(one.name) > 1]
    if twice:
        raise _bad(names, f"two segments are named {twice[0]!r}", "give each a name of its own")
    if any(set(one.centre) != set(named.features) for one in segments):
        raise _bad(names, "its segments are not all on the same features", AGAIN)
    return named


def write_names(segments: Sequence[Named], path: Path) -> None:
    """Writes or replaces the file of names, and creates its folder."""
    text, yaml = io.StringIO(HEAD), YAML(typ="rt", pure=True)
    yaml.width = 10_000
    text.seek(0, io.SEEK_END)
    yaml.dump({"segments": [one.model_dump() for one in segments]}, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")


def _read(path: Path) -> _File:
    try:
        if path.stat().st_size > LARGEST:
            raise _bad(path, "is too large for a file of names", AGAIN)
        if not path.is_file():
            raise _bad(path, "names: this is no file", AGAIN)
        text = path.read_text(encoding="utf-8-sig")
        if (mark := find_trick(text)) is not None:
            raise _bad(path, NOT_PLAIN, WRITE_OUT, mark.line + 1)
        book: Any = YAML(typ="safe", pure=True).load(text)
        return _File.model_validate(book)
    except FileNotFoundError:
        raise InputError("names: there is no such file", AGAIN, code="no-file", file=path) from None
    except OSError as error:
        raise _bad(path, f"names: {error.strerror}", AGAIN) from None
    except ValidationError as error:
        raise _bad(path, _explain(error), AGAIN) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = " ".join(str(error.problem or "it is no YAML").split())
        raise _bad(path, f"it is no YAML: {problem}", AGAIN, line) from None
    except (YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise _bad(path, "it is no YAML", AGAIN) from None


def _bad(path: str | Path, what: str, remedy: str, line: int | None = None) -> InputError:
    return InputError(what, remedy, code="names-file", file=path, line=line)


def _explain(error: ValidationError) -> str:
    """The first fault: its place, and what belongs there."""
    first = error.errors()[0]
    place = [f"{part + 1}" if isinstance(part, int) else str(part) for part in first["loc"]]
    rule = first["msg"].removeprefix("Input ")
    where = shown(" ".join(place), 80) or "the file"
    return f"{where}: it {rule}".replace("it should", "it must")
