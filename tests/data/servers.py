"""A local PostgreSQL server for the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

PASSWORD = "s3cr@t/pass:w%rd&'"
PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")


@dataclass(frozen=True)
class Server:
    """A running server: its address and its user."""

    port: int
    user: str = "reader"
    password: str = PASSWORD

    def url(self, database: str = "shop", password: str | None = None) -> str:
        """The URL of a database on it."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{self.user}:{secret}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "shop") -> list[tuple[object, ...]]:
        """Runs statements with the right to write; returns the rows of the last one."""
        with psycopg.connect(self.url(database), autocommit=True) as con:
            for statement in statements:
                cursor = con.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def copy(self, table: str, text: str, database: str = "shop") -> None:
        """Fills a table with the rows of a CSV that has a header."""
        sql = f"COPY {table} FROM STDIN (FORMAT csv, HEADER)".encode()
        with (
            psycopg.connect(self.url(database), autocommit=True) as con,
            con.cursor() as cursor,
            cursor.copy(sql) as into,
        ):
            into.write(text)


def find_binaries() -> Path | None:
    """The folder of initdb and postgres of the newest version; None if not installed."""
    found = [path for place in PLACES for path in Path(place).glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: _version(path)).parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """A temporary server on loopback with a password."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        _hand_over(folder)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        _hand_over(secret)
        data, port = folder / "data", _free_port()
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "reader",
            "-A",
            "scram-sha-256",
            "--pwfile",
            secret,
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
            folder=folder,
        )
        options = f"-p {port} -k {folder} -h 127.0.0.1 -F -c lc_messages=C"
        control = (binaries / "pg_ctl", "-D", data, "-w", "-t", "60")
        _run(*control, "-o", options, "-l", folder / "log", "start", folder=folder)
        try:
            server = Server(port)
            server.run("CREATE DATABASE shop", database="postgres")
            yield server
        finally:
            _run(*control, "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*words: object, folder: Path) -> None:
    """Runs a program of PostgreSQL; those refuse root, so root runs it as another user."""
    drop = []
    if os.geteuid() == 0:
        name = _unprivileged().pw_name
        drop = ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--"]
    log = folder / "said"  # no pipe: the server would keep it open for as long as it runs
    with log.open("w") as said:
        done = subprocess.run(
            [*drop, *map(str, words)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    if done.returncode:
        raise RuntimeError(f"{Path(str(words[0])).name} failed: {log.read_text()}")


def _hand_over(path: Path) -> None:
    path.chmod(0o700 if path.is_dir() else 0o600)
    if os.geteuid() == 0:
        user = _unprivileged()
        os.chown(path, user.pw_uid, user.pw_gid)


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts[-3].split(".") if part.isdigit())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
