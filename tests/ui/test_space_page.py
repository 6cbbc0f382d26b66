"""The page of the state space under what it may meet: tiny, large, backwards, both ways, no readout."""

import numpy as np
import pytest
import torch

import gru_ui.view
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.sequences.encoders import plain_encoder
from gru_core.sequences.sequence import Sequence
from tests.ui.test_pages import opened, payloads, words


@pytest.mark.parametrize(
    ("gru", "steps", "link", "says"),
    [
        (GRU(2, 5), 1, {}, "3 of 5 directions"),
        (GRU(2, 1), 7, {"directions": "3"}, "The state is one number here"),
        (GRU(1, 1), 1, {"gates": "copy"}, "every state is a fixed point"),
        (GRU(2, 6, 2, True, reset_mode="after"), 9, {"layer": "3", "held": "mean"}, "the mean input of this"),
        (GRU(3, 4, backwards=True), 9, {"gates": "input_only", "fitted": "all"}, "9 different inputs"),
        (GRU(3, 4, gate_activation="hard_sigmoid_fifth"), 9, {"gates": "painted", "paintz": "1x3"}, "3 of 4"),
        (GRU(2, 600), 40, {"beside": "alone"}, "Fixed points are sought in layers of up to 512 units"),
        (GRU(1, 3), 20_000, {"t": "19999", "beside": "alone"}, "3 units, and as many directions"),
    ],
    ids=["one step", "one unit", "copy", "both ways", "backwards", "painted", "too large", "long"],
)
def test_it_is_drawn_and_said(
    gru: GRU, steps: int, link: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    model = SequenceModel(plain_encoder(gru.input_size), gru, None, ModelCard("own", "One of my own"))
    values = np.random.default_rng(0).standard_normal((steps, gru.input_size)).astype(np.float32)
    names = tuple(f"column {i}" for i in range(gru.input_size))
    sequence = Sequence(values, ("",) * steps, names, source="mine")
    monkeypatch.setattr(gru_ui.view, "model_of", lambda reference: model)
    monkeypatch.setattr(gru_ui.view, "sequence_of", lambda reference, model: (sequence, ()))
    app = opened("space", **link)
    assert not app.exception
    assert says in words(app)
    ((header, data),) = [sent for sent in payloads(app) if sent[0]["key"] == "space"]
    assert len(data) < 1_000_000
    assert {len(header["ticks"])} == {header["stepOf"]["length"]}
    assert all(path["places"]["length"] == 3 * len(header["ticks"]) for path in header["paths"])
    assert header["summary"]
