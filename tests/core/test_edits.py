"""Edits by hand: the text of a link is data from a stranger, and what they do is what the equations say."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest
import torch

from gru_core.edits import (
    Edit,
    GateEdit,
    InputEdit,
    StateEdit,
    SymbolEdit,
    WeightEdit,
    apply_edits,
    check_edits,
    one_layer,
    overrides_of_layer,
    read_edits,
    write_edits,
)
from gru_core.errors import LinkError
from gru_core.limits import MAX_EDIT_CHARACTERS
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.trace import trace
from tests.support.edit_texts import GOOD, SENSELESS, UNREADABLE

SIZES: Any = {"steps": 12, "inputs": 4, "units": 5, "symbols": 4, "reset_mode": "before"}


@pytest.mark.parametrize("text", GOOD)
def test_a_good_text_is_read_and_written_to_the_same_edits(text: str) -> None:
    edits = read_edits(text)
    check_edits(edits, **SIZES)
    assert read_edits(write_edits(edits)) == edits


def test_each_part_is_read_as_what_it_is() -> None:
    text = "Z2_9_0.3-5_1~R0_4_a_0.5_0.25~x4_0_-1.5~s4_2~whr_3_0_2.5e-7~h3_0.5"
    edits: tuple[Edit, ...] = (
        GateEdit("Z", 2, 9, ((0, 0), (3, 5)), 1.0),
        GateEdit("R", 0, 4, None, 0.5, 0.25),
        InputEdit(4, 0, -1.5),
        SymbolEdit(4, 2),
        WeightEdit("hr", 3, 0, 2.5e-7),
        StateEdit(3, 0.5),
    )
    assert read_edits(text) == edits
    assert read_edits(write_edits(edits)) == edits


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: ascii(text)[:24])
def test_what_cannot_be_read_is_refused_in_one_short_sentence(text: str) -> None:
    with pytest.raises(LinkError) as refused:
        read_edits(text)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("text", SENSELESS)
def test_what_makes_no_sense_here_is_refused(text: str) -> None:
    edits = read_edits(text)
    with pytest.raises(LinkError):
        check_edits(edits, **SIZES)


def test_a_bias_inside_the_reset_product_is_only_there_in_mode_after() -> None:
    check_edits(read_edits("wbhh_0_0_1"), **(SIZES | {"reset_mode": "after"}))


def test_a_long_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(LinkError, match="characters"):
        read_edits("h0_0.5~" * (MAX_EDIT_CHARACTERS // 7 + 1))


def edited_by_hand(mode: str) -> tuple[GRU, np.ndarray, np.ndarray]:
    """Two units, two steps, and numbers that can be followed on paper."""
    gru = GRU(1, 2, reset_mode=cast(Any, mode))
    with torch.no_grad():
        for parameter in gru.parameters():
            parameter.zero_()
    return gru, np.zeros((2, 1), np.float32), np.array([0.5, -0.5], np.float32)


def test_an_edit_changes_its_own_number_and_nothing_that_was_given() -> None:
    gru, x, h0 = edited_by_hand("before")
    made = apply_edits(gru, x, h0, read_edits("wxh_0_1_2~wbz_0_0_3~x1_0_0.75~h0_0.25~Z0_1_1_1"))
    found = trace(made.gru, made.x, made.h0, made.overrides)[0]
    keep = 1 / (1 + math.exp(-3))
    assert found.Z[0] == pytest.approx(np.array([[keep, 1], [keep, 0.5]]))
    assert found.H_tilde[0] == pytest.approx(np.array([[0, 0], [0, math.tanh(1.5)]]))
    assert found.H[0, 0] == pytest.approx([0.25 * keep, -0.5])
    assert found.H[0, 1] == pytest.approx([0.25 * keep**2, (math.tanh(1.5) - 0.5) / 2])
    assert not any(parameter.any() for parameter in gru.parameters())
    assert not x.any()
    assert h0.tolist() == [0.5, -0.5]


def test_a_gates_edit_comes_on_top_of_what_holds_it() -> None:
    gru, x, h0 = edited_by_hand("after")
    made = apply_edits(
        gru, x, h0, read_edits("Z0_1_a_0_0.25~Z1_2_0_1_0.5"), overrides=(GateOverride("Z", 1.0, blend=0.5),)
    )
    # 0.5 is proposed; half of it and half of 1 is 0.75; then a quarter of 0, or half of 1.
    found = trace(made.gru, made.x, made.h0, made.overrides)[0]
    assert found.Z[0] == pytest.approx(np.array([[0.5625, 0.5625], [0.875, 0.75]]))


def test_a_symbol_is_its_row() -> None:
    gru = GRU(3, 2)
    x, h0 = np.full((2, 3), 0.5, np.float32), np.zeros(2, np.float32)
    assert apply_edits(gru, x, h0, [SymbolEdit(1, 2)]).x.tolist() == [[0.5] * 3, [0, 0, 1]]
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert apply_edits(gru, x, h0, [SymbolEdit(0, 3)], symbol_rows=rows).x.tolist() == [
        [9, 10, 11],
        [0.5] * 3,
    ]
    with pytest.raises(LinkError, match="symbol 3"):
        apply_edits(gru, x, h0, [SymbolEdit(1, 3)])


@pytest.mark.parametrize("mode", ["before", "after"])
def test_one_layer_alone_is_what_it_is_among_the_others(mode: str) -> None:
    torch.manual_seed(1)
    gru = GRU(3, 4, num_layers=2, bidirectional=True, reset_mode=cast(Any, mode))
    overrides = (
        GateOverride("Z", 0.3, units=(1,), steps=slice(2, 5), layers=(0,)),
        GateOverride("R", 0.0, direction="backward"),
        GateOverride("Z", 1.0, blend=0.5, layers=(1,), direction="forward"),
    )
    x = np.random.default_rng(2).normal(size=(6, 3)).astype(np.float32)
    for index, whole in enumerate(trace(gru, x, overrides=overrides)):
        alone = trace(
            one_layer(gru, index), whole.X, whole.H0[None], overrides_of_layer(gru, index, overrides)
        )[0]
        assert alone.direction == whole.direction
        for name in ("R", "Z", "H_tilde", "H", "Z_proposed"):
            assert getattr(alone, name) == pytest.approx(getattr(whole, name), abs=1e-6)
