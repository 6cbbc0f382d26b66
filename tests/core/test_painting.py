"""Painted gates: a row is text for a link and back, and the same as overrides written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import OverrideError
from gru_core.limits import MAX_PAINTED_STEPS
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.painting import Painting, read_row, write_row
from gru_core.trace import trace

VALUES = st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 100))
ROWS = st.lists(VALUES, max_size=40).map(tuple)


@given(ROWS, ROWS)
def test_a_painting_is_text_and_back(R, Z):
    painting = Painting(R, Z)
    assert Painting.of(*painting.texts) == painting
    for gate, row in (("R", R), ("Z", Z)):
        assert tuple(painting.at(gate, step) for step in range(len(row))) == row
        assert painting.at(gate, len(row)) is None


def test_runs_are_short():
    keep_all_but_one = (1.0,) * 500 + (0.0,) + (1.0,) * 499
    assert write_row(keep_all_but_one) == "1x500_0_1x499"
    assert write_row((None, 0.5, 0.25, 0.25, None, None)) == "l_0.5_0.25x2"
    assert write_row((None, None)) == "" == write_row(())
    assert read_row("lx2_0.5") == (None, None, 0.5)


def test_a_painting_is_its_overrides():
    gru, x = GRU(2, 4), np.random.default_rng(0).normal(size=(5, 2))
    painted = trace(gru, x, overrides=Painting.of("lx2_0.25", "1_l_0x2_0.5").overrides)[0]
    by_hand = (
        GateOverride("R", 0.25, steps=2),
        GateOverride("Z", 1.0, steps=0),
        GateOverride("Z", 0.0, steps=(2, 3)),
        GateOverride("Z", 0.5, steps=4),
    )
    np.testing.assert_array_equal(painted.H, trace(gru, x, overrides=by_hand)[0].H)
    np.testing.assert_array_equal(painted.Z[0, :, 0] == painted.Z_proposed[0, :, 0], [0, 1, 0, 0, 0])
    with pytest.raises(OverrideError, match="There is no step 5: this trace has 5"):
        trace(gru, x, overrides=Painting.of("", "1x7").overrides)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("open", "Cannot read 'open'"),
        ("2x3", "Cannot read '2x3'"),
        ("0.5x0", "Cannot read '0.5x0'"),
        ("1__0", "Cannot read ''"),
        ("-1", "Cannot read '-1'"),
        ("nan", "Cannot read 'nan'"),
        (f"1x{MAX_PAINTED_STEPS}_0", "At most 2,000 steps can be painted, and these are 2,001"),
        ("1x999999", "At most 2,000 steps"),
    ],
)
def test_what_is_no_row_is_refused(text, says):
    with pytest.raises(OverrideError, match=says):
        read_row(text)


def test_values_outside_and_rows_too_long_are_refused():
    with pytest.raises(OverrideError, match="lie in"):
        Painting(R=(1.5,))
    with pytest.raises(OverrideError, match="lie in"):
        Painting(Z=(float("nan"),))
    with pytest.raises(OverrideError, match="2,000 steps can be painted, got 2,001"):
        Painting(Z=(None,) * (MAX_PAINTED_STEPS + 1))
