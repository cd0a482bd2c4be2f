"""Damaged files by the thousand, read in a process with limits on its CPU time and memory.

`python -m tests.data.fuzzing --count 20000` is the long run (`make stress`); the tests do a tenth.
Prints what has crashed or taken too long, and ends with 1 if anything has.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import ibis

from segmentation.data.errors import InputError
from segmentation.data.rows.identity import check_customers
from segmentation.data.rows.table import Rows
from segmentation.data.text.reading import load_text
from segmentation.data.values.typed import type_table
from tests.data.pollution import TABLES, polluted
from tests.data.raw import connect

SECONDS_PER_FILE = 20
MEMORY = 6 << 30
LARGEST = 300_000
TOKENS = [
    b'"',
    b'""',
    b"\n",
    b"\r",
    b"\r\n",
    b",",
    b";",
    b"\t",
    b"|",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"1e400",
    b"inf",
    b"#REF!",
    b"NA",
    b"31/12/2024",
    b"1.234,56",
    b"(12)",
    b"%",
    b"\xe2\x82\xac",
    b"{",
    b"[",
    b"<html>",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"sep=;\n",
    b"'",
    b"\\",
    b"Total",
    b"\xd9\xa3",
    b" " * 50,
    b"9" * 400,
    b"\x1b[31m",
    b"\xc2\x85",
]


def seeds() -> list[bytes]:
    """What is damaged: the shared collections, if present, and polluted tables of our own."""
    root = os.environ.get("SEGMENTATION_BADCSV")
    files = sorted(p for p in Path(root).rglob("*") if p.is_file()) if root else []
    shared = [p.read_bytes() for p in files if p.stat().st_size < LARGEST and p.suffix != ".json"]
    ours = [case.data for name, table in TABLES.items() for case in polluted(name, table)]
    return shared * 4 + ours + [gzip.compress(data, mtime=0) for data in ours[:20]]


def damage(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    """The data after a few flips, cuts, copies, splices and insertions."""
    for _ in range(draw.choice([1, 1, 2, 3, 8])):
        a, b = sorted((draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)))
        kind = draw.randrange(7)
        if kind == 0 and data:
            place = draw.randrange(len(data))
            data = data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :]
        elif kind == 1:
            data = data[:a]
        elif kind == 2:
            data = data[:b] + data[a:b] * draw.choice([1, 2, 50]) + data[b:]
        elif kind == 3:
            data = data[:a] + data[b:]
        elif kind == 4:
            other = draw.choice(others)
            data = data[:a] + other[draw.randrange(len(other) + 1) :][:2000] + data[a:]
        else:
            data = data[:a] + draw.choice(TOKENS) * draw.choice([1, 1, 1, 3]) + data[a:]
    return data[:LARGEST]


def outcome(path: Path) -> str:
    """`read`, a reason code, or what went wrong."""
    start = time.process_time()
    try:
        with connect() as con:
            loaded = load_text(con, path)
            typed = type_table(con, loaded)
            typed.check()
            tables = ibis.duckdb.from_connection(con)
            typed_rows, written = tables.table(typed.table), tables.table(loaded.table)
            check_customers(Rows(typed_rows, loaded.file, written, loaded.line))
            verdict = "read"
    except InputError as error:
        text = str(error)
        good = len(text) <= 300 and text.isprintable()
        verdict = f"refused {error.code}" if good else f"BAD MESSAGE {text!r}"
    except BaseException as error:  # a crash is what this looks for
        verdict = f"CRASH {type(error).__name__}: {error}"
    if time.process_time() - start > SECONDS_PER_FILE:
        return f"SLOW {verdict}"
    return verdict


def work(first: int, last: int) -> int:
    """Damages and reads files number first to last; 1 when anything but a verdict came out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    cpu = 60 + (last - first) * 2
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    sources = seeds()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.csv"
        for number in range(first, last):
            draw = random.Random(number)
            data = damage(draw.choice(sources), draw, sources)
            path.write_bytes(data)
            verdict = outcome(path)
            counts[verdict.split(" ")[0]] += 1
            if verdict.startswith(("CRASH", "SLOW", "BAD")):
                print(f"seed {number}: {verdict[:400]}: {data[:300]!r}")
    print(dict(counts))
    return int(any(kind in counts for kind in ("CRASH", "SLOW", "BAD")))


def run(first: int, last: int) -> subprocess.CompletedProcess[str]:
    """Does the work in a separate process, so that limits and crashes stay there."""
    command = [sys.executable, "-m", "tests.data.fuzzing", "--work", str(first), str(last)]
    return subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )


def batches(count: int, seed: int, size: int = 500) -> Iterator[tuple[int, int]]:
    """The seeds of each process."""
    for first in range(seed, seed + count, size):
        yield first, min(first + size, seed + count)


def main() -> int:
    """The long run, or one worker of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=int, nargs=2)
    options = parser.parse_args()
    if options.work:
        return work(*options.work)
    bad = 0
    for first, last in batches(options.count, options.seed):
        done = run(first, last)
        bad += done.returncode != 0
        print(first, last, done.returncode, done.stdout.strip(), done.stderr[-500:], flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
