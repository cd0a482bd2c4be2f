"""Damaged model files by the thousand: each is refused in one line, or places customers safely.

`python -m tests.analysis.mutating --count 10000` is the long run (`make stress`); the tests do a
tenth. Most have a checksum that fits what was changed, as a forger would write it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from segmentation.analysis import fit_scales, place_customers, take_sample
from segmentation.analysis.fitting.clustering import fit_segments
from segmentation.analysis.later import compile_sql, describe_model, load_model, score_rows
from segmentation.analysis.later.model_file import checksum
from segmentation.analysis.portraits.profiles import describe_segments
from segmentation.data import InputError, check_columns, open_source

ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    10**30,
    1e308,
    -1e308,
    5e-324,
    float("nan"),
    float("inf"),
    "",
    "x" * 2_000,
    "\ud800",
    "__import__('os').system('false')",
    "'; DROP TABLE x",
    '"',
    "\\",
    "\0",
    [],
    {},
    [[]],
    [1e300] * 3,
    {"a": 1},
]
BYTES = [b"NaN", b"Infinity", b'"', b"{", b"[" * 3_000, b"\0", b"\xff", b"1e999", b"-", b"!!python"]
FAR = [0.0, -1.0, 1e12, -1e12, None]


def make_model(algorithm: str) -> dict[str, Any]:
    """A model of a small table: two features, one of them logged."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"age": rng.normal(40, 9, 300), "spend": rng.lognormal(3, 2, 300)})
    source = open_source(frame)
    columns = check_columns(source)
    sample = take_sample(source.table, fit_scales(source.table, columns.features), seed=0)
    fit = fit_segments(sample.X, sample.weights, 3, 0, algorithm)
    segmentation = place_customers(sample, fit)
    names = pd.Series(["Young", "Old", "Rich"], segmentation.numbers)
    profiles = describe_segments(segmentation, columns)
    portraits: Any = SimpleNamespace(profiles=profiles, names=names)  # all that a model needs
    model = describe_model(segmentation, portraits, columns, "clear groups")
    assert model is not None
    return model


def mutate(model: dict[str, Any], draw: random.Random) -> bytes:
    """The model's file after a few changes of its values, its keys or its bytes."""
    record = json.loads(json.dumps(model))
    for _ in range(draw.choice([1, 1, 2, 4])):
        _change(record, draw)
    if draw.random() < 0.7:
        record["checksum"] = checksum(record)
    data = json.dumps(record).encode()
    if draw.random() < 0.3:
        at = draw.randrange(len(data))
        data = data[:at] + draw.choice(BYTES) + data[at + draw.randrange(9) :]
    return data


def _change(record: Any, draw: random.Random) -> None:
    """One value somewhere in the record replaced, removed, doubled, or put under another name."""
    places = list(_places(record))
    holder, key = draw.choice(places)
    kind = draw.randrange(4)
    if kind == 0 or (isinstance(holder[key], float) and kind < 3):
        value = holder[key]
        near = isinstance(value, float) and draw.random() < 0.6
        holder[key] = value * draw.choice([-1, 0, 2, 1e6, 1e-300]) if near else draw.choice(ODD)
    elif kind == 1:
        del holder[key]
    elif isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[draw.choice(["extra", "name", "__class__"])] = holder[key]


def _places(part: Any) -> Any:
    if isinstance(part, dict | list):
        keys = list(part) if isinstance(part, dict) else range(len(part))
        for key in keys:
            yield part, key
            yield from _places(part[key])


def outcome(path: Path) -> str:
    """`refused`, `harmless`, or what went wrong."""
    try:
        model = load_model(path)
        rows = pd.DataFrame({scale.feature: FAR for scale in model.scales}, dtype=float)
        source = open_source(rows)
        scored = score_rows(source.table, model)[0].to_pandas()
        compile_sql(json.loads(path.read_text(encoding="utf-8")))
    except InputError as error:
        return "refused" if "\n" not in str(error) and len(str(error)) <= 300 else f"said: {error}"
    except Exception as error:  # what the proof is looking for
        return f"{type(error).__name__}: {error}"[:300]
    known = set(model.numbers) | {None}
    found = {None if pd.isna(n) else int(n) for n in scored["__segment__"]}
    return "harmless" if found <= known else f"segments {found} of {known}"


def run(count: int, first: int = 0) -> Counter[str]:
    """Counts how `count` damaged models ended."""
    models = [make_model(algorithm) for algorithm in ("kmeans", "gmm")]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        for seed in range(first, first + count):
            draw = random.Random(seed)
            path.write_bytes(mutate(draw.choice(models), draw))
            counts[outcome(path)] += 1
    return counts


def main() -> int:
    """Runs the proof and prints how the files ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    counts = run(parser.parse_args().count)
    for ended, n in counts.most_common():
        print(f"{n:>7,}  {ended}")
    return int(bool(set(counts) - {"refused", "harmless"}))


if __name__ == "__main__":
    sys.exit(main())
