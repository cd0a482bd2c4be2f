"""The kernels of runs: forked from a server that has imported everything, or started cold.

A fork starts in a tenth of the time that a new Python needs for its imports. Each kernel has its
own sockets, environment, empty folder and process group.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from segmentation.reporting.scratch import make_scratch

ALWAYS = ("ipykernel.kernelapp", "ipykernel.zmqshell", "matplotlib.pyplot")
READER = ("segmentation.reporting.apart", "segmentation.reporting.inputs", "ibis.backends.duckdb")
DEBUGGER = "debugpy"  # every kernel would import it, a tenth of a second, and no report uses it
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Named here but not imported: imported before a fork it would swallow every figure.
BACKEND = "module://matplotlib_inline.backend_inline"


class Kernels:
    """The kernels of one call, each with so many threads for linear algebra.

    `method` is how multiprocessing starts processes, by default as fast as the system can: from a
    forkserver that has imported `modules`. `environment` is added to the caller's. All temporary
    files lie below `folder`.
    """

    def __init__(self, modules: Sequence[str], threads: int, method: str | None = None):
        # The caller's own settings of Matplotlib and IPython stay out of reports.
        self.environment = {
            "MPLBACKEND": BACKEND,
            "PYTHONSAFEPATH": "1",
            "MATPLOTLIBRC": os.devnull,
        }
        self.threads, self.folder = threads, make_scratch(self)
        self.environment |= dict.fromkeys(THREADS, str(threads))
        self.method = method or ("forkserver" if sys.platform == "linux" else "spawn")
        self._live: set[int | None] = set()
        self._lock = threading.Lock()
        self._stopped = False
        if self.method == "forkserver":
            _start_server([__name__, *ALWAYS, *READER, *modules], self.environment)

    @contextmanager
    def prepare(
        self, environment: Mapping[str, str], deadline: float | None = None
    ) -> Iterator[tuple[type[AsyncKernelManager], Callable[[], int | None]]]:
        """Yields a manager class for one kernel with this added environment, and its exit code.

        The kernel is killed after `deadline` seconds, and in any case at the end.
        """
        # A fresh one, as kernels that share a folder talk to each other's clients.
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "cwd").mkdir()
        own = {"IPYTHONDIR": str(folder / "ipython"), "TMPDIR": str(folder)}
        env = {**os.environ, **self.environment, **environment, **own}
        kernels = self
        started: list[Any] = []
        is_forked = self.method == "forkserver"
        provisioner = "segmentation-forked" if is_forked else "local-provisioner"

        class Manager(AsyncKernelManager):
            kernel_spec = KernelSpec(
                argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                display_name="Python 3",
                language="python",
                metadata={"kernel_provisioner": {"provisioner_name": provisioner}},
            )

            def __init__(self, **more: Any):
                paths = {"ip": str(folder / "s"), "connection_file": str(folder / "c.json")}
                super().__init__(**more, transport="ipc", **paths)

            async def start_kernel(self, **more: Any) -> None:  # type: ignore[override]
                await super().start_kernel(**more, env=env, cwd=str(folder / "cwd"))
                assert isinstance(self.provisioner, LocalProvisioner)
                started.append(self.provisioner.process)
                kernels.register(self.provisioner.pid)

        def find_exit_code() -> int | None:
            return started[-1].poll() if started else None

        timer = threading.Timer(
            deadline or 0, lambda: list(map(kill, [one.pid for one in started]))
        )
        if deadline is not None:
            timer.daemon = True
            timer.start()
        try:
            yield Manager, find_exit_code
        finally:
            timer.cancel()
            for process in started:
                kill(process.pid)
                self.forget(process.pid)
            shutil.rmtree(folder, ignore_errors=True)

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


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the server; otherwise like jupyter_client's own provisioner."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Forks a kernel with the arguments of `cmd`, the command that would start it cold."""
        words = cmd[cmd.index("ipykernel_launcher") + 1 :]
        context = multiprocessing.get_context("forkserver")
        process = context.Process(
            target=become_kernel, args=(words, dict(kwargs["env"]), kwargs["cwd"], _clean_path())
        )
        with forking():
            process.start()
        self.process = Forked(process)  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        return self.connection_info


class Forked:
    """A forked process with the interface of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess):
        self._process, self.pid = process, process.pid

    def poll(self) -> int | None:
        """Returns the exit code; None while it runs."""
        return None if self._process.is_alive() else self._process.exitcode

    def wait(self) -> int | None:
        """Waits for the end and returns the exit code."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """Sends the signal to the process alone."""
        assert self.pid is not None
        os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kills the process alone."""
        self.send_signal(signal.SIGKILL)

    terminate = kill


def become_kernel(words: Sequence[str], env: dict[str, str], cwd: str, path: list[str]) -> None:
    """Turns a forked process into a kernel with its own session, environment and folder."""
    os.setsid()
    leave_server()
    sys.modules[DEBUGGER] = None  # type: ignore[assignment]
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # the server's, if it ever asked
    os.chdir(cwd)
    sys.path[:] = path
    sys.argv[:] = ["ipykernel_launcher", *words]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    from ipykernel.kernelapp import launch_new_instance

    # The variable for this was read when the server imported ipykernel.
    words = [*words, f"--IPKernelApp.parent_handle={os.getppid()}"]
    launch_new_instance([*words, "--InteractiveShellApp.ignore_cwd=True"])


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


def _start_server(modules: Sequence[str], environment: Mapping[str, str]) -> None:
    """Starts the server with its final environment: libraries read it when they are imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    before, here = dict(os.environ), Path.cwd()
    try:
        os.environ.update(environment)
        os.chdir(os.sep)  # Matplotlib would read a matplotlibrc of the caller's folder first
        forkserver.ensure_running()
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)


def _clean_path() -> list[str]:
    """Returns where a kernel looks for modules: neither in its folder nor beside the command."""
    beside = {"", str(Path(sys.argv[0]).resolve().parent)}
    return [place for place in sys.path if place not in beside]


def kill(pid: int | None) -> None:
    """Kills a process and its group."""
    if pid is None:
        return
    for send in (os.killpg, os.kill):
        with suppress(OSError):
            send(pid, signal.SIGKILL)
