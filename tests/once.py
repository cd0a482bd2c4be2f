"""Makes what several tests look at once a session, whichever worker needs it first."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock


@dataclass(frozen=True)
class Once:
    """A folder that all workers of a session share."""

    root: Path

    def make(self, key: object, build: Callable[[Path], object]) -> Path:
        """The folder of this key, which `build` fills unless a worker has filled it.

        Tests that change a file in it work on a copy.
        """
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        folder, done = self.root / name, self.root / f"{name}.done"
        with FileLock(self.root / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a build that failed
                folder.mkdir()
                build(folder)
                done.touch()
        return folder

    def compute(self, key: object, work: Callable[[], Any]) -> Any:
        """What `work` returns, as JSON keeps it."""
        folder = self.make(key, lambda path: (path / "is.json").write_text(json.dumps(work())))
        return json.loads((folder / "is.json").read_text())
