"""What stands around the GRUs of an ONNX graph: readouts and embeddings by the graph, LSTMs and RNNs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.formats import OtherLayer, inspect_file, load

ONNX = Path(__file__).parent.parent / "cases" / "fw_onnx"
FOUND = {layer.name: layer for layer in inspect_file(ONNX / "others.onnx").others}
EXPECTED = dict(np.load(ONNX / "others_reference.npz"))


def test_every_layer_is_listed_in_the_graphs_order() -> None:
    assert [(name, layer.kind, layer.sizes) for name, layer in FOUND.items()] == [
        ("embed", "Embedding", "6 x 3"),
        ("head", "Linear", "8 -> 5"),
        ("other", "Linear", "8 -> 7"),
        ("lstm", "LSTM", "3 -> 4"),
        ("lstm_both", "LSTM", "3 -> 8"),
        ("lstm_back", "LSTM", "3 -> 4"),
        ("rnn", "RNN", "3 -> 4"),
        ("rnn_relu", "RNN", "3 -> 8"),
        ("lstm_peepholes", "LSTM", "3 -> 4"),
        ("lstm_hard", "LSTM", "3 -> 4"),
        ("conv", "other", "Conv, weights 2 x 3 x 3"),
    ]


def test_embedding_gru_and_readout_give_what_the_whole_model_gave() -> None:
    """By `fits` alone: the embedding that feeds the GRU, and both readouts that follow it."""
    (gru,) = load(ONNX / "others.onnx").values()
    embed, head, other = FOUND["embed"], FOUND["head"], FOUND["other"]
    assert embed.fits == head.fits == other.fits == ("gru",)
    assert (embed.note, head.note) == ("feeds 'gru'", "reads what 'gru' gives: it is its readout")
    assert (head.activation, other.activation) == ("softmax", "sigmoid")
    assert embed.weight is not None
    assert head.weight is not None
    assert other.weight is not None
    tokens = torch.from_numpy(EXPECTED["tokens"]).T  # (batch, steps)
    with torch.no_grad():
        states = gru(embed.weight[tokens])[0]
    answers = torch.softmax(states @ head.weight.T + head.bias, dim=-1)
    np.testing.assert_allclose(answers.transpose(0, 1), EXPECTED["probabilities"], rtol=0, atol=1e-5)
    chances = torch.sigmoid(states[:, -1] @ other.weight.T + other.bias)
    np.testing.assert_allclose(chances, EXPECTED["chances"], rtol=0, atol=1e-5)


def output_of(layer: OtherLayer) -> np.ndarray:
    """Y (steps, directions, batch, units) of torch's own layer."""
    x = torch.from_numpy(EXPECTED["X"]).transpose(0, 1)
    assert layer.core is not None
    x = x.flip(1) if layer.backwards else x
    with torch.no_grad():
        output = layer.core(x)[0]
    output = output.flip(1) if layer.backwards else output
    batch, steps, _ = output.shape
    return output.reshape(batch, steps, -1, layer.core.hidden_size).permute(1, 2, 0, 3).numpy()


@pytest.mark.parametrize("name", ["lstm", "lstm_both", "lstm_back", "rnn", "rnn_relu"])
def test_an_lstm_or_rnn_becomes_torchs_own(name: str) -> None:
    layer = FOUND[name]
    assert isinstance(layer.core, nn.LSTM if "lstm" in name else nn.RNN)
    assert layer.backwards == (name == "lstm_back")
    np.testing.assert_allclose(output_of(layer), EXPECTED[f"{name}.Y"], rtol=0, atol=1e-5)


def test_the_order_of_an_lstms_blocks_would_be_noticed() -> None:
    layer = FOUND["lstm"]
    assert isinstance(layer.core, nn.LSTM)
    right = {name: value.clone() for name, value in layer.core.state_dict().items()}
    for name, value in right.items():
        i, f, g, o = value.chunk(4)
        layer.core.state_dict()[name].copy_(torch.cat([i, o, f, g]))
    wrong = output_of(layer)
    layer.core.load_state_dict(right)
    assert np.abs(wrong - EXPECTED["lstm.Y"]).max() > 1e-2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("lstm_peepholes", "It has peepholes, from the cell state to the gates"),
        ("lstm_hard", "It has the activations HardSigmoid, Tanh, Tanh, and torch's LSTM has others"),
    ],
)
def test_what_torch_has_not_is_said(name: str, says: str) -> None:
    assert FOUND[name].core is None
    assert FOUND[name].note.startswith(says)
