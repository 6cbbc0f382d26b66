"""What is said about a puzzle: its task, its hints, and every finding as one sentence."""

from gru_core.puzzles import Each, Puzzle
from gru_core.puzzles.finding import Finding
from gru_core.puzzles.look import Look
from gru_ui.texts import say
from gru_ui.words import percent

HINTS = 2
"""How many hints every puzzle has."""


def puzzle_text(puzzle: Puzzle, kind: str) -> str:
    """A text of the puzzle's own: "title", "task", "hint_1", "why" ...; it may name the first marked step."""
    step = puzzle.marked[0] if puzzle.marked else 0
    return say(f"puzzles.{puzzle.name}_{kind}", step=step, label=puzzle.text[step])


def sentence(puzzle: Puzzle, finding: Finding) -> str:
    """One finding in words."""
    return say(
        f"puzzles.{_key(puzzle, finding)}",
        step=finding.step,
        label=puzzle.text[finding.step] if finding.step >= 0 else "",
        count=finding.count,
        steps=puzzle.steps,
        size=size_text(finding.size),
        wanted=size_text(finding.wanted),
        share=percent(finding.share),
        most=percent(finding.value),
        seen=percent(finding.value),
        value=f"{finding.value:.2f}".rstrip("0").rstrip("."),
        wanted_share=percent(finding.wanted),
    )


def _key(puzzle: Puzzle, finding: Finding) -> str:
    if finding.kind == "steps_differ" and isinstance(puzzle.goal, Each):
        return f"{puzzle.goal.like}_{'differs' if finding.count == 1 else 'differ'}"
    return finding.kind


def size_text(size: float) -> str:
    """The size of a derivative in two digits."""
    return f"{size:.2g}" if size < 100 else f"{size:.0f}"


def reaches(seen: Look) -> str:
    """How much of what came before reaches the last state."""
    inputs, steps = len(seen.reached), seen.trace.steps
    return say("puzzles.reaches_some", inputs=inputs, steps=steps, share=percent(seen.start_share))
