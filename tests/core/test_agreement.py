"""Readings of arrays with unknown names, found by what the frameworks themselves computed with them."""

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.errors import InputError
from gru_core.formats.readings.agreement import Search, agreeing_readings
from gru_core.formats.readings.agreement_data import comparisons
from gru_core.formats.readings.own_arrays import canonical_of, gru_of
from gru_core.formats.readings.screening import screened
from gru_core.formats.readings.suggestions import suggest_readings
from tests.support.renamed import RENAMED, Renamed

CASE_TOLERANCE = 1e-5
PER_GATE = ("chainer stateful", "chainer n step", "flax linen")
"""Twelve or ten arrays without a name: thousands of readings, a few seconds."""
MARKED = [pytest.param(name, marks=pytest.mark.slow) if name in PER_GATE else name for name in RENAMED]


def searched(case: Renamed, **options: object) -> Search:
    return agreeing_readings(case.arrays, case.x, case.output, h0=case.h0, seconds=60, **options)


@pytest.mark.parametrize("name", MARKED)
def test_the_frameworks_own_output_finds_the_one_reading(name: str) -> None:
    case = RENAMED[name]()
    search = searched(case, tolerance=CASE_TOLERANCE)
    assert len(search.agreeing) == 1, search.sentence()
    best = search.found[0].reading
    told = (best.z_sense, best.reset_mode, best.layout, best.gate_activation, best.backwards)
    assert told == case.truth
    # The search can tell right from wrong: whatever does not agree is far off.
    assert search.found[1].difference > 1e-2


@pytest.mark.parametrize("name", ["torch", "keras 3, before", "onnx lbr 1, from a state", "tf1"])
def test_what_was_found_gives_that_output_when_it_is_loaded(name: str) -> None:
    case = RENAMED[name]()
    gru = gru_of(searched(case).found[0].reading, case.arrays)
    time_first = name.startswith("onnx")
    x = torch.from_numpy(case.x.swapaxes(0, 1).copy() if time_first else case.x)
    with torch.no_grad():
        output = gru(x, None if case.h0 is None else torch.from_numpy(case.h0))[0].numpy()
    wanted = case.output[:, 0].swapaxes(0, 1) if time_first else case.output
    np.testing.assert_allclose(output, wanted, rtol=0, atol=CASE_TOLERANCE)


@pytest.mark.parametrize("name", ["torch", "keras 3, before", "paddle legacy", "tf1"])
def test_a_wrong_output_agrees_with_nothing_and_that_is_said(name: str) -> None:
    case = RENAMED[name]()
    search = agreeing_readings(case.arrays, case.x, case.output[..., ::-1].copy(), h0=case.h0)
    assert search.agreeing == ()
    assert search.found[0].difference > 1e-2
    assert search.sentence().startswith("None of ")
    assert "Is it the output of this very GRU" in search.sentence()


def arrays_of(module: nn.GRU) -> dict[str, torch.Tensor]:
    return dict(zip("abcd", (p.detach() for p in module.parameters()), strict=False))


def test_readings_that_are_one_function_stand_once_and_are_counted() -> None:
    torch.manual_seed(0)
    module = nn.GRU(3, 4, batch_first=True)
    nn.init.zeros_(module.bias_ih_l0)
    nn.init.zeros_(module.bias_hh_l0)
    x = torch.randn(2, 6, 3)
    search = agreeing_readings(arrays_of(module), x, module(x)[0])
    assert len(search.agreeing) == 1
    # Two zero biases: either in either place, one of them, or none.
    assert len(search.found[0].also) == 6
    assert "6 more say the same function in other words" in search.sentence()


def test_different_functions_that_this_input_cannot_tell_apart_are_all_shown() -> None:
    torch.manual_seed(0)
    module = nn.GRU(3, 4, batch_first=True, bias=False)
    x = torch.randn(1, 1, 3)
    search = agreeing_readings(arrays_of(module), x, module(x)[0])
    assert len(search.agreeing) > 1
    assert {"reset_mode", "order"} & set(search.differ_in)
    assert "on this input they are the same function. They differ in " in search.sentence()
    longer = torch.randn(1, 9, 3)
    assert len(agreeing_readings(arrays_of(module), longer, module(longer)[0]).agreeing) == 1


def test_one_unit_without_an_inner_bias_has_no_reset_mode_to_find() -> None:
    torch.manual_seed(0)
    module = nn.GRU(2, 1, batch_first=True, bias=False)
    x = torch.randn(3, 8, 2)
    search = agreeing_readings(arrays_of(module), x, module(x)[0])
    modes = {reading.reset_mode for reading in (search.found[0].reading, *search.found[0].also)}
    assert modes == {"before", "after"}


