"""A full disk and too little memory are not blamed on the data."""

from __future__ import annotations

import errno
import gzip

import duckdb
import pytest

from segmentation.data import InputError
from segmentation.data.machine import MachineError, find_machine_fault
from segmentation.data.source import open_source
from segmentation.data.text import containers
from segmentation.reporting.outcome import as_fault

FAULTS = [
    (OSError(errno.ENOSPC, "No space left on device"), "disk full"),
    (OSError("Error writing bytes to file. Detail: No space left on device"), "disk full"),
    (duckdb.IOException("Could not write: No space left on device"), "disk full"),
    (MemoryError(), "out of memory"),
    (RuntimeError("can't start new thread"), "out of memory or threads"),
    (duckdb.OutOfMemoryException("failed to allocate"), "out of memory"),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), "out of memory"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=lambda value: str(value)[:24])
def test_a_fault_of_the_machine_is_not_the_datas(fault, words, tmp_path, monkeypatch):
    path = tmp_path / "plain.csv.gz"
    path.write_bytes(gzip.compress(b"spend,visits\n1,2\n3,4\n"))

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(containers, "_copy_bounded", fail)
    with pytest.raises(MachineError, match=words) as caught:
        open_source(path)
    outcome = as_fault(caught.value)
    assert outcome.status == "failed" and words in outcome.reason
    assert ("TMPDIR" in outcome.reason) == (words == "disk full")


def test_a_damaged_file_still_is_the_datas_fault(tmp_path):
    path = tmp_path / "plain.csv.gz"
    path.write_bytes(gzip.compress(b"spend,visits\n1,2\n3,4\n" * 99)[:-20])
    with pytest.raises(InputError, match="gzip"):
        open_source(path)


def test_data_that_quotes_such_words_is_still_refused():
    said = InputError(
        "'No space left on device' is no number", "mend it", code="text-among-numbers"
    )
    assert find_machine_fault(said) is None
