"""A stream of sequences in pieces: chunks that one job counts, and batches that are scanned together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.survey.inputs import Inputs
from gru_core.survey.rows import together

CHUNK_BYTES = 4_000_000
"""Inputs of one chunk, as they are sent; a single longer sequence is a chunk of its own."""

CHUNK_SEQUENCES = 512

ROWS = 32
"""Sequences that are scanned together, unless one says otherwise."""

BATCH_CELLS = 1_000_000
"""Steps x sequences x units of one batch, so that it takes some 40 MB; a longer sequence is alone."""


def chunks(stream: Iterable[Inputs], most: int = CHUNK_SEQUENCES) -> Iterator[list[Inputs]]:
    """The sequences in chunks, in their order; no more than one chunk is held."""
    held: list[Inputs] = []
    size = 0
    for one in stream:
        if held and (len(held) >= most or size + one.values.nbytes > CHUNK_BYTES):
            yield held
            held, size = [], 0
        held.append(one)
        size += one.values.nbytes
    if held:
        yield held


def batches(
    sequences: Sequence[Inputs], gru: GRU, overrides: Sequence[GateOverride], rows: int = ROWS
) -> Iterator[list[Inputs]]:
    """Sequences of similar length together; of one length where a gate is set at some steps only.

    Those steps are counted from a sequence's end as well as from its beginning.
    """
    exact = any(override.steps is not None for override in overrides)
    rows = min(rows, together())
    batch: list[Inputs] = []
    for one in sorted(sequences, key=len):
        full = len(batch) >= rows or (len(batch) + 1) * len(one) * gru.hidden_size > BATCH_CELLS
        # From half the length on, more than half of a row would be computed for nothing.
        uneven = batch and (len(one) != len(batch[0]) if exact else len(one) > 2 * len(batch[0]))
        if batch and (full or uneven):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch
