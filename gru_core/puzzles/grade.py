"""Judging a painting by what its gates do: through Jacobians, never by comparing it with an answer.

Whatever depends on the right things is right, however it was painted; and where something leaks, the same
derivatives say what, how much, and through which way of which step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gru_core.model import SequenceModel
from gru_core.painting import Painting
from gru_core.puzzles.finding import Finding, Kind
from gru_core.puzzles.imitate import differences
from gru_core.puzzles.look import REACHES, Look, look
from gru_core.puzzles.spec import Each, Goal, Puzzle, Reach
from gru_core.puzzles.why_reach import why_it_leaks, why_it_writes, why_lost
from gru_core.sequences.symbols import sequence_from_symbols


@dataclass(frozen=True)
class Verdict:
    """The judgement of one painting.

    findings  what is wrong and why, the most telling first; () where it is solved
    """

    findings: tuple[Finding, ...]

    @property
    def solved(self) -> bool:
        """Whether all that was asked for holds."""
        return not self.findings


def run_puzzle(puzzle: Puzzle, model: SequenceModel, painting: Painting) -> Look:
    """The puzzle's model on the puzzle's text under painted gates. May raise OverrideError."""
    return look(model.gru, model.encoder.encode(sequence_from_symbols(puzzle.text, puzzle.name)), painting)


def grade(goal: Goal, seen: Look) -> Verdict:
    """Whether a painted run reaches a goal, and if not, what is in the way."""
    if isinstance(goal, Each):
        return Verdict(differences(goal, seen))
    return Verdict((*_leaks(goal, seen), *_losses(goal, seen)))


def _leaks(goal: Reach, seen: Look) -> Sequence[Finding]:
    """The inputs that count and must not, and the steps that let them pass or write them."""
    first = goal.uses[0]
    wrong = [step for step in seen.reached if step not in goal.uses]
    earlier, later = [s for s in wrong if s < first], [s for s in wrong if s > first]
    start = seen.start > REACHES and not goal.start
    found: list[Finding] = []
    if start:
        found.append(Finding("start_leaks", size=seen.start, share=seen.start_share))
    if wrong:
        worst = max(wrong, key=lambda step: seen.input[step])
        share = float(seen.input_shares[wrong].sum())
        kind: Kind = "input_leaks" if len(wrong) == 1 else "inputs_leak"
        size = float(seen.input[worst])
        found.append(Finding(kind, worst, len(wrong), size, share, float(seen.input_shares[worst])))
    if start or earlier:
        # Nothing that was before the first step in use may pass it, so that step has to stop it all.
        found += why_it_leaks(seen, first)
    if later:
        found += why_it_writes(seen, later)
    return found


def _losses(goal: Reach, seen: Look) -> Sequence[Finding]:
    """The inputs that must count and do not, and the step that is to blame for the last of them."""
    lost = [step for step in goal.uses if step not in seen.reached]
    if not lost:
        return ()
    kind: Kind = "input_lost" if len(lost) == 1 else "inputs_lost"
    return (Finding(kind, lost[-1], len(lost)), why_lost(seen, lost[-1]))
