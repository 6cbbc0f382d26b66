"""What goes into a reader and comes out of it: dataclasses as JSON and arrays, and nothing else."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save
from torch import nn

from gru_core.errors import GateScopeError
from gru_core.formats import Choices, Inspection, OtherLayer, load_models
from gru_core.jobs import Parcel
from gru_core.reading_room import held_bytes
from gru_core.reading_room.plain import Arrays, from_plain, to_plain
from gru_core.reading_room.work import order_of
from tests.support.files import torch_file


def test_plain_values_come_back_as_they_were() -> None:
    arrays: Arrays = {}
    lstm, rnn = nn.LSTM(3, 4, 2, batch_first=True), nn.RNN(3, 4, nonlinearity="relu").double()
    weight = torch.randn(4, 3).bfloat16().T
    for core in (lstm, rnn):
        layer = OtherLayer("a", "LSTM", "3 -> 4", "note", weight, None, "relu", ("gru",), core)
        back = from_plain(OtherLayer, to_plain(layer, arrays), arrays)
        assert back == layer
        assert torch.equal(back.weight, weight)
        assert back.core is not None
        x = torch.randn(2, 5, 3).to(next(core.parameters()).dtype)
        assert torch.equal(back.core(x)[0], core.eval()(x)[0])


@pytest.mark.parametrize("change", [{"is": "Other"}, {"of": {}}, {"of": 3}, {}])
def test_plain_values_that_are_none_are_refused(change: dict[str, object]) -> None:
    plain = to_plain(Choices(), {}) | change if change else None
    with pytest.raises(GateScopeError, match="What a reader sent is damaged"):
        from_plain(Inspection if change == {"of": {}} else Choices, plain, {})


def test_choices_of_any_kind_are_carried() -> None:
    chosen = Choices(gate_activation="hard_sigmoid_fifth", z_sense="update")
    arrays: Arrays = {}
    order = Parcel.from_bytes(order_of({"a": b"", "b": b"x"}, chosen).to_bytes())
    assert from_plain(Choices, order.head["choices"], arrays) == chosen
    assert order.head["names"] == ["a", "b"]
    assert order.blobs["file 1"] == b"x"
    assert save(arrays) == order.blobs["arrays"]
    with pytest.raises(GateScopeError, match="A set cannot be sent"):
        to_plain({1}, arrays)


def test_what_is_kept_counts_all_that_it_holds() -> None:
    state = {f"gru.{k}": v for k, v in nn.GRU(3, 4).state_dict().items()}
    state |= {f"rec.{k}": v for k, v in nn.LSTM(30, 200).state_dict().items()}
    state |= {"emb.weight": torch.zeros(1_000, 50)}
    inspection, models = load_models({"m.pt": torch_file(state)})
    numbers = sum(value.nbytes for value in state.values())
    assert numbers > 900_000
    assert numbers <= held_bytes(inspection, models) < numbers + 150_000
    # A model that goes by two names is there once.
    assert held_bytes(inspection, {"a": models["gru"], "b": models["gru"]}) == held_bytes(inspection, models)
