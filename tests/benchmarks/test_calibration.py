"""A tenth of the calibration, by its own code; and the published page belongs to this rule."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import calibrate, families
from benchmarks import rule as rule_module
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
    case = Case(family, 200, 4.0, 1000)
    assert judge_table(case)["shown"] == is_shown(case)


@pytest.mark.long
def test_tables_are_judged_in_processes_as_in_this_one():
    cases = [Case("gaussian", 200, None, seed) for seed in (1000, 1001)]
    made = sorted(judge_tables(cases), key=lambda record: record["seed"])
    assert made == [{"rule": fingerprint(False), **judge_table(case)} for case in cases]


@pytest.mark.long
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
        shutil.copytree(rule_module.ANALYSIS / room, tmp_path / "analysis" / room)
    rows = Path("data", "rows")
    shutil.copytree(rule_module.ANALYSIS.parent / rows, tmp_path / rows)
    monkeypatch.setattr(rule_module, "ANALYSIS", tmp_path / "analysis")
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
    change(rule / "trust" / "resamples.py", "STRONG = 0.8", "STRONG = 0.7")
    assert fingerprint(shown=False) == before and fingerprint() != before_shown


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("trust/structure.py", "def find_structure(", "def find_structure(  # why\n    "),
        ("trust/structure.py", "    best = [", '    """Counts."""\n    best = ['),
        ("trust/structure.py", "rows: int, columns: int", 'rows: "int", columns: float'),
        ("trust/structure.py", "import NamedTuple", "import Final, NamedTuple"),
        ("trust/verdict.py", "structure: Structure\n", "structure: object\n"),
        ("trust/choice.py", "TINY_SHARE", "SMALL_SHARE"),
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
        for old, new in (
            ("are_apart", "lie_apart"),
            ("spread_ties", "part_ties"),
            ("Structure", "Is"),
        ):
            source = source.replace(old, new)
        path.write_text(source, encoding="utf-8")
    shutil.move(rule / "trust" / "structure.py", rule / "trust" / "moved.py")
    renamed = [name.replace("structure", "moved") for name in rule_module.STRUCTURE_TEST]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_module, "STRUCTURE_TEST", tuple(renamed))
        assert fingerprint() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("trust/terrain.py", "np.linspace(0, len(road)", "np.geomspace(0, len(road)"),
        ("trust/structure.py", "np.median(", "np.mean("),
        ("trust/structure.py", "n_init=5", "max_iter=5"),
        ("trust/verdict.py", "not stable", "stable"),
        ("trust/prediction.py", "first = order < len(X) // 2", "first = order <= len(X) // 2"),
        ("fitting/matching.py", "rows[:, None] + columns - shared", "rows[:, None] + columns"),
        ("trust/gathering.py", "scan.algorithm, depth", 'scan.algorithm, "quick"'),
    ],
)
def test_a_change_of_one_call_or_sign_is_noticed(rule, name, old, new):
    before = fingerprint()
    change(rule / name, old, new)
    assert fingerprint() != before


@pytest.fixture(scope="module")
def judged(once) -> list[dict]:
    """Four judged tables, the first two with groups shown."""
    cases = (
        Case("four_blobs", 200, 4.0, 1001),
        Case("three_alone", 200, 4.0, 1002),
        Case("gaussian", 200, None, 1000),
        Case("uniform", 200, None, 1001),
    )
    return once.compute("judged", lambda: list(map(judge_table, cases)))


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


@pytest.mark.long
def test_stored_tables_are_adopted_if_they_are_found_again(store, monkeypatch):
    here = lambda cases: ({"rule": "now", **judge_table(case)} for case in cases)  # noqa: E731
    monkeypatch.setattr(calibrate, "judge_tables", here)
    before = read(store)
    assert load_records() == {}
    assert adopt(4) == 4
    after = read(store)
    rules = [fingerprint(True)] * 2 + [fingerprint(False)] * 2
    assert after == [{**r, "rule": own} for r, own in zip(before, rules, strict=True)]
    assert [list(record) for record in after] == [list(record) for record in before]
    assert len(load_records()) == 4


@pytest.fixture
def known(judged, monkeypatch) -> None:
    """Judging these tables again gives what it gave before, at once."""
    results = {calibrate._case(record): record for record in judged}
    rules = {shown: fingerprint(shown) for shown in (True, False)}
    monkeypatch.setattr(
        calibrate,
        "judge_tables",
        lambda cases: ({"rule": rules[results[c]["shown"]], **results[c]} for c in cases),
    )


@pytest.mark.long
@pytest.mark.usefixtures("known")
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


@pytest.mark.usefixtures("known")
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
