"""The recurrence in plain torch: works everywhere, and carries the load until the compiled kernels are there.

All that does not depend on the state is done for every step at once, and each step writes into memory
that exists already: six small operations a step where the textbook loop needs about fifteen.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from gru_core.kernels.job import HARD_SLOPES, InnerGradients, Job, OutputGradients, Scanned

BLOCK = 256  # steps whose views exist at the same time

Rows = tuple[tuple[Tensor, Tensor], ...]  # (keep, force), each (H,), per step


def forward(job: Job, for_gradient: bool) -> Scanned:
    """The scan. The projections become the gates and the candidate in place."""
    steps, batch, units = job.sizes
    forced_r, forced_z = _rows(job, "r"), _rows(job, "z")
    # (T, B, 2H), because one product serves both gates, and (T, B, H)
    gates, H_tilde = job.project(slice(0, 2 * units), slice(2 * units, 3 * units))
    states = job.states()
    R_proposed, Z_proposed = gates[..., :units], gates[..., units:]
    R = R_proposed if forced_r is None else job.empty(steps, batch, units)
    Z = Z_proposed if forced_z is None else job.empty(steps, batch, units)
    Q = job.empty(steps if for_gradient else 1, batch, units) if job.bias_hh is not None else None
    scratch = job.empty(batch, units)
    w_rz, w_h = job.weight_h[: 2 * units].t(), job.weight_h[2 * units :].t()

    found = Scanned(R, R_proposed, Z, Z_proposed, H_tilde, states, job.reverse, Q if for_gradient else None)
    arrays = (gates, R_proposed, R, Z_proposed, Z, H_tilde, found.H_prev, found.H)
    for t, (a, r, applied_r, z, applied_z, candidate, h, new) in _each_step(arrays, job.reverse):
        _activate(job.activation, a.addmm_(h, w_rz))
        if forced_r is not None:
            torch.addcmul(forced_r[t][1], forced_r[t][0], r, out=applied_r)
        if forced_z is not None:
            torch.addcmul(forced_z[t][1], forced_z[t][0], z, out=applied_z)
        if Q is None or job.bias_hh is None:
            torch.mul(applied_r, h, out=scratch)
            candidate.addmm_(scratch, w_h).tanh_()
        else:
            q = Q[t if for_gradient else 0]
            torch.addmm(job.bias_hh, h, w_h, out=q)
            candidate.addcmul_(applied_r, q).tanh_()
        torch.lerp(candidate, h, applied_z, out=new)  # exactly h where Z = 1
    return found


def backward(job: Job, found: Scanned, given: OutputGradients) -> InnerGradients:
    """Back through time. The derivatives that know no gradient yet are taken for all steps at once."""
    steps, batch, units = job.sizes
    slope_r = _slope(job, found.R_proposed, _rows(job, "r"))
    slope_z = _slope(job, found.Z_proposed, _rows(job, "z"))
    slope_h = 1 - found.H_tilde * found.H_tilde
    A = torch.zeros(steps, batch, 3 * units, dtype=job.x.dtype)
    A_rz, (A_r, A_z, A_h) = A[..., : 2 * units], A.split(units, dim=2)
    if given.R is not None:
        torch.mul(given.R, slope_r, out=A_r)
    if given.Z is not None:
        torch.mul(given.Z, slope_z, out=A_z)
    if given.H_tilde is not None:
        torch.mul(given.H_tilde, slope_h, out=A_h)
    slope_h *= 1 - found.Z  # from H to the argument of tanh
    slope_z *= found.H_prev - found.H_tilde  # from H to the argument of Z
    slope_r *= found.H_prev if found.Q is None else found.Q  # from R * ... to the argument of R
    dQ = job.empty(steps, batch, units) if found.Q is not None else None
    w_rz, w_h = job.weight_h[: 2 * units], job.weight_h[2 * units :]

    dH = torch.zeros_like(job.h0, memory_format=torch.contiguous_format)
    scratch = job.empty(batch, units)
    arrays = (A_rz, A_r, A_z, A_h, slope_r, slope_z, slope_h, found.R, found.Z)
    for t, (a_rz, a_r, a_z, a_h, s_r, s_z, s_h, r, z) in _each_step(arrays, not job.reverse):
        if given.H is not None:
            dH += given.H[t]
        a_h.addcmul_(dH, s_h)
        a_z.addcmul_(dH, s_z)
        dH *= z
        if dQ is None:
            torch.mm(a_h, w_h, out=scratch)  # gradient of R * H_prev
            a_r.addcmul_(scratch, s_r)
            dH.addcmul_(scratch, r)
        else:
            a_r.addcmul_(a_h, s_r)
            torch.mul(a_h, r, out=dQ[t])
            dH.addmm_(dQ[t], w_h)
        dH.addmm_(a_rz, w_rz)
    return InnerGradients(A, dQ, dH)


def _each_step(arrays: Sequence[Tensor], from_the_end: bool) -> Iterator[tuple[int, tuple[Tensor, ...]]]:
    """(t, views of all arrays at t) in the order of the scan; a block of steps gets its views at once."""
    blocks = range(0, len(arrays[0]), BLOCK)
    for start in reversed(blocks) if from_the_end else blocks:
        views = zip(*(a[start : start + BLOCK].unbind(0) for a in arrays), strict=True)
        numbered = list(enumerate(views, start))
        yield from reversed(numbered) if from_the_end else numbered


def _activate(activation: str, a: Tensor) -> None:
    if activation == "sigmoid":
        a.sigmoid_()
    else:
        a.mul_(HARD_SLOPES[activation]).add_(0.5).clamp_(0.0, 1.0)


def _slope(job: Job, proposed: Tensor, rows: Rows | None) -> Tensor:
    """d applied / d argument (T, B, H), from the proposed gate."""
    if job.activation == "sigmoid":
        slope = proposed * (1 - proposed)
    else:
        slope = ((proposed > 0) & (proposed < 1)) * torch.tensor(
            HARD_SLOPES[job.activation], dtype=proposed.dtype
        )
    if rows is not None:
        for t, (keep, _) in enumerate(rows):
            slope[t] *= keep
    return slope


def _rows(job: Job, gate: str) -> Rows | None:
    forced = job.forced
    keep = None if forced is None else getattr(forced, f"keep_{gate}")
    if forced is None or keep is None:
        return None
    keeps = torch.from_numpy(keep).to(job.x.dtype).unbind(0)
    forces = torch.from_numpy(getattr(forced, f"force_{gate}")).to(job.x.dtype).unbind(0)
    return tuple((keeps[row], forces[row]) for row in forced.rows.tolist())
