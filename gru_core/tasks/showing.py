"""Examples for people: drawn at the lengths a task is learned at and beyond, and told in words."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from gru_core.model import Example
from gru_core.sequences.encoders import SymbolEncoder
from gru_core.tasks.base import Batch


class Drawn(Protocol):
    """A task that reads symbols, answers with a class, and is made to length."""

    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def encoder(self) -> SymbolEncoder: ...

    def batch(self, size: int, generator: torch.Generator) -> Batch: ...


def lengths_to_show(longest: int, noun: str) -> tuple[tuple[str, int, int], ...]:
    """Title, length and seed of four examples: two of the task's own length, a shorter and a longer one."""
    half, twice = max(longest // 2, 1), 2 * longest
    return (
        (f"{longest:,} {noun}", longest, 100 * longest),
        (f"Another {longest:,} {noun}", longest, 100 * longest + 1),
        (f"{half:,} {noun}, half as many", half, 100 * longest + 2),
        (f"{twice:,} {noun}, twice as many as it was trained on", twice, 100 * longest + 3),
    )


def drawn_examples(
    task: Drawn, noun: str, longest: int, of_length: Callable[[int], Drawn]
) -> tuple[Example, ...]:
    """Four examples of a task as `lengths_to_show` says; `of_length` gives the same task at one length."""
    return tuple(
        symbol_example(title, task, of_length(length).batch(1, torch.Generator().manual_seed(seed)))
        for title, length, seed in lengths_to_show(longest, noun)
    )


def symbol_example(title: str, task: Drawn, batch: Batch, row: int = 0) -> Example:
    """Sequence `row` of a batch, with its right answers where they are asked."""
    vocabulary, outputs = task.encoder.vocabulary, task.outputs
    answers = zip(batch.target[row].tolist(), batch.mask[row].tolist(), strict=True)
    return Example(
        title=title,
        labels=tuple(vocabulary[index] for index in batch.x[row].argmax(dim=-1).tolist()),
        target=tuple(outputs[index] if asked else "" for index, asked in answers),
    )


def beginning(items: Sequence[str], end: str = "", most: int = 10) -> str:
    """The first few of them, and three dots where there are more, else the `end`: "A B C …" or "A B C."."""
    return " ".join(items[:most]) + (" …" if len(items) > most else end)
