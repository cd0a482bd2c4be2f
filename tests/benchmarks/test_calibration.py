"""A tenth of the calibration, by its own code; and the published page belongs to this rule."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks import calibrate
from benchmarks.calibrate import Case, fingerprint, judge_table, judge_tables, list_cases, tabulate
from benchmarks.families import CHOSEN_ON, HARD, PLANTED, TESTED_ON

NULLS = {family.__name__ for family in CHOSEN_ON + TESTED_ON}
HARDER = {family.__name__ for family in HARD}


@pytest.fixture(scope="module")
def tenth() -> list[dict]:
    cases = [case for case in list_cases(0.1) if case.family not in HARDER and case.apart != 3.0]
    return list(judge_tables(cases))


def test_groups_are_rarely_seen_where_there_are_none(tenth):
    false = Counter(r["family"] for r in tenth if r["family"] in NULLS and r["natural"])
    tables = sum(r["family"] in NULLS for r in tenth)
    assert tables == len(NULLS) * 14
    assert max(false.values(), default=0) <= 2 and sum(false.values()) <= 0.03 * tables


def test_groups_four_sd_apart_are_seen_in_a_thousand(tenth):
    seen = [r["shown"] for r in tenth if r["apart"] == 4.0 and r["n"] == 1000]
    assert len(seen) == 4 * len(PLANTED) and sum(seen) >= 0.85 * len(seen)


def test_a_table_is_judged_alike_again():
    case = Case("four_blobs", 200, 4.0, 1003)
    assert judge_table(case) == judge_table(case)


def test_the_published_page_is_of_this_rule():
    records = calibrate.load_records()
    assert len(records) >= len(list_cases())
    assert calibrate.PAGE.read_text(encoding="utf-8") == tabulate(records)


def test_the_published_shares_hold_the_target():
    for case, most in ((200, 5), (1000, 2)):
        false = Counter(
            record["family"]
            for key, record in calibrate.load_records().items()
            if key.family in NULLS and key.n == case and record["natural"]
        )
        assert max(false.values(), default=0) <= most


def test_a_changed_rule_has_another_fingerprint(monkeypatch, tmp_path):
    before = fingerprint()
    copy = tmp_path / "structure.py"
    source = Path(calibrate.structure.__file__).read_text(encoding="utf-8")
    copy.write_text(source.replace('"""Whether customers fall', '"""Other words: whether'))
    monkeypatch.setattr(calibrate.structure, "__file__", str(copy))
    assert fingerprint() == before
    copy.write_text(source.replace("VOTES = 0.05, 0.5", "VOTES = 0.05, 0.4"))
    assert fingerprint() != before
    before, before_shown = fingerprint(shown=False), fingerprint()
    monkeypatch.setattr(calibrate.choosing, "__file__", str(copy))
    assert fingerprint(shown=False) == before and fingerprint() != before_shown
