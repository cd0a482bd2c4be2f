"""Odd words, runs files, tables and pages end in one line, never in a traceback."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pytest

from segmentation.reporting.command import main

LONG = f"0x{'f' * 5_000}"
DEEP = f"a: {'[' * 400}{']' * 400}\n"
LISTS = "a:\n  dataset: t.csv\n" + "".join(
    f"  {name}: {list(range(2, 101))}\n" for name in ("k", "k_max", "seed")
)
MADE = {"run": "x", "parameters": {}, "made_of": {}, "result": {}, "result_sha256": "0"}
PAGES = {
    "deep": "[" * 20_000,
    "list": json.dumps(MADE | {"parameters": [1]}),
    "text": json.dumps(MADE | {"parameters": "k"}),
    "null": json.dumps(MADE | {"parameters": None}),
    "run": json.dumps(MADE | {"run": ["x"]}),
    "nul": json.dumps(MADE),
}


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Runs the command in an empty folder with a table; its exit code and lines."""
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"spend": range(9), "visits": range(9)}).to_csv("t.csv", index=False)

    def run(*words: str) -> tuple[int, list[str]]:
        code = main([*words, "--reports", str(tmp_path / "reports")])
        said = capsys.readouterr()
        return code, (said.out + said.err).splitlines()

    return run


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        (f"k={LONG}", "less than or equal to 100"),
        (f"seed={LONG}", "less than or equal to 4294967294"),
        ("seed=4294967295", "less than or equal to 4294967294"),
    ],
    ids=["k", "seed", "bound"],
)
def test_a_number_without_end_is_refused(run, word, remedy):
    code, lines = run("t.csv", "--dry-run", "--set", word)
    assert code == 2 and len(lines) == 1 and remedy in lines[0]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (DEEP, "nested too deep"),
        (LISTS, "more than 1,000 runs"),
        (f"a:\n  dataset: t.csv\n  k: {LONG}\n", "line 3, column 3: k: it must be less"),
        ('a:\n  dataset: "pl\\0ain.csv"\n', "cannot hold a NUL"),
    ],
    ids=["deep", "lists", "long", "nul"],
)
def test_a_runs_file_is_refused_in_one_line(run, tmp_path, text, remedy):
    (tmp_path / "odd.yaml").write_text(text)
    code, lines = run("--config", "odd.yaml", "--dry-run")
    assert code == 2 and len(lines) == 1 and remedy in lines[0]


@pytest.mark.parametrize("made", PAGES.values(), ids=PAGES)
def test_a_crafted_page_is_refused_in_one_line(run, tmp_path, made):
    (tmp_path / "report.html").write_text(f'<script id="made">{made}</script>')
    (tmp_path / "run.json").write_text(json.dumps({"found_at": "pl\0ain.csv"}))
    code, lines = run("--rerun", "report.html")
    assert code == 2 and len(lines) == 1


def test_a_link_to_itself_is_refused(run, tmp_path):
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    code, lines = run("loop.csv", "--check")
    assert code == 3 and lines[0] == "loop: refused"


def test_a_table_of_bytes_alone_is_refused(run, tmp_path):
    with sqlite3.connect(tmp_path / "bytes.db") as con:
        con.execute("create table t as select x'01' a, x'02' b union all select x'03', x'04'")
    con.close()
    code, lines = run("sqlite:///bytes.db", "--check")
    assert code == 3 and "holds bytes" in lines[1]


def test_no_control_character_of_a_name_reaches_the_terminal(run):
    pd.DataFrame({"sp\x1b[31mend": range(9), "visits": range(9)}).to_csv("t.csv", index=False)
    code, lines = run("t.csv", "--check")
    assert code == 0 and "\x1b" not in "".join(lines)
    assert not any("--features" in line for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such name")
def test_a_name_that_is_no_text_is_refused(run):
    Path("t.csv").rename(os.fsdecode(b"Ums\xe4tze.csv"))
    code, lines = run(os.fsdecode(b"Ums\xe4tze.csv"), "--check")
    assert code in (2, 3) and "rename" in " ".join(lines)
