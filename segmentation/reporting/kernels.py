"""The kernels of runs: forked from a server that has imported everything, or started cold.

A fork starts in a tenth of the time that a new Python needs for its imports. Each kernel has its
own sockets, environment, empty folder and process group.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from segmentation.reporting.processes import (
    METHOD,
    SERVER,
    Processes,
    forking,
    kill,
    leave_server,
    start_server,
)

DEBUGGER = "debugpy"  # every kernel would import it, a tenth of a second, and no report uses it


class Kernels(Processes):
    """The kernels of one call, each with so many threads for linear algebra.

    `method` is how multiprocessing starts processes, by default as fast as the system can: from a
    server that has imported `modules`.
    """

    def __init__(self, modules: Sequence[str], threads: int, method: str | None = None):
        super().__init__(threads, method or METHOD)
        if self.method == SERVER:
            start_server(modules, threads)

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
        is_forked = self.method == SERVER
        provisioner = "segmentation-forked" if is_forked else "local-provisioner"

        class Manager(AsyncKernelManager):
            client_factory = Client
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


class Client(AsyncKernelClient):
    """Begins as soon as a kernel answers on both channels.

    jupyter_client's own then empties one of them for a fifth of a second; what is left there
    belongs to no cell, so that nbclient takes no notice of it.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Returns once the kernel answers; raises `RuntimeError` if it dies or the time is over."""
        end = time.monotonic() + (inf if timeout is None else timeout)
        while not await self._has_answered():
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _has_answered(self) -> bool:
        self.kernel_info()
        try:
            reply = await self.get_shell_msg(timeout=1)
            if reply["msg_type"] != "kernel_info_reply":
                return False
            await self.get_iopub_msg(timeout=0.2)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the server; otherwise like jupyter_client's own provisioner."""

    async def kill(self, restart: bool = False) -> None:
        """Kills the kernel and waits for its end; the manager looks every tenth of a second."""
        await super().kill(restart)
        if self.process is not None:
            self.process.wait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Forks a kernel with the arguments of `cmd`, the command that would start it cold."""
        words = cmd[cmd.index("ipykernel_launcher") + 1 :]
        context: Any = multiprocessing.get_context(SERVER)
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


def _clean_path() -> list[str]:
    """Returns where a kernel looks for modules: neither in its folder nor beside the command."""
    beside = {"", str(Path(sys.argv[0]).resolve().parent)}
    return [place for place in sys.path if place not in beside]
