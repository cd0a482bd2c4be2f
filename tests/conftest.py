"""Shared pieces: small tables to segment, where optional real tables are, a real browser."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sklearn.datasets import make_blobs
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from segmentation.reporting.kernels import Kernels
from segmentation.reporting.notebooks import list_imports, load_notebook
from segmentation.reporting.pdf import BROWSER_FLAGS, find_browser
from tests.data.servers import Server, find_binaries, running_server
from tests.once import Once
from tests.still import VIEW

# Hypothesis fails an example that takes longer than others: on a busy machine any may.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", *BROWSER_FLAGS]


def draw_customers() -> pd.DataFrame:
    """60 customers in three clear groups, with an id, a category and a gap in `visits`."""
    X, group = make_blobs([30, 20, 10], 2, centers=None, random_state=3, cluster_std=0.6)
    frame = pd.DataFrame({"customer_id": [f"C{n:03d}" for n in range(60)]})
    frame["spend"] = np.round(200 + 20 * X[:, 0], 2)
    frame["visits"] = np.round(50 + 3 * X[:, 1], 1)
    frame["city"] = np.array(["Ulm", "Kiel", "Bonn"])[group]
    frame.loc[7, "visits"] = np.nan
    return frame


@pytest.fixture
def customers() -> pd.DataFrame:
    """These customers, for a test to change."""
    return draw_customers()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What this session has made so far, shared by its workers."""
    folder = tmp_path_factory.getbasetemp()
    root = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "once"
    root.mkdir(exist_ok=True)
    return Once(root)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real customer tables; the test is skipped where there is none."""
    folder = os.environ.get("SEGMENTATION_SAMPLES")
    if not folder:
        pytest.skip("SEGMENTATION_SAMPLES names no folder of customer tables")
    return Path(folder)


def find_sample(folder: Path, sign: str) -> Path:
    """The first file of the folder's tables that has this text near its beginning."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix in (".csv", ".txt"):
            with path.open("rb") as file:
                if sign.encode() in file.read(400):
                    return path
    pytest.skip(f"no table with {sign!r} in the folder of customer tables")


@pytest.fixture(scope="session")
def kernels() -> Kernels:
    """Warm kernels, if this system has them; a test that runs the command needs them, too.

    Their server keeps the first list of modules that it gets, here what the report imports.
    """
    return Kernels(list_imports(load_notebook(ROOT / "notebooks" / "segmentation.ipynb")), 1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server with an empty database `shop`; skipped where none is installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: run tests/install_system_parts.sh")
    with running_server(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; skipped where none is installed."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium: run tests/install_system_parts.sh")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


# Files in which a test builds on what another one left.
TOGETHER = {
    "tests/data/test_spark.py",  # one session a process
    "tests/lab/test_lab.py",
    "tests/reporting/test_comparing.py",
    "tests/reporting/test_scoring.py",
}


class Scheduling(LoadScopeScheduling):
    """Hands out tests one by one, but a notebook, whose cells share a kernel, as a whole.

    Not xdist's own loadgroup: version 3.8 takes no notice of groups under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return path if path.endswith(".ipynb") or path in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """How `pytest -n 2` shares the tests out."""
    return Scheduling(config, log)


# What a test needs beyond this process, or for long, by its fixtures.
NEEDED_BY = {
    "kernel": {"kernels"},
    "browser": {"browser"},
    "server": {"postgres", "lab"},
    "long": {"samples"},
}


@pytest.fixture(autouse=True)
def _no_unmarked_kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that starts a kernel says so, that `make quick` can leave it out."""
    if request.node.get_closest_marker("kernel") is None:
        monkeypatch.setattr(Kernels, "prepare", lambda *_: pytest.fail("mark it: kernel"))


def pytest_fixture_setup(request: pytest.FixtureRequest) -> None:
    """Fails a test that needs more than its markers say."""
    for name, fixtures in NEEDED_BY.items():
        if request.fixturename in fixtures and not request._pyfuncitem.get_closest_marker(name):
            pytest.fail(f"mark it: {name}")


def pytest_collection_finish() -> None:
    """Searches for garbage among what the tests make, not among all that was imported."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they need; the cells of a notebook need its kernel."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for name, fixtures in NEEDED_BY.items():
            if fixtures & used:
                item.add_marker(name)
        if "[gmm" in item.name:
            item.add_marker("long")  # a mixture takes seconds to fit
        if hasattr(item.parent, "skip_compare"):
            # nbval compares all but pictures, drawn with the machine's fonts, and widgets' ids.
            drawn = ("image/svg+xml", "image/png", VIEW)
            item.parent.skip_compare = (*item.parent.skip_compare, *drawn)
            item.add_marker("kernel")
