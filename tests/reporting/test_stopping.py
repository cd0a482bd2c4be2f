"""Stopped by a person, a scheduler or a kill: no child is left, finished reports stay."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.conftest import ROOT
from tests.reporting.conftest import write_notebook

PATIENCE = 300  # seconds that a busy machine may take
SLOW = "import time; time.sleep(0 if k == 2 else 3_000)"  # longer than the test waits


@pytest.fixture
def start(tmp_path):
    """Starts three runs and waits for the first, the only one that ends."""
    (tmp_path / "customers.csv").write_text("spend,visits\n1,2\n3,5\n4,9\n8,1\n9,7\n")
    book = write_notebook(tmp_path / "slow.ipynb", SLOW)
    table, reports = str(tmp_path / "customers.csv"), str(tmp_path / "reports")
    words = ["--notebook", str(book), "--dataset", table, "--reports", reports]
    words += ["--k", "2", "3", "4", "--jobs", "2", "--pdf", "never"]
    command = [sys.executable, str(ROOT / "run_reports.py"), *words]
    runner = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "reports" / "customers-k2").exists():
        assert runner.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    yield runner
    runner.kill()
    runner.communicate()


def heed_interrupts() -> None:
    """Restores interrupts, which a shell ignores for tests started in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def list_family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_nothing_outlives_the_runner(start, sent, code, tmp_path):
    family = list_family(start.pid)
    assert len(family) >= 2
    start.send_signal(sent)
    out, err = start.communicate(timeout=PATIENCE)
    assert start.returncode == code, err
    assert "Traceback" not in err and "customers-k2" in out
    gone, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive and gone
    kept = json.loads((tmp_path / "reports" / "customers-k2" / "run.json").read_text())
    assert kept["parameters"]["k"] == 2
    assert not list((tmp_path / "reports").glob("customers-k[34]"))
    assert not (tmp_path / "reports" / ".failed").exists()
