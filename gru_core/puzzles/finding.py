"""What is said about a painting: kinds of findings with computed values; their sentences are the app's."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    # What does not hold at the end of the run.
    "input_leaks",
    "inputs_leak",
    "start_leaks",
    "input_lost",
    "inputs_lost",
    # Why: the step that has to stop the past lets it through.
    "stop_keeps",
    "stop_keeps_learned",
    "stop_reads",
    "stop_reads_learned",
    "stop_z_depends",
    "stop_r_depends",
    # Why: a step that must not count writes, one that must is not written, or is erased later.
    "writes",
    "writes_learned",
    "never_written",
    "erased",
    "faded",
    # What a step does otherwise than the step that it shall imitate, and why.
    "steps_differ",
    "step_keeps",
    "step_keeps_learned",
    "step_sees",
    "step_sees_learned",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind, so that a catalogue of sentences can be checked to be complete."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found, of which a sentence can be made.

    step    the step that it is about, the worst where there are several
    count   how many steps it is about
    size    a Frobenius norm: of d H_T / d X_t, of the way that leaks at a step, or of a difference
    share   of all influence on the last state, or of the old state, in [0, 1]
    value   where the gate stands at that step, the mean over units where it is learned
    wanted  what `value` should be, or the size that `size` is to be compared with
    """

    kind: Kind
    step: int = -1
    count: int = 1
    size: float = 0.0
    share: float = 0.0
    value: float = 0.0
    wanted: float = 0.0
