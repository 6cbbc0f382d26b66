"""The page Find without a browser: what its link holds, and what it says where there is little to find."""

from __future__ import annotations

import numpy as np
import pytest

from gru_core.analysis.find import Rule, coded
from gru_core.errors import LinkError
from gru_core.limits import MAX_BRUSHED_CELLS
from gru_ui.components.find import window_of
from gru_ui.find.form import FIND_PROPERTIES, FindForm, changes_of
from gru_ui.workspace import Workspace, from_link, to_link
from tests.ui.test_pages import opened, words

TOLD = {"start": 3, "stop": 5, "threshold": 0.42, "add": [7], "drop": [1, 2], "need": 2}


def test_the_link_brings_back_what_is_looked_for() -> None:
    form = FindForm("Z", "below", 0.25, 3, 9, True, "17.4", "2", 2, "here")
    link = to_link(Workspace().but(find=form))
    assert link["find"] == "Z"
    assert link["with"] == "17.4"
    again, messages = from_link(link)
    assert (again.find, messages) == (form, ())
    read = {entry.field: entry.read for entry in FIND_PROPERTIES}
    for field, text in (("add", "1,2"), ("add", "1."), ("edges", "1"), ("threshold", "2"), ("quantity", "X")):
        with pytest.raises(LinkError):
            read[field](text)


def test_what_a_browser_tells_is_taken_only_where_it_makes_sense() -> None:
    assert changes_of(TOLD, 5, 8) == {
        "start": 3,
        "stop": 5,
        "threshold": 0.42,
        "need": 2,
        "add": "7",
        "drop": "1.2",
    }
    for wrong in (
        {"stop": 6},
        {"start": 5},
        {"threshold": float("nan")},
        {"threshold": "high"},
        {"add": [8]},
        {"drop": 3},
        {"need": 9},
        {"start": None},
    ):
        assert changes_of({**TOLD, **wrong}, 5, 8) == {}, wrong
    assert changes_of({}, 5, 8) == {}


def test_units_put_in_and_taken_out_by_hand_and_a_stretch_that_is_not_there() -> None:
    codes = coded(np.eye(6)[:, :4], "Z")
    form = FindForm("Z", threshold=0.5, start=2, stop=3, add="0.9", drop="2")
    assert form.units_on(codes, form.stretch(codes)) == (2,)
    assert form.chosen((2, 3), 4) == (0, 3)
    assert FindForm("Z", start=9, stop=12).stretch(codes) == FindForm("Z").stretch(codes)
    assert FindForm("Z", threshold=-0.5).rule == Rule("Z", 0.0)


def test_a_long_or_wide_sequence_is_sent_as_far_as_it_may_be_and_stands_still_under_the_hand() -> None:
    assert window_of(2_000, 256, 1_500) == (0, 2_000)
    start, stop = window_of(100_000, 160, 50_000)
    assert (stop - start) * 160 <= MAX_BRUSHED_CELLS
    assert start <= 50_000 - 1_000
    assert stop >= 50_000 + 1_000
    assert window_of(100_000, 160, 50_400) == (start, stop)
    assert window_of(100_000, 160, 99_999)[1] == 100_000
    assert window_of(9, 4_096, 8) == (0, 9)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"model": "elnino", "gates": "copy", "find": "Z"}, "there is nothing to find by it"),
        ({"model": "elnino", "gates": "copy"}, "no unit has H at 0.50 or above"),
        ({"gates": "painted", "paintz": "1x3_0"}, "Other places are looked for in this sequence"),
        ({"gates": "custom", "z": "0.5", "zmix": "1", "steps": "2:4"}, "looked for in this sequence"),
        ({"seq": "probe.impulse", "model": "elnino"}, "units have"),
        ({"model": "letters", "begin": "9999", "end": "10000"}, "of 80 units have H"),
        ({"within": "here", "level": "0.9", "begin": "1", "end": "2", "side": "below"}, "At step 1"),
    ],
)
def test_it_says_what_there_is_to_find(query: dict[str, str], says: str) -> None:
    app = opened("find", **query)
    assert not app.exception
    assert not app.error
    assert says in words(app).replace("\\", "")
