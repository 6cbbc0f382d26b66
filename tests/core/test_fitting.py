"""Inputs and readouts that a person adds equal what torch's own layers make of the same weights."""

import numpy as np
import pytest
import torch
from torch import nn

from gru_core import load_model, save_model, trace
from gru_core.errors import InputError, ShapeError
from gru_core.fitting import (
    Fitting,
    InputChoice,
    ReadoutChoice,
    embedding_of,
    fit,
    with_encoder,
    with_readout,
)
from gru_core.formats import inspect_file
from gru_core.sequences import (
    EmbeddingEncoder,
    NumberEncoder,
    Sequence,
    SymbolEncoder,
    read_pasted,
    sequence_from_symbols,
)
from gru_core.sequences.examples import demo_sequence
from gru_core.trace import last_output

TOKENS = ("<pad>", "<unk>", "the", "cat", "sat", "on", "mat")


class Net(nn.Module):
    """Embedding -> GRU -> Linear, as people build it."""

    def __init__(self, outputs: int = 3, both: bool = False) -> None:
        super().__init__()
        torch.manual_seed(40)
        self.embedding = nn.Embedding(len(TOKENS), 5)
        self.gru = nn.GRU(5, 6, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(12 if both else 6, outputs)

    @torch.no_grad()
    def states(self, ids: list[int]) -> torch.Tensor:
        return self.gru(self.embedding(torch.tensor([ids])))[0][0]


@pytest.fixture
def net() -> Net:
    return Net()


def loaded(net: nn.Module, folder):
    torch.save(net.state_dict(), folder / "net.pt")
    return load_model(folder / "net.pt"), inspect_file(folder / "net.pt").others


def test_words_are_looked_up_and_read_out_as_torch_does(net: Net, tmp_path) -> None:
    model, others = loaded(net, tmp_path)
    inputs = InputChoice("embedding", layer="embedding", tokens=TOKENS, unknown="<unk>", unit="words")
    fitted = fit(model, others, Fitting(inputs, ReadoutChoice("fc", ("a", "b", "c"), "class")))
    sequence = read_pasted("the dog sat on the mat", text_unit="words")
    states = net.states([2, 1, 4, 5, 2, 6])
    traces = trace(fitted.gru, fitted.encoder.encode(sequence))
    np.testing.assert_allclose(traces[0].H[0], states.numpy(), atol=1e-6)
    expected = torch.softmax(net.fc(states), -1).detach().numpy()
    np.testing.assert_allclose(fitted.answers(last_output(traces))[0], expected, atol=1e-6)
    assert fitted.encoder.unknown_in(sequence) == ("dog",)
    assert (fitted.card.answer, fitted.card.outputs) == ("class", ("a", "b", "c"))
    assert fitted.card.task == (
        "Inputs: rows of 'embedding' for 7 symbols. Readout: 'fc', attached by hand, outputs by softmax."
    )
    # Another vocabulary is another function, and would be noticed.
    wrong = embedding_of(others[0], TOKENS[::-1], "<unk>").encode(sequence)
    assert np.abs(trace(fitted.gru, wrong)[0].H[0] - states.numpy()).max() > 1e-2


@pytest.mark.parametrize("tokens", [(), TOKENS])
def test_ids_are_rows_whether_numbers_or_digits(tokens, net: Net, tmp_path) -> None:
    _, others = loaded(net, tmp_path)
    encoder = embedding_of(others[0], tokens)
    ids = [3, 0, 6, 6]
    wanted = net.embedding.weight.detach().numpy()[ids]
    numbers = Sequence(np.array(ids)[:, None], ("",) * 4, ("value",))
    np.testing.assert_array_equal(encoder.encode(numbers), wanted)
    two = Sequence(np.column_stack([ids, ids[::-1]]), ("",) * 4, ("a", "b"))
    np.testing.assert_array_equal(encoder.encode(two, ("a",)), wanted)
    if not tokens:
        np.testing.assert_array_equal(encoder.encode(sequence_from_symbols(list("3066"), "typed")), wanted)


def test_what_is_no_row_is_said(net: Net, tmp_path) -> None:
    _, others = loaded(net, tmp_path)
    encoder = embedding_of(others[0], TOKENS)
    for number in (7.0, -1.0, 0.5):
        with pytest.raises(InputError, match=r"whole numbers from 0 to 6, and step 1 has"):
            encoder.encode(Sequence(np.array([[1.0], [number]]), ("", ""), ("id",)))
    with pytest.raises(InputError, match="does not have 'dog'"):
        encoder.encode(sequence_from_symbols(["the", "dog"], "typed"))
    with pytest.raises(InputError, match="no vocabulary"):
        embedding_of(others[0]).encode(sequence_from_symbols(["the"], "typed"))
    with pytest.raises(InputError, match="one id per step"):
        encoder.encode(Sequence(np.zeros((2, 2)), ("", ""), ("a", "b")))
    with pytest.raises(InputError, match="only 7 rows"):
        embedding_of(others[0], (*TOKENS, "more"))
    with pytest.raises(InputError, match="is not in the vocabulary"):
        embedding_of(others[0], TOKENS, unknown="[UNK]")
    with pytest.raises(InputError, match="no embedding, but Linear"):
        embedding_of(next(layer for layer in others if layer.kind == "Linear"))


def test_small_letters(net: Net, tmp_path) -> None:
    _, others = loaded(net, tmp_path)
    encoder = embedding_of(others[0], TOKENS, lower=True)
    assert encoder.ids(sequence_from_symbols(["The", "CAT"], "typed")).tolist() == [2, 3]


def test_one_output_read_by_the_sigmoid_is_two_answers(tmp_path) -> None:
    net = Net(outputs=1)
    model, others = loaded(net, tmp_path)
    fc = next(layer for layer in others if layer.name == "fc")
    fitted = with_readout(model, fc, answer="yes or no")
    states = net.states([1, 2, 3])
    answers = fitted.answers(states[None].numpy())[0]
    expected = torch.sigmoid(net.fc(states)).detach().numpy()
    np.testing.assert_allclose(answers[:, 1:], expected, atol=1e-6)
    np.testing.assert_allclose(answers[:, :1], 1 - expected, atol=1e-6)
    assert fitted.card.outputs == ("no", "yes")
    numbers = with_readout(model, fc).answers(states[None].numpy())[0]
    np.testing.assert_allclose(numbers, net.fc(states).detach().numpy(), atol=1e-6)


def test_both_directions_are_read_and_said(tmp_path) -> None:
    net = Net(both=True)
    model, others = loaded(net, tmp_path)
    fitted = fit(model, others, Fitting(readout=ReadoutChoice("fc")))
    states = net.states([1, 2, 3])
    expected = torch.softmax(net.fc(states), -1).detach().numpy()
    np.testing.assert_allclose(fitted.answers(states[None].numpy())[0], expected, atol=1e-6)
    assert "Each step reads both directions there" in fitted.card.task


def test_a_readout_that_does_not_fit_is_refused(net: Net, tmp_path) -> None:
    model, others = loaded(net, tmp_path)
    fc = next(layer for layer in others if layer.name == "fc")
    with pytest.raises(InputError, match="3 different names"):
        with_readout(model, fc, ("a", "b"))
    with pytest.raises(InputError, match="3 different names"):
        with_readout(model, fc, ("a", "b", "a"))
    with pytest.raises(InputError, match="one output"):
        with_readout(model, fc, answer="yes or no")
    with pytest.raises(ShapeError, match="reads 12 numbers"):
        with_readout(model, next(x for x in loaded(Net(both=True), tmp_path)[1] if x.name == "fc"))
    with pytest.raises(InputError, match="no output layer"):
        with_readout(model, others[0])
    with pytest.raises(InputError, match="no layer 'head'"):
        fit(model, others, Fitting(readout=ReadoutChoice("head")))


def test_numbers_are_scaled_as_said(net: Net, tmp_path) -> None:
    model, others = loaded(net, tmp_path)
    values = np.random.default_rng(0).normal(3, 2, (9, 5)).astype(np.float32)
    values[:, 4] = 1.5
    sequence = Sequence(values, ("",) * 9, tuple("abcde"))
    own = fit(model, others, Fitting(InputChoice("own scale"))).encoder.encode(sequence)
    np.testing.assert_allclose(own[:, :4].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(own[:, :4].std(axis=0), 1, atol=1e-6)
    assert (own[:, 4] == 0).all()
    given = Fitting(InputChoice("numbers", (1.0, 2, 3, 4, 5), (2.0, 2, 2, 2, 4)))
    scaled = fit(model, others, given).encoder.encode(sequence)
    np.testing.assert_allclose(scaled, (values - [1, 2, 3, 4, 5]) / np.array([2, 2, 2, 2, 4]), atol=1e-6)
    with pytest.raises(ShapeError, match="for each, got 2 and 5"):
        fit(model, others, Fitting(InputChoice("numbers", (1.0, 2.0))))
    with pytest.raises(ShapeError, match="other than 0"):
        fit(model, others, Fitting(InputChoice("numbers", (1.0,) * 5, (0.0,) * 5)))


def test_one_hot_needs_as_many_symbols_as_inputs(net: Net, tmp_path) -> None:
    model, others = loaded(net, tmp_path)
    fitted = fit(model, others, Fitting(InputChoice("one-hot", tokens=("a", "b", "", "d", "e"))))
    assert fitted.encoder == SymbolEncoder(("a", "b", "#2", "d", "e"))
    with pytest.raises(ShapeError, match="knows 5 symbols, and the vocabulary has 2"):
        fit(model, others, Fitting(InputChoice("one-hot", tokens=("a", "b"))))
    with pytest.raises(ShapeError, match="reads 5 inputs"):
        with_encoder(model, SymbolEncoder(("a",)))


def test_a_fitted_model_opens_with_symbols_it_knows(net: Net, tmp_path) -> None:
    model, others = loaded(net, tmp_path)
    for choice, first in (
        (InputChoice("embedding", layer="embedding", tokens=TOKENS), "<pad>"),
        (InputChoice("one-hot", tokens=tuple("abcde")), "a"),
    ):
        fitted = fit(model, others, Fitting(choice))
        sequence = demo_sequence(fitted, 0)
        assert sequence.labels[0] == first
        assert fitted.encoder.encode(sequence).shape == (len(sequence), 5)
    ids = fit(model, others, Fitting(InputChoice("embedding", layer="embedding")))
    np.testing.assert_array_equal(ids.encoder.encode(demo_sequence(ids, 0)), net.embedding.weight.detach())


@pytest.mark.parametrize(
    "choice",
    [
        InputChoice("embedding", layer="embedding", tokens=TOKENS, unknown="<unk>", unit="words", lower=True),
        InputChoice("embedding", layer="embedding"),
        InputChoice("own scale"),
        InputChoice("numbers", mean=(1.0,) * 5, std=(2.0,) * 5),
    ],
)
@pytest.mark.parametrize("double", [False, True])
def test_a_fitted_model_survives_its_own_file(choice: InputChoice, double: bool, net: Net, tmp_path) -> None:
    model, others = loaded(net.double() if double else net, tmp_path)
    fitted = fit(model, others, Fitting(choice, ReadoutChoice("fc", ("x", "y", "z"))))
    save_model(fitted, tmp_path / "kept.safetensors")
    back = load_model(tmp_path / "kept.safetensors")
    assert back.encoder == fitted.encoder
    assert (back.card, back.gru.dtype) == (
        fitted.card,
        fitted.gru.dtype,
    ) or back.card.task == fitted.card.task
    assert back.gru.fingerprint() == fitted.gru.fingerprint()
    torch.testing.assert_close(back.readout.weight, fitted.readout.weight)


def test_encoders_are_values() -> None:
    one = EmbeddingEncoder(np.eye(3), ("a", "b", "c"))
    assert one == EmbeddingEncoder(np.eye(3), ("a", "b", "c"))
    assert hash(one) == hash(EmbeddingEncoder(np.eye(3), ("a", "b", "c")))
    assert one != EmbeddingEncoder(2 * np.eye(3), ("a", "b", "c"))
    assert one != EmbeddingEncoder(np.eye(3), ("a", "b", "d"))
    assert one != NumberEncoder(("x",), (0.0,), (1.0,))
    with pytest.raises(ValueError, match="read-only"):
        one.matrix[0, 0] = 5
    with pytest.raises(InputError, match="matrix of finite numbers"):
        EmbeddingEncoder(np.full((2, 2), np.nan))
