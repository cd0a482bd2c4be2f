"""The parameters cell is the only declaration."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.reporting.errors import UsageError
from segmentation.reporting.notebooks import find_cell, load_notebook
from segmentation.reporting.parameters import SELDOM, check_values, fold_values, read_parameters
from tests.conftest import ROOT
from tests.reporting.conftest import PARAMETERS, write_notebook


def test_name_type_default_and_help_are_read(notebook):
    parameters = read_parameters(notebook)
    assert list(parameters) == PARAMETERS_IN_ORDER
    k = parameters["k"]
    assert (k.annotation, k.default, k.help) == (
        "Annotated[int, Ge(2)] | None",
        None,
        "number of segments",
    )
    assert parameters["note"].help == "a remark: `#` inside"


PARAMETERS_IN_ORDER = ["dataset", "k", "scaling", "features", "share", "note", "output"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0),
        ("k", 1),
        ("k", -3),
        ("k", 2.5),
        ("k", "three"),
        ("k", True),
        ("k", 5.0),
        ("scaling", "Standard"),
        ("features", "spend"),
        ("features", [1]),
        ("share", "half"),
        ("dataset", None),
        ("k", 1 << 64),
        ("note", "x" * 20_001),
    ],
)
def test_a_value_of_another_type_is_refused(name, value, notebook):
    with pytest.raises(UsageError, match=f"^{name}: it must"):
        check_values(read_parameters(notebook), {name: value})


def test_values_that_fit_are_kept(notebook):
    values = {"k": 3, "scaling": "none", "features": ["a b"], "share": 0.25, "dataset": "x.csv"}
    assert check_values(read_parameters(notebook), values) == values
    assert check_values(read_parameters(notebook), {"k": None}) == {"k": None}


@pytest.mark.parametrize(
    ("name", "near"), [("kk", "k"), ("feature", "features"), ("Scaling", "scaling")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name, near, notebook):
    with pytest.raises(UsageError, match=f"no parameter '{name}'; did you mean {near}"):
        check_values(read_parameters(notebook), {name: 1})


def test_a_name_that_is_code_is_refused(notebook):
    with pytest.raises(UsageError, match="no parameter"):
        check_values(read_parameters(notebook), {"k=1;open('x','w')": 1})


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("None", None)],
)
def test_words_become_values_of_the_declared_type(text, value, notebook):
    assert read_parameters(notebook)["k"].read(text) == value


def test_a_word_for_a_text_parameter_is_text(notebook):
    parameters = read_parameters(notebook)
    assert parameters["note"].read("2024") == "2024"
    assert parameters["features"].read("['a', 'b']") == ["a", "b"]


@pytest.mark.parametrize(
    "cell",
    [
        "k: int = open('x')  # code",
        "k: int = 'three'",
        "k = 3",
        "import os",
        "k: __import__('os').system('true') = 1",
        "k: int =",
        "k: int",
    ],
)
def test_only_annotated_literals_may_stand_in_the_cell(cell, tmp_path):
    with pytest.raises(UsageError):
        read_parameters(write_notebook(tmp_path / "bad.ipynb", parameters=cell))


def test_a_missing_or_foreign_notebook_is_one_line(tmp_path):
    with pytest.raises(UsageError, match="no notebook"):
        read_parameters(tmp_path / "none.ipynb")
    (tmp_path / "text.ipynb").write_text("not json")
    with pytest.raises(UsageError, match="not a notebook"):
        read_parameters(tmp_path / "text.ipynb")


@given(
    st.fixed_dictionaries(
        {
            "note": st.text(),
            "share": st.floats(allow_nan=False, allow_infinity=False),
            "features": st.none() | st.lists(st.text()),
            "k": st.none() | st.integers(),
        }
    )
)
def test_folded_values_are_the_cells_defaults(values):
    folded = fold_values(PARAMETERS, values)
    assigned = {line.target.id: ast.literal_eval(line.value) for line in ast.parse(folded).body}
    assert {name: assigned[name] for name in values} == values
    assert assigned["dataset"] == "customers.csv" and "# a remark" in folded


def test_parameters_below_the_line_are_seldom_needed(tmp_path):
    *often, last = PARAMETERS.splitlines()
    cell = "\n".join([*often, SELDOM, last])
    parameters = read_parameters(write_notebook(tmp_path / "n.ipynb", parameters=cell))
    assert [name for name, one in parameters.items() if one.seldom] == ["output"]
    assert parameters["output"].help == "the folder for the run's files"
    assert SELDOM in fold_values(cell, {"k": 3})


def test_without_the_line_no_parameter_is_seldom_needed(notebook, tmp_path):
    assert not any(parameter.seldom for parameter in read_parameters(notebook).values())
    cell = PARAMETERS.replace("# a share", SELDOM)  # behind a parameter it is that one's help
    parameters = read_parameters(write_notebook(tmp_path / "n.ipynb", parameters=cell))
    assert not any(parameter.seldom for parameter in parameters.values())


def test_the_bundled_notebooks_parameters_all_have_help():
    path = ROOT / "notebooks" / "segmentation.ipynb"
    parameters = read_parameters(path)
    assert {"dataset", "features", "k", "seed", "output"} <= parameters.keys()
    assert all(parameter.help for parameter in parameters.values())
    lines = find_cell(load_notebook(path).cells, path).source.splitlines()
    assert len([line for line in lines if line != SELDOM]) == len(parameters)
