"""The file of names: written and read back; malformed ones are refused in one line."""

from __future__ import annotations

import pytest

from segmentation.data import InputError, Named, open_names, write_names
from tests.pages.hostile import HOSTILE

ONE = "segments:\n- name: Big\n  centre: {spend: 10.5, 'no: yes': -3}\n"


def refuse(tmp_path, text: str) -> str:
    path = tmp_path / "names.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_names(str(path))
    said = str(caught.value)
    assert said.startswith("names.yaml") and "\n" not in said and str(tmp_path) not in said
    return said


def test_a_list_and_none_are_returned_unchanged():
    assert open_names(["a", "b"]) == ["a", "b"] and open_names(None) is None


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "deep" / "names.yaml"
    texts = [text for text in HOSTILE if text.strip() == text and text.isprintable()]
    assert len(texts) > 40
    kept = [Named(name=text[:100], centre={text: at + 0.5}) for at, text in enumerate(texts)]
    for one in kept:
        write_names([one], path)
        [found] = open_names(str(path)).segments
        assert found == one


def test_a_file_that_a_person_wrote(tmp_path):
    (tmp_path / "names.yaml").write_text(ONE)
    found = open_names(str(tmp_path / "names.yaml"))
    assert found.features == ["spend", "no: yes"] and found.segments[0].name == "Big"
    assert found.segments[0].centre["no: yes"] == -3 and found.file == "names.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it must be a valid dictionary"),
        ("segments: []", "segments: it List should have at least 1 item"),
        ("- a\n- b\n", "it must be a valid dictionary"),
        ("a: [", "line 1: it is no YAML"),
        (ONE + "more: 1\n", "more: it Extra inputs"),
        (ONE.replace("Big", "12"), "segments 1 name: it must be a valid string"),
        (ONE.replace("Big", "''"), "segments 1 name: it String should have at least 1"),
        (ONE.replace("10.5", ".inf"), "segments 1 centre spend: it must be a finite number"),
        (ONE.replace("10.5", "yes"), "centre spend: it must be a valid number"),
        (ONE.replace("10.5", "!!python/object:os.system x"), "line 3: tags"),
        (ONE + ONE.removeprefix("segments:\n"), "two segments are named 'Big'; give each"),
        (ONE + "- name: Small\n  centre: {age: 1}\n", "not all on the same features"),
        (ONE + "  name: Twice\n", "it is no YAML: found duplicate key"),
        ("[" * 5_000, "it is no YAML"),
        ("x" * 1_000_001, "is too large"),
    ],
)
def test_a_malformed_file_of_names_is_refused_in_one_line(tmp_path, text, said):
    assert said in refuse(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"names\.yaml: names: there is no such file; name the"):
        open_names(str(tmp_path / "names.yaml"))
    with pytest.raises(InputError, match="names"):
        open_names(str(tmp_path))


@pytest.mark.parametrize(
    "trick",
    [
        "a: &a {x: 1}\nb: &b {<<: [*a, *a]}\n" + ONE,
        "segments:\n- &one {name: Big, centre: {spend: 1}}\n- *one\n",
        "segments:\n- name: Big\n  centre:\n    <<: {spend: 1}\n",
        "segments: !!python/object:x\n",
    ],
)
def test_anchors_merges_and_tags_are_refused_unread(tmp_path, trick):
    assert "write the value out" in refuse(tmp_path, trick)
