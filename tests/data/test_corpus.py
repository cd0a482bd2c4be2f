"""Every file of the shared malformed collections gets the verdict of its index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segmentation.data.errors import CODES, InputError
from tests.data.conftest import Verdict, corpus_entries, judge
from tests.data.raw import read_raw

pytestmark = pytest.mark.long
ENTRIES = corpus_entries()
needs_corpus = pytest.mark.skipif(not ENTRIES, reason="set SEGMENTATION_BADCSV to its folder")


def cases(naming: str = "") -> list[object]:
    """The entries whose right answer names what the pattern looks for."""
    return [
        pytest.param(path, entry, id=f"{path.parent.name}-{path.name}")
        for path, entry in ENTRIES
        if re.search(naming, entry["correct"])
    ]


def says_alternatively_read(entry: dict[str, str]) -> bool:
    return re.search(r"\bor read\b", entry["correct"]) is not None


@needs_corpus
@pytest.mark.parametrize(("path", "entry"), cases())
def test_verdict_is_that_of_the_index(path: Path, entry: dict[str, str]) -> None:
    verdict = judge(path)
    if too_small_or_no_ids(entry) and verdict.error is not None:
        assert verdict.error.code in ("one-row", "duplicate-ids", "no-values")
    elif entry["verdict"] == "refuse":
        assert verdict.error is not None or says_alternatively_read(entry)
    elif verdict.error is not None:
        assert re.search(r"\bor refuse\b", entry["correct"]), verdict.error
    elif entry["verdict"] == "read+warn":
        assert verdict.notes
    if verdict.error is not None:
        check_message(path, verdict)


def too_small_or_no_ids(entry: dict[str, str]) -> bool:
    """Whether the index means the reading alone: what is read need not be fit for segments."""
    shape = r"^\d+ ?x ?\d+|parsing only|duplicate ids|^kept|^cell text|listed|cleaned"
    return bool(re.search(shape, entry["correct"]))


def check_message(path: Path, verdict: Verdict) -> None:
    error = verdict.error
    assert error is not None
    message = str(error)
    assert message.startswith(path.name) and "; " in message
    assert len(message) <= 300 and message.isprintable()
    assert error.code in CODES and error.remedy and error.faults[0] is error


@needs_corpus
@pytest.mark.parametrize(("path", "entry"), cases())
def test_rows_kept_on_disk_are_the_same(path: Path, entry: dict[str, str]) -> None:
    assert judge(path, above=0).told() == judge(path).told()


@needs_corpus
@pytest.mark.parametrize(("path", "entry"), cases(r"\blines? \d+"))
def test_line_is_that_of_the_index(path: Path, entry: dict[str, str]) -> None:
    error = judge(path).error
    if error is not None and not says_alternatively_read(entry):
        named = re.search(r"\blines? (\d+)", entry["correct"])
        assert named and error.line == int(named.group(1))


@needs_corpus
@pytest.mark.parametrize(("path", "entry"), cases(r"^\d+(?: rows)? ?x ?\d+"))
def test_shape_is_that_of_the_index(path: Path, entry: dict[str, str]) -> None:
    shape = re.match(r"(\d+)(?: rows)? ?x ?(\d+)", entry["correct"])
    assert shape
    try:
        found = read_raw(path).frame.shape
    except InputError:
        assert entry["verdict"] == "refuse" or "or refuse" in entry["correct"]
    else:
        assert found == (int(shape.group(1)), int(shape.group(2)))
