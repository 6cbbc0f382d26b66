"""The proofs hold where they should, fail where they should, and are about the model at hand."""

import numpy as np
import pytest
import torch

from gru_core.analysis.extremes import prove
from gru_core.analysis.twins import to_torch
from gru_core.errors import InputError
from gru_core.model import GRU
from gru_core.overrides import EXTREMES

MODELS = [
    lambda: GRU(3, 8),
    lambda: GRU(3, 8, 2, True, "after"),
    lambda: GRU(3, 8, gate_activation="hard_sigmoid_fifth"),
    lambda: GRU(3, 8).double(),
]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("setting", list(EXTREMES))
def test_each_proof_holds_and_would_fail_under_learned_gates(make, setting: str) -> None:
    torch.manual_seed(11)
    proof = prove(make(), torch.randn(2, 25, 3), setting)
    assert proof.holds
    if setting != "learned":
        assert proof.when_learned is not None
        assert proof.when_learned > 1000 * max(proof.tolerance, 1e-6)
    if proof.whole_run is not None:
        assert proof.whole_run < 1e-5


def test_learned_is_compared_with_torch_where_torch_has_the_function() -> None:
    assert prove(GRU(2, 3, reset_mode="after"), torch.randn(1, 4, 2), "learned").against == "torch.nn.GRU"
    assert prove(GRU(2, 3), torch.randn(1, 4, 2), "learned").against == "equations"


def test_a_chaotic_rnn_is_still_proved_step_by_step() -> None:
    torch.manual_seed(12)
    gru = GRU(2, 32)
    with torch.no_grad():
        gru.cells[0].weight_h *= 20
    proof = prove(gru, torch.randn(1, 400, 2), "rnn")
    assert proof.holds


def test_the_tolerance_would_notice_another_function() -> None:
    torch.manual_seed(13)
    gru = GRU(2, 8, reset_mode="after")
    same = to_torch(gru)
    with torch.no_grad():
        gru.cells[0].bias_hh += 0.01
        x = torch.randn(1, 10, 2)
        apart = np.abs(gru(x)[0].numpy() - same(x)[0].numpy()).max()
    assert apart > 10 * prove(gru, x, "learned").tolerance


def test_only_mode_after_has_a_torch_twin() -> None:
    with pytest.raises(InputError, match="reset mode 'after' and sigmoid gates only"):
        to_torch(GRU(2, 3))


def test_an_unknown_extreme_is_named() -> None:
    with pytest.raises(InputError, match="no extreme 'sideways'"):
        prove(GRU(2, 3), torch.randn(1, 4, 2), "sideways")
