"""What is sent to a worker is what arrives."""

import numpy as np
import pytest
import torch

from gru_core import EXTREMES, GRU, GateOverride, load_model, trace
from gru_core.analysis.parcels import pack, unpack
from gru_core.demos import demo_path
from gru_core.jobs import Parcel

HELD = (GateOverride("Z", 0.25, units=(0, 2), steps=slice(1, None, 2), blend=0.5), *EXTREMES["rnn"][:1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_gru_gives_the_same_numbers_at_the_other_end(mode, dtype) -> None:
    torch.manual_seed(3)
    gru = GRU(2, 4, num_layers=2, bidirectional=True, reset_mode=mode).to(dtype)
    gru.set_initial_state(torch.rand(4, 4, dtype=dtype))
    x = torch.rand(3, 6, 2, dtype=dtype).numpy()
    arrived = unpack(Parcel.from_bytes(pack(gru, x, HELD, kind="flow", rows=[1, 2]).to_bytes()))
    assert arrived.head == {"kind": "flow", "rows": [1, 2]}
    assert arrived.overrides == HELD
    assert arrived.model is None
    assert arrived.gru.fingerprint() == gru.fingerprint()
    np.testing.assert_array_equal(arrived.x, x)
    for there, here in zip(
        trace(arrived.gru, arrived.x, overrides=arrived.overrides), trace(gru, x, overrides=HELD), strict=True
    ):
        np.testing.assert_array_equal(there.H, here.H)


def test_a_whole_model_answers_the_same_at_the_other_end() -> None:
    model = load_model(demo_path("adding"))
    x = np.random.default_rng(0).random((5, model.gru.input_size)).astype(np.float32)
    arrived = unpack(pack(model, x))
    assert arrived.model is not None
    assert arrived.model.card.outputs == model.card.outputs
    with torch.no_grad():
        assert torch.equal(arrived.model(torch.tensor(arrived.x[None])), model(torch.tensor(x[None])))
