"""The basis of a picture against numpy's eigen-decomposition of the covariance, and in cases done by hand."""

import numpy as np
import pytest

from gru_core.analysis.pca import fit_basis
from gru_core.errors import InputError


@pytest.mark.parametrize(("steps", "units"), [(200, 12), (7, 12), (40, 2), (5, 3)])
def test_axes_and_shares_are_those_of_the_covariance(steps: int, units: int) -> None:
    generator = np.random.default_rng(steps)
    states = generator.standard_normal((steps, units)) * np.linspace(3, 0.1, units) + 0.5
    basis = fit_basis([states[:3], states[3:]])
    values, vectors = np.linalg.eigh(np.cov(states.T))
    count = min(3, units)
    assert basis.shares == pytest.approx(values[::-1][:count] / values.sum(), rel=1e-10)
    along = np.abs((basis.axes * vectors.T[::-1][:count]).sum(axis=1))  # the same up to a sign
    assert along == pytest.approx(np.ones(count), abs=1e-10)
    assert basis.axes @ basis.axes.T == pytest.approx(np.eye(count), abs=1e-12)
    assert (np.abs(basis.axes).max(axis=1) == basis.axes.max(axis=1)).all()
    places = basis.project(states)
    assert places.mean(axis=0) == pytest.approx(np.zeros(count), abs=1e-12)
    assert places.var(axis=0, ddof=1) == pytest.approx(values[::-1][:count], rel=1e-10)
    assert basis.share_of(states) == pytest.approx(basis.shares.sum(), rel=1e-10)


def test_a_plane_shows_all_of_what_lies_in_it_and_half_of_what_is_tilted() -> None:
    turn = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn), 0 * turn, 0 * turn], axis=1)
    basis = fit_basis([circle], axes=2)
    assert basis.shares == pytest.approx([0.5, 0.5])
    assert basis.share_of(circle + 7) == pytest.approx(1)
    tilted = np.stack([np.cos(turn), 0 * turn, np.sin(turn), 0 * turn], axis=1)
    assert basis.share_of(tilted) == pytest.approx(0.5)


@pytest.mark.parametrize("states", [np.full((9, 4), 0.3), np.full((1, 4), 0.3), np.full((1, 1), 0.3)])
def test_states_that_do_not_move_are_one_point(states: np.ndarray) -> None:
    basis = fit_basis([states])
    count = min(3, states.shape[1])
    assert basis.shares.tolist() == [0] * count
    assert basis.axes @ basis.axes.T == pytest.approx(np.eye(count))
    assert np.abs(basis.project(states)).max() < 1e-12
    assert basis.share_of(states) == 1


def test_no_states_no_basis() -> None:
    for nothing in ([], [np.empty((0, 3))]):
        with pytest.raises(InputError, match="A basis is made from states"):
            fit_basis(nothing)