def test_a_zero_update_gate_has_no_sense_to_find() -> None:
    torch.manual_seed(0)
    module = nn.GRU(2, 3, batch_first=True, bias=False)
    with torch.no_grad():
        module.weight_ih_l0[3:6] = 0
        module.weight_hh_l0[3:6] = 0
    x = torch.randn(3, 8, 2)
    search = agreeing_readings(arrays_of(module), x, module(x)[0])
    assert len(search.agreeing) == 1
    senses = {reading.z_sense for reading in (search.found[0].reading, *search.found[0].also)}
    assert senses == {"keep", "update"}


def test_a_gru_that_reads_backwards_is_found_in_either_order_of_its_output() -> None:
    torch.manual_seed(0)
    module = nn.GRU(3, 4, batch_first=True)
    x = torch.randn(2, 7, 3)
    output = module(x.flip(1))[0].detach()
    for given in (output, output.flip(1), output[:, -1]):
        search = agreeing_readings(arrays_of(module), x, given)
        assert len(search.agreeing) == 1
        assert search.found[0].reading.backwards
    reading_order = agreeing_readings(arrays_of(module), x, output)
    assert "in the order of reading" in reading_order.sentence()


def test_the_bounds_are_kept_and_said() -> None:
    case = RENAMED["torch"]()
    few = searched(case, most=5)
    assert (few.readings, few.cut) == (5, "number")
    assert few.sentence().endswith("Only the likeliest 5 readings were tried.")
    short = agreeing_readings(case.arrays, case.x, case.output, seconds=1e-9)
    assert (short.readings, short.offered, short.cut) == (1, 504, "time")
    assert short.sentence().endswith("The time was over after 1 of 504 readings.")


def test_many_arrays_of_many_layers_stay_within_the_bounds() -> None:
    torch.manual_seed(0)
    layers = [nn.GRU(8, 8) for _ in range(24)]
    arrays = {
        f"{i}.{k}": p.detach() for i, layer in enumerate(layers) for k, p in enumerate(layer.parameters())
    }
    x = torch.randn(5, 8)
    search = agreeing_readings(arrays, x, layers[5](x)[0], seconds=60)
    assert len(search.agreeing) == 1
    assert search.found[0].reading.weight_x == ("5.0",)
    assert (search.readings, search.cut) == (6_000, "number")


def test_screening_is_the_scan() -> None:
    case = RENAMED["keras 3, hard sigmoid"]()
    view = comparisons(case.x, case.output)[0]
    kind = ("before", "hard_sigmoid_sixth")
    readings = [
        one for one in suggest_readings(case.arrays, 5, 7) if (one.reset_mode, one.gate_activation) == kind
    ]
    rough = screened(
        [canonical_of(one, case.arrays) for one in readings], [None] * len(readings), [view], *kind
    )
    for reading, (difference,) in zip(readings, rough, strict=True):
        with torch.no_grad():
            states = gru_of(reading, case.arrays)(view.x.float())[0]
        assert difference == pytest.approx(float((states - view.expected).abs().max()), abs=1e-6)


@pytest.mark.parametrize(
    ("x", "output", "says"),
    [
        (np.zeros((501, 2)), np.zeros(3), "A last state is compared after at most 500 steps"),
        (np.zeros((4,)), np.zeros((4, 3)), "The input must be (time, inputs)"),
        (np.zeros((4, 2)), np.zeros((5, 3)), "with the same axes, or its last state alone, got (5, 3)"),
        (np.zeros((4, 2)), np.full((4, 3), np.nan), "The output has a NaN or an infinity"),
        (np.array([["a"]]), np.zeros((4, 3)), "The input must be an array of numbers"),
        (np.zeros((4, 2)), np.array(1.0), "The output must be an array of numbers"),
    ],
)
def test_what_cannot_belong_together_is_refused(x: np.ndarray, output: np.ndarray, says: str) -> None:
    with pytest.raises(InputError) as caught:
        agreeing_readings({"a": torch.zeros(9, 3)}, x, output)
    assert says in str(caught.value)


def test_arrays_that_fit_nothing_are_said_to() -> None:
    search = agreeing_readings({"a": torch.zeros(9, 3)}, np.zeros((4, 2)), np.zeros((4, 3)))
    assert search.found == ()
    assert search.sentence().startswith("No arrays in this file have shapes that fit")
