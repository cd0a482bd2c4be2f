"""A tenth of the calibration, by its own code; and the published page belongs to this rule."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import calibrate
from benchmarks.calibrate import (
    Case,
    adopt,
    choose_spread,
    fingerprint,
    judge_table,
    judge_tables,
    list_cases,
    load_records,
    tabulate,
)
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
    records = load_records()
    assert len(records) >= len(list_cases())
    assert calibrate.PAGE.read_text(encoding="utf-8") == tabulate(records)


def test_the_published_shares_hold_the_target():
    for case, most in ((200, 5), (1000, 2)):
        false = Counter(
            record["family"]
            for key, record in load_records().items()
            if key.family in NULLS and key.n == case and record["natural"]
        )
        assert max(false.values(), default=0) <= most


@pytest.fixture
def rule(monkeypatch, tmp_path) -> Path:
    """A copy of the rule that may be changed."""
    for room in ("trust", "fitting", "passes"):
        shutil.copytree(calibrate.ANALYSIS / room, tmp_path / "analysis" / room)
    monkeypatch.setattr(calibrate, "ANALYSIS", tmp_path / "analysis")
    return tmp_path / "analysis"


def change(path: Path, old: str, new: str) -> None:
    source = path.read_text(encoding="utf-8")
    assert old in source
    path.write_text(source.replace(old, new), encoding="utf-8")


def test_a_changed_rule_has_another_fingerprint(rule):
    before = fingerprint()
    change(rule / "trust" / "structure.py", '"""Whether customers fall', '"""Other words: whether')
    assert fingerprint() == before
    change(rule / "trust" / "structure.py", "VOTES = 0.05, 0.5", "VOTES = 0.05, 0.4")
    assert fingerprint() != before
    before, before_shown = fingerprint(shown=False), fingerprint()
    change(rule / "trust" / "choice.py", "STRONG = 0.8", "STRONG = 0.7")
    assert fingerprint(shown=False) == before and fingerprint() != before_shown


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("trust/structure.py", "def find_structure(", "def find_structure(  # why\n    "),
        ("trust/structure.py", "spread_ties", "part_ties"),
        ("trust/structure.py", "    votes = [", '    """Counts."""\n    votes = ['),
        ("trust/structure.py", "rows: int, columns: int", 'rows: "int", columns: float'),
        ("trust/structure.py", "import NamedTuple", "import Final, NamedTuple"),
        ("trust/verdict.py", "structure: Structure\n", "structure: object\n"),
        ("trust/choice.py", "STRONG", "FIRM"),
    ],
)
def test_other_words_for_the_same_rule_have_the_same_fingerprint(rule, name, old, new):
    before = fingerprint()
    change(rule / name, old, new)
    assert fingerprint() == before


def test_a_name_is_the_same_in_every_module_of_the_rule(rule):
    before = fingerprint()
    for path in rule.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        path.write_text(source.replace("are_apart", "lie_apart").replace("structure", "building"))
    shutil.move(rule / "trust" / "structure.py", rule / "trust" / "moved.py")
    renamed = [name.replace("structure", "moved") for name in calibrate.STRUCTURE_TEST]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "STRUCTURE_TEST", tuple(renamed))
        assert fingerprint() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("trust/terrain.py", "np.linspace(0, len(road)", "np.geomspace(0, len(road)"),
        ("trust/structure.py", "np.median(", "np.mean("),
        ("trust/structure.py", "n_init=5", "max_iter=5"),
        ("trust/verdict.py", "not stable", "stable"),
        ("trust/stability.py", "first = order < len(X) // 2", "first = order <= len(X) // 2"),
        ("fitting/matching.py", "rows[:, None] + columns - shared", "rows[:, None] + columns"),
        ("trust/evidence.py", "scan.algorithm, depth", 'scan.algorithm, "quick"'),
    ],
)
def test_a_change_of_one_call_or_sign_is_noticed(rule, name, old, new):
    before = fingerprint()
    change(rule / name, old, new)
    assert fingerprint() != before


@pytest.fixture(scope="module")
def judged() -> list[dict]:
    """Four judged tables, the first two with groups shown."""
    cases = (
        Case("four_blobs", 200, 4.0, 1001),
        Case("three_alone", 200, 4.0, 1002),
        Case("gaussian", 200, None, 1000),
        Case("uniform", 200, None, 1001),
    )
    return list(map(judge_table, cases))


@pytest.fixture
def store(judged, monkeypatch, tmp_path) -> Path:
    """A store of these tables, written by a rule with other names."""
    assert [record["shown"] for record in judged] == [True, True, False, False]
    monkeypatch.setattr(calibrate, "STORE", tmp_path / "calibration.jsonl")
    write(calibrate.STORE, [{"rule": "old", **record} for record in judged])
    return calibrate.STORE


def write(path: Path, records: list[dict]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_stored_tables_are_adopted_if_they_are_found_again(store):
    before = read(store)
    assert load_records() == {}
    assert adopt(4) == 4
    after = read(store)
    rules = [fingerprint(True)] * 2 + [fingerprint(False)] * 2
    assert after == [{**r, "rule": own} for r, own in zip(before, rules, strict=True)]
    assert [list(record) for record in after] == [list(record) for record in before]
    assert len(load_records()) == 4


@pytest.mark.parametrize(
    ("line", "planted"), [(0, {"k": 9}), (1, {"natural": None}), (2, {"shown": True, "k": 2})]
)
def test_a_planted_difference_is_refused_and_nothing_is_written(store, line, planted):
    records = read(store)
    records[line] |= planted
    write(store, records)
    before = store.read_bytes()
    with pytest.raises(ValueError, match="a result differs"):
        adopt(6)
    assert store.read_bytes() == before


def test_tables_of_several_rules_are_refused(store):
    records = read(store)
    records[3]["rule"] = "older"
    write(store, records)
    with pytest.raises(ValueError, match="several rules"):
        adopt(4)


def test_a_refusal_is_said_and_the_page_stays(store, monkeypatch, capsys, tmp_path):
    records = read(store)
    records[0]["k"] = 9
    write(store, records)
    monkeypatch.setattr(calibrate, "PAGE", tmp_path / "calibration.md")
    monkeypatch.setattr("sys.argv", ["calibrate", "--adopt", "4"])
    assert calibrate.main() == 1 and not calibrate.PAGE.exists()
    assert "a result differs" in capsys.readouterr().err


def test_those_compared_are_spread_over_families_and_half_have_groups():
    records = read(calibrate.STORE)
    chosen = choose_spread(records, 50)
    assert len(chosen) == 50 and sum(record["shown"] for record in chosen) == 25
    for shown in (True, False):
        half = [r["family"] for r in chosen if r["shown"] == shown]
        assert len(set(half)) >= 12
    assert choose_spread(records, 50) == chosen
