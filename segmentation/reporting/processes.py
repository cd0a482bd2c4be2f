"""The processes that one call starts: their environment and folder, forked, stopped together."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType

from segmentation.reporting.scratch import make_scratch

SERVER = "forkserver"  # multiprocessing's name for it
METHOD = SERVER if sys.platform == "linux" else "spawn"
OWN = ("segmentation.reporting.kernels", "segmentation.reporting.apart")
KERNEL = ("ipykernel.kernelapp", "ipykernel.zmqshell", "matplotlib.pyplot")
READER = ("segmentation.reporting.inputs", "ibis.backends.duckdb")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Named here but not imported: imported before a fork it would swallow every figure.
BACKEND = "module://matplotlib_inline.backend_inline"

# At its end the interpreter would search everything imported for garbage, half a second long, here
# and in the server, whose end a caller waits for that reads what is printed.
atexit.register(gc.freeze)


class Processes:
    """The processes of one call, each with so many threads for linear algebra.

    `method` is how multiprocessing starts them. `environment` is added to the caller's. All
    temporary files lie below `folder`.
    """

    def __init__(self, threads: int, method: str):
        self.threads, self.folder, self.method = threads, make_scratch(self), method
        self.environment = make_environment(threads)
        self._live: set[int | None] = set()
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Returns whether the call was interrupted."""
        return self._stopped

    def stop(self) -> None:
        """Kills every registered process, and any that starts later."""
        with self._lock:
            self._stopped = True
            live = list(self._live)
        for pid in live:
            kill(pid)

    def register(self, pid: int | None) -> None:
        """Notes a process that ends with the call; it is killed if the call was interrupted."""
        with self._lock:
            self._live.add(pid)
            stopped = self._stopped
        if stopped:
            kill(pid)

    def forget(self, pid: int | None) -> None:
        """Notes that a process has ended."""
        with self._lock:
            self._live.discard(pid)


def make_environment(threads: int) -> dict[str, str]:
    """Returns what processes have in their environment beside the caller's own.

    The caller's settings of Matplotlib and IPython stay out of reports.
    """
    own = {"MPLBACKEND": BACKEND, "PYTHONSAFEPATH": "1", "MATPLOTLIBRC": os.devnull}
    return own | dict.fromkeys(THREADS, str(threads))


def start_server(modules: Sequence[str], threads: int) -> None:
    """Starts the server to fork from, if the system has one; a server that runs is kept.

    It gets its final environment at once, because libraries read that when they are imported.
    """
    if METHOD != SERVER:
        return
    context = multiprocessing.get_context(SERVER)
    context.set_forkserver_preload([*OWN, *KERNEL, *READER, *modules])
    before, here = dict(os.environ), Path.cwd()
    try:
        os.environ.update(make_environment(threads))
        os.chdir(os.sep)  # Matplotlib would read a matplotlibrc of the caller's folder first
        forkserver.ensure_running()
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def leave_server() -> None:
    """Makes a forked process independent of the server.

    Its copy of the pipe that keeps the server alive is closed: held open, it would keep the server
    after its caller was killed. What the server imported is not searched for garbage: that took
    half of the time of a short kernel.
    """
    gc.freeze()
    with suppress(OSError, TypeError):
        os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]


_FORK = threading.Lock()


@contextmanager
def forking() -> Iterator[None]:
    """Allows one fork at a time; multiprocessing does not import the caller's main module."""
    with _FORK:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def kill(pid: int | None) -> None:
    """Kills a process and its group."""
    if pid is None:
        return
    for send in (os.killpg, os.kill):
        with suppress(OSError):
            send(pid, signal.SIGKILL)
