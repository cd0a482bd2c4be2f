"""Damaged files never crash or hang the reader: a tenth of the long run (`make stress`)."""

from __future__ import annotations

import pytest

from tests.data.fuzzing import batches, run

TENTH = 2_000


@pytest.mark.long
@pytest.mark.parametrize(("first", "last"), list(batches(TENTH, 1_000_000)))
def test_damaged_files_are_read_or_refused(first: int, last: int) -> None:
    done = run(first, last)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
