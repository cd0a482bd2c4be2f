"""What a run's input is refused for, with options that work when pasted."""

from __future__ import annotations

import pytest

from segmentation.data import InputError
from segmentation.reporting.inputs import check_input


@pytest.mark.parametrize(
    ("name", "offered"), [("m" * 90, True), ("m\x1b", False), ("m" * 900, False)]
)
def test_features_are_offered_if_the_option_can_be_pasted_whole(tmp_path, name, offered):
    names = [f"{name}{i}" for i in range(4)]
    rows = [
        ",".join([f"c{n}", *(f"{n * (n + i)}.5" for i in range(4)), "5 km" if n % 2 else "7"])
        for n in range(40)
    ]
    (tmp_path / "t.csv").write_text("\n".join([",".join(["id", *names, "way"]), *rows]))
    values = {"dataset": str(tmp_path / "t.csv"), "features": None}
    with pytest.raises(InputError, match=r"column way: .*in one unit") as caught:
        check_input(values, declared=False)
    pasted = str(caught.value).partition("--features ")[2].split()
    assert bool(pasted) == offered
    if offered:
        assert check_input({**values, "features": pasted}, declared=False)[1] == [
            "id",
            *names,
            "way",
        ]
