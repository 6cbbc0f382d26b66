"""What a worker sends of the ledger is what is worked out here; whoever says stop is heard."""

import numpy as np
import pytest
import torch

from gru_core import EXTREMES, GRU, trace
from gru_core.analysis.ledger import memory_ledger
from gru_core.analysis.ledger_work import measure, measure_parcel, read_measured, work_for
from gru_core.analysis.memory_age import mean_age
from gru_core.analysis.parcels import pack
from gru_core.jobs import Parcel
from tests.support.handmade import random_trace


@pytest.fixture
def gru():
    torch.manual_seed(0)
    return GRU(3, 5, num_layers=2, bidirectional=True)


X = np.random.default_rng(1).normal(size=(900, 3)).astype(np.float32)


@pytest.mark.parametrize("layer", [0, 3])
def test_a_worker_gives_the_same(gru, layer):
    told = []
    parcel = pack(gru, X, EXTREMES["rnn"][1:], layer=layer, units=[1, 4], quantity="content")
    sent = measure_parcel(Parcel.from_bytes(parcel.to_bytes()), told.append, lambda: None)
    there = read_measured(Parcel.from_bytes(sent.to_bytes()))
    t = trace(gru, X, overrides=EXTREMES["rnn"][1:])[layer]
    here = measure(t, (1, 4), "content")
    np.testing.assert_array_equal(there.found.values, here.found.values)
    np.testing.assert_array_equal(there.ages, here.ages)
    np.testing.assert_array_equal(there.lives.steps, here.lives.steps)
    assert (there.found.bin, there.found.units, there.found.direction) == (3, (1, 4), t.direction)
    assert there.lives.seen == 900
    assert [parcel.head["done"] for parcel in told] == sorted(parcel.head["done"] for parcel in told)
    assert told[-1].head["done"] == 1
    np.testing.assert_allclose(here.ages, mean_age(t)[0][:, [1, 4]].mean(axis=1))


def test_stop_ends_it(gru):
    told = []
    parcel = pack(gru, X, layer=0, units=[], quantity="share")
    sent = measure_parcel(parcel, told.append, lambda: "stop")
    assert sent.head == {"stopped": True}
    assert not told


def test_half_lives_that_are_known_are_not_measured_again():
    t = random_trace(time=300, units=6)
    first = measure(t)
    again = measure(t, (2,), lives=first.lives)
    assert again.lives is first.lives
    np.testing.assert_allclose(again.found.values, memory_ledger(t)[0, :, :, 2], atol=1e-6)
    assert work_for(t, (2,), lives=first.lives) < work_for(t, (2,)) / 5
