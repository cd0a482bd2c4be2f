"""Messages: one line, the place first, the remedy last."""

from __future__ import annotations

from segmentation.data import InputError
from segmentation.data.errors import nearest_name


def test_a_message_names_file_line_column_and_remedy():
    error = InputError(
        "no number", "mend it", code="decimal", file="c.csv", line=17, column="spend"
    )
    assert str(error) == "c.csv line 17, column spend: no number; mend it"


def test_a_message_is_one_short_line_whatever_it_quotes():
    error = InputError(
        "got \x1b[31m\r\n'" + "x" * 900 + "'", "mend it", code="decimal", file="a\nb.csv"
    )
    assert "\n" not in str(error) and "\x1b" not in str(error)
    assert len(str(error)) <= 300
    assert str(error).endswith("mend it")


def test_a_remedy_is_whole_and_what_is_wrong_is_cut_before_it():
    remedy = "leave it out: --features " + " ".join(f"a_feature_of_the_shop_{i}" for i in range(30))
    error = InputError("w" * 900, remedy, code="decimal", file="c.csv")
    assert str(error).endswith(f"…; {remedy}") and str(error).startswith("c.csv: wwwww")


def test_the_nearest_name_is_found_by_its_words():
    known = ["AnnualIncome_k$", "SpendingScore"]
    assert nearest_name("incme", known) == "AnnualIncome_k$"
    assert nearest_name("spending score", known) == "SpendingScore"
    assert nearest_name("zzz", known) is None
