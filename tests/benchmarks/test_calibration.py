"""A tenth of the calibration, by its own code; and the published page belongs to this rule."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import calibrate, families
from benchmarks.calibrate import Case, fingerprint, judge_table, judge_tables, list_cases, tabulate
from benchmarks.families import CHOSEN_ON, PLANTED, TESTED_ON, draw_table
from tests.once import Once

NULLS = {family.__name__ for family in CHOSEN_ON + TESTED_ON}
TENTH = list_cases(0.1)


def count_false(once: Once, family: str) -> list[int]:
    """How many tables without groups of a family were seen as grouped, and how many there are."""
    cases = [case for case in TENTH if case.family == family]

    def work() -> list[int]:
        return [sum(bool(judge_table(case)["natural"]) for case in cases), len(cases)]

    return once.compute(("false groups", family), work)


def count_seen(once: Once, family: str) -> list[int]:
    """In how many tables of a thousand rows with groups any are seen, and how many there are."""
    cases = [c for c in TENTH if (c.family, c.n, c.apart) == (family, 1000, 4.0)]
    return once.compute(("groups", family), lambda: [sum(map(is_shown, cases)), len(cases)])


def is_shown(case: Case) -> bool:
    """Whether the structure test alone, with which the verdict begins, sees groups."""
    X = draw_table(getattr(families, case.family), case.seed, case.n, case.apart)
    return bool(calibrate.find_structure(X, np.ones(len(X)), "full", case.seed).shown)


@pytest.mark.long
@pytest.mark.parametrize("family", sorted(NULLS))
def test_groups_are_rarely_seen_in_a_family_without_any(once, family):
    false, tables = count_false(once, family)
    assert false <= 2 and tables == 14


@pytest.mark.long
def test_groups_are_rarely_seen_where_there_are_none(once):
    false, tables = np.transpose([count_false(once, family) for family in sorted(NULLS)])
    assert tables.sum() == len(NULLS) * 14
    assert false.max(initial=0) <= 2 and false.sum() <= 0.03 * tables.sum()


@pytest.mark.long
def test_groups_four_sd_apart_are_seen_in_a_thousand(once):
    seen, tables = np.transpose([count_seen(once, family.__name__) for family in PLANTED])
    assert tables.sum() == 4 * len(PLANTED) and seen.sum() >= 0.85 * tables.sum()


@pytest.mark.long
@pytest.mark.parametrize("family", [family.__name__ for family in PLANTED])
def test_a_table_of_groups_is_judged_by_the_whole_rule(family):
    case = Case(family, 1000, 4.0, 1000)
    assert judge_table(case)["shown"] == is_shown(case)


def test_tables_are_judged_in_processes_as_in_this_one():
    cases = [Case("gaussian", 200, None, seed) for seed in (1000, 1001)]
    made = sorted(judge_tables(cases), key=lambda record: record["seed"])
    assert made == [{"rule": fingerprint(False), **judge_table(case)} for case in cases]


@pytest.mark.long
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
