"""The benchmark of whole commands: what it runs as the plain way, and what it prints."""

from __future__ import annotations

import sys

import nbformat

from benchmarks.bench_report import (
    AGAIN,
    HELP,
    PANDAS,
    PLAIN,
    SWEEP,
    Turns,
    list_reports,
    say_commands,
    write_tutorial,
)


def test_the_plain_way_is_a_notebook_on_the_twenty_customers(tmp_path):
    book = nbformat.read(write_tutorial(tmp_path), as_version=4)
    nbformat.validate(book)
    assert "customers.csv" in book.cells[1].source and "{" not in book.cells[1].source
    assert "KMeans" in book.cells[3].source


def test_twelve_reports_are_compared_with_twelve_plain_ones(tmp_path):
    seconds = {PLAIN: [2.0, 4.0, 3.0], PANDAS: [0.5], HELP: [0.25], SWEEP: [9.0], AGAIN: [1.0]}
    lines = say_commands(Turns(tmp_path, seconds))[1:]
    assert [float(line.split()[-1]) for line in lines] == [1.0, 1.0, 0.5, 0.25, 2.0]


def test_a_command_is_timed_and_every_table_written(tmp_path):
    turns = Turns(tmp_path)
    turns.run("nothing", [sys.executable, "-c", "pass"], [sys.executable, "-c", "pass"])
    assert turns.median("nothing") > 0 and len(turns.seconds["nothing"]) == 1
    assert len(list_reports(tmp_path)) == 5 and len(list(tmp_path.glob("*.csv"))) == 3
