"""The novel that ships and the model that reads it: whole, held out, and judged by torch's own layers."""

import math
import re

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES
from gru_core.sequences.decoding import clean_label, normalised
from gru_core.tasks.letters import Letters, bits, counted_bits, novel
from gru_core.tasks.text import Text


def torch_layers(model: SequenceModel) -> nn.GRU:
    """The same weights in torch's own layer; its convention keeps Z as here, with b_hh inside R's product."""
    gru, units = model.gru, model.gru.hidden_size
    theirs = nn.GRU(gru.input_size, units, gru.num_layers, batch_first=True)
    for layer in range(gru.num_layers):
        weight_x, weight_h, bias, bias_hh = gru.cell_weights(layer)
        assert bias_hh is not None
        with torch.no_grad():
            getattr(theirs, f"weight_ih_l{layer}").copy_(weight_x)
            getattr(theirs, f"weight_hh_l{layer}").copy_(weight_h)
            getattr(theirs, f"bias_ih_l{layer}").copy_(bias)
            getattr(theirs, f"bias_hh_l{layer}").zero_()[2 * units :].copy_(bias_hh)
    return theirs


def test_the_novel_is_whole_and_as_any_text_here_is_read() -> None:
    text = novel()
    assert len(text) == 432_027
    assert len(set(text)) == 74
    assert text.isascii()
    assert text.startswith("CHAPTER 1\n\n\nNo one who had ever seen Catherine Morland in her infancy")
    assert text.endswith("to recommend parental tyranny, or\nreward filial disobedience.\n")
    assert [int(number) for number in re.findall(r"CHAPTER (\d+)\n", text)] == list(range(1, 32))
    assert normalised(text) == (text, ())
    assert all(clean_label(symbol) == symbol for symbol in set(text))


def test_the_tail_is_never_learned_from_and_examples_are_of_it_but_for_the_last() -> None:
    task = Letters()
    assert task.first_held_out == 367_223
    learned, tail = novel()[: task.first_held_out], novel()[task.first_held_out :]
    *held_out, seen = task.examples()
    for example in held_out:
        assert "".join(example.labels) in tail
        assert "".join(example.labels)[:60] not in learned
    assert "".join(seen.labels) in learned
    for example in task.examples():
        assert "".join(example.labels) + example.target[-1] in novel()
        assert example.target[:-1] == example.labels[1:]


def test_counted_bits_on_a_text_that_a_hand_can_count() -> None:
    """200 characters, 170 of them learned from: a and b in turn, so b follows a in 85 pairs of 85."""
    task = Text("ab" * 100)
    assert counted_bits(task, 1) == pytest.approx(-math.log2(86 / 87), rel=0.02)
    # Alone, each was counted 85 times (the first character, which nothing precedes, included).
    assert counted_bits(task, 0) == pytest.approx(1.0, abs=1e-9)


def test_bits_are_what_torchs_own_layers_give() -> None:
    model, task = load_model(demo_path("letters")), Letters()
    batch = task.held_out(1, torch.Generator())
    assert batch.x.shape == (100, 100, 74)
    assert model.readout is not None
    with torch.no_grad():
        logits = model.readout(torch_layers(model)(batch.x)[0])
        wanted = torch.gather(logits.log_softmax(-1), 2, batch.target[..., None]).double().mean()
    assert bits(model, task) == pytest.approx(-float(wanted) / math.log(2), abs=1e-4)


def test_it_knows_more_than_what_follows_three_characters_and_needs_its_gates_for_it() -> None:
    model, task = load_model(demo_path("letters")), Letters()
    learned = bits(model, task)
    assert learned < counted_bits(task, 2) - 0.6
    assert learned < min(counted_bits(task, before) for before in range(5)) - 0.5
    assert all(bits(model, task, EXTREMES[name]) > learned + 1 for name in ("rnn", "input_only", "copy"))


def test_it_spells() -> None:
    """What a reader would fill in, by the probabilities after the last character."""
    model = load_model(demo_path("letters"))
    at = {symbol: i for i, symbol in enumerate(model.card.outputs)}

    def after(text: str) -> np.ndarray:
        x = torch.eye(len(at))[[at[symbol] for symbol in text]][None]
        with torch.no_grad():
            return torch.softmax(model(x)[0, -1], dim=-1).numpy()

    assert after("said Catherin")[at["e"]] > 0.9
    assert after("she had been so q")[at["u"]] > 0.9


def test_stretches_are_all_of_the_tail_and_begin_where_nobody_speaks() -> None:
    task = Letters()
    stretches, tail = task.stretches(), novel()[task.first_held_out :]
    assert "".join(stretches).replace("\n", "") in tail.replace("\n", "")
    assert sum(map(len, stretches)) > len(tail) - 400
    assert all(500 <= len(stretch) < 1500 for stretch in stretches[:-1])
    assert all(stretch in tail and stretch[0] != "\n" and stretch[-1] == "\n" for stretch in stretches)
    # A speech of several paragraphs opens its marks anew in each and closes them once.
    odd = [part for stretch in stretches for part in stretch.split("\n\n") if part.count('"') % 2]
    assert len(odd) < 0.02 * sum(len(stretch.split("\n\n")) for stretch in stretches)
