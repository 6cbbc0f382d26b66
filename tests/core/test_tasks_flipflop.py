"""The flip-flop: pulses as promised, and the sign of every channel's last one worked out again by hand."""

from itertools import product

import pytest
import torch

from gru_core.errors import LimitError
from gru_core.tasks.flipflop import PULSES, FlipFlop


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def held(rows: list[list[float]]) -> list[str]:
    """What a person with pencil and paper would answer at every step."""
    signs, answers = ["?"] * len(rows[0]), []
    for row in rows:
        signs = [{1.0: "+", -1.0: "−", 0.0: sign}[value] for value, sign in zip(row, signs, strict=True)]
        answers.append("".join(signs))
    return answers


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_answers_are_the_signs_of_the_last_pulses(bits: int) -> None:
    task = FlipFlop(bits=bits)
    assert task.outputs == tuple("".join(signs) for signs in product("−+", repeat=bits))
    for seed in range(20):
        batch = task.batch(4, seeded(seed))
        assert batch.x[:, 0].abs().min() == 1
        assert bool(batch.mask.all())
        for rows, target in zip(batch.x.tolist(), batch.target.tolist(), strict=True):
            assert [task.outputs[index] for index in target] == held(rows)


def test_pulses_come_as_often_as_stated_either_way_and_every_answer_is_as_likely() -> None:
    batch = FlipFlop(200, 200).batch(200, seeded(0))
    later = batch.x[:, 1:]
    assert float((later != 0).float().mean()) == pytest.approx(PULSES, abs=0.005)
    assert float(batch.x.mean()) == pytest.approx(0, abs=0.005)
    shares = torch.bincount(batch.target.flatten(), minlength=8) / batch.target.numel()
    assert shares.tolist() == pytest.approx([FlipFlop().chance] * 8, abs=0.02)


def test_examples_say_their_pulses_and_have_the_right_answers() -> None:
    for length in (23, 60):
        examples = FlipFlop(longest=length).examples()
        assert [len(example.target) for example in examples][:4] == [length, length, length // 2, 2 * length]
        assert [any(v for row in example.values[3:] for v in row) for example in examples[:4]] == [True] * 4
        for example in examples:
            assert example.values is not None
            assert list(example.target) == held([list(row) for row in example.values])
            ticks = ["".join({1.0: "+", -1.0: "−", 0.0: "·"}[v] for v in row) for row in example.values]
            assert list(example.ticks) == ticks
    silent = FlipFlop().examples()[4]
    assert all(value == 0 for row in silent.values[3:] for value in row)
    assert len(set(silent.target[2:])) == 1


@pytest.mark.parametrize("bits", [0, 6])
def test_bits_out_of_range_are_refused(bits: int) -> None:
    with pytest.raises(LimitError, match=f"A flip-flop has 1 to 5 bits, got {bits}"):
        FlipFlop(bits=bits)
