"""Rows that several tests of the fits share."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs


@pytest.fixture(scope="session")
def blobs() -> np.ndarray:
    """300 rows in four groups."""
    return make_blobs(300, 3, centers=4, random_state=2)[0]
