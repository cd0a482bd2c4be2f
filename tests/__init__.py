"""One thread of linear algebra for each worker and what it starts: there are as many as cores."""

import os

# Before NumPy is imported anywhere: its libraries read these once.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
