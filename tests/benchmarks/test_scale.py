"""The benchmark of scale on tiny tables: what it makes, measures, says and writes."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec

import numpy as np
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from benchmarks.bench_scale import PARTS, compare
from benchmarks.scale_growth import Size, draw_growth, say_size
from benchmarks.scale_measuring import (
    FEATURES,
    Race,
    Ran,
    read_record,
    run_alone,
    say_line,
    time_scan,
)
from benchmarks.scale_others import run_minibatch, run_pandas
from benchmarks.scale_ours import run_alike, run_ours, run_passes
from benchmarks.scale_page import BEGIN, END, read_parts, replace_part
from benchmarks.scale_tables import MIXTURES, copy_as_csv, make_table, write_mixture
from tests.conftest import ROOT

pytestmark = pytest.mark.long

PAGE = f"# Scale\n{BEGIN}\n{END}\nThe end.\n"
ORDER = ["report", "job"]


def read(path) -> np.ndarray:
    table = pq.read_table(path)
    return np.column_stack([table[name].to_numpy() for name in FEATURES])


def test_the_csv_has_the_values_of_the_parquet_file(tmp_path):
    path = make_table(tmp_path, 50)
    text = arrow_csv.read_csv(copy_as_csv(path))
    assert text.column_names == FEATURES
    assert np.array_equal(np.column_stack(list(text.columns)), read(path))


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixture_is_alike_again_and_has_what_its_name_says(tmp_path, name):
    for copy in ("a", "b"):
        write_mixture(tmp_path / copy, name, 20_000)
    X, again = read(tmp_path / "a"), read(tmp_path / "b")
    assert X.shape == (20_000, 6) and np.array_equal(X, again)
    far = np.linalg.norm(X - np.median(X, axis=0), axis=1) > 20
    assert (0.005 < far.mean() < 0.015) == (name == "outliers")
    assert (X > 0).all() == (name == "skewed")


def test_a_race_counts_the_fastest_and_the_most_memory():
    ran = [Ran(3.0, 10, {"read": 2.0}), Ran(2.0, 30, {"read": 2.5})]
    race = Race(ROOT, [0.5, 0.4], {"ours": ran})
    assert (race.scan, race.seconds("ours"), race.peak("ours")) == (0.4, 2.0, 30)
    assert race.seconds("ours", "read") == 2.0


def test_a_process_hands_on_its_record_and_counts_the_memory_of_its_children():
    child = "import time; kept = bytearray(300_000_000); time.sleep(1)"
    parent = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {child!r}])"
    ran = run_alone(["-c", f"{parent}; print('{{\"rows\": 3}}')"])
    assert ran.record == {"rows": 3} and ran.peak > 300_000_000 and ran.seconds > 1


def test_a_process_that_fails_is_no_result():
    with pytest.raises(RuntimeError, match="ended with 3"):
        run_alone(["-c", "import sys; sys.exit(3)"])


def test_a_record_is_only_in_the_last_line():
    assert read_record('{"a": 1}\nall done\n') == {} == read_record("")
    assert read_record('all done\n{"a": 1}\n') == {"a": 1}


def test_lines_tell_scans_and_stand_under_each_other():
    lines = [say_line("check", 5.0, 0.5), say_line("list and write", 120.0, 0.5, 1_500_000_000)]
    assert lines[0] == "  check                       5.00 s    10.0 scans"
    assert lines[1] == "  list and write            120.00 s   240.0 scans   1.50 GB"
    assert compare(1.5, 0.5, "Polars") == "(Polars 0.50 s: 3.0 ×)"


def test_parts_are_written_between_the_comments_in_order():
    text = replace_part(PAGE, "job", ["job, 5 rows: a", "  b"], ORDER)
    text = replace_part(text, "report", ["report, 5 rows: c"], ORDER)
    text = replace_part(text, "job", ["job, 6 rows: d"], ORDER)
    block = "```text\nreport, 5 rows: c\n\njob, 6 rows: d\n```"
    assert text == f"# Scale\n{BEGIN}\n{block}\n{END}\nThe end.\n"


def test_a_page_without_the_comments_is_refused():
    with pytest.raises(ValueError, match="lacks the comment"):
        replace_part(f"# Scale\n{BEGIN}\n", "job", ["job, 5 rows: a"], ORDER)


def test_the_page_has_a_short_text_and_only_known_parts():
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    before, block, after = re.split(f"{BEGIN}|{END}", text)
    assert len((before + after).splitlines()) <= 50 and set(read_parts(block)) <= PARTS.keys()
    assert set(re.findall(r"\*\*(\w+)\*\*", text)) == PARTS.keys()


def test_growth_is_a_line_a_size_and_a_figure(tmp_path):
    sizes = [Size(10, 2.0, 10**8, 0.01), Size(100, 3.0, 2 * 10**8, 0.02)]
    assert say_size(sizes[0]) == "           10 rows     2.0 s   0.10 GB  a scan 0.010 s"
    draw_growth(sizes, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert all(word in text for word in ("whole report", "one scan", "rows", "peak memory"))


def test_every_contender_does_its_job_on_a_small_table(tmp_path):
    path = make_table(tmp_path, 3_000)
    assert time_scan(path) > 0
    assert all(seconds > 0 for seconds in run_passes(path, tmp_path).values())
    found = [run(path, tmp_path)["inertia"] for run in (run_ours, run_pandas, run_minibatch)]
    assert max(found) < 2 * min(found)


@pytest.mark.skipif(find_spec("polars") is None, reason="polars is not installed")
def test_polars_by_hand_places_rows_as_we_do(tmp_path):
    from benchmarks.scale_polars import LABELS, run_polars

    path = make_table(tmp_path, 3_000)
    run_alike(path, tmp_path)
    run_polars(path, tmp_path)
    ours = arrow_csv.read_csv(tmp_path / "segmented_customers.csv")
    theirs = pq.read_table(tmp_path / LABELS)
    assert ours["segment"].to_pylist() == theirs["segment"].to_pylist()
    assert ours["second_segment"].to_pylist() == theirs["second"].to_pylist()
    assert np.allclose(ours["certainty"], theirs["certainty"], atol=2e-4)
