"""A survey of many sequences against a plain loop that traces each and keeps what it needs.

python -m benchmarks.bench_survey

Each way runs in a process of its own over the same data, in turns; a number is the median of the ratios of
one turn. Memory is the highest resident size of a process, less what it had when all was imported and loaded.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from benchmarks.in_turns import at_most, print_rows, stated
from gru_core.formats import load_model
from gru_core.jobs import Jobs, WorkerPool
from gru_core.scan import warm_kernels
from gru_core.survey import sequences_in, survey
from gru_core.survey.inputs import Inputs
from gru_core.survey.work import chunk_parcel, count_chunk
from gru_core.trace import trace

SIZES = ((8_000, 30, 8, 32), (1_000, 200, 16, 128))
"""Sequences, steps of the longest (the shortest has half of them), inputs, units."""

TURNS = 3
FASTER, MEMORY, GROWTH = 1.0, 1.0, 20.0


def make(folder: Path, sequences: int, steps: int, inputs: int, units: int) -> None:
    """An NPZ of padded sequences with their lengths, and the weights of a GRU."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(steps // 2, steps + 1, size=sequences)
    np.savez(
        folder / "x.npz", x=draw.normal(size=(sequences, steps, inputs)).astype(np.float32), lengths=lengths
    )
    torch.manual_seed(0)
    torch.save(torch.nn.GRU(inputs, units).state_dict(), folder / "gru.pt")


def run_survey(folder: Path, jobs: Jobs | None = None) -> None:
    """The data set surveyed, in this process or by others."""
    survey(load_model(folder / "gru.pt"), sequences_in(folder / "x.npz"), jobs=jobs)


def run_loop(folder: Path) -> None:
    """What one writes without it: trace each sequence, keep its gates, and count at the end."""
    torch.set_num_threads(1)
    gru = load_model(folder / "gru.pt").gru
    with np.load(folder / "x.npz") as data:
        x, lengths = data["x"], data["lengths"]
    gates: list[list[np.ndarray]] = [[], []]
    for row, length in zip(x, lengths.tolist(), strict=True):
        (t,) = trace(gru, row[:length])
        gates[0].append(t.R[0])
        gates[1].append(t.Z[0])
    for each in gates:
        values = np.concatenate(each)
        (values < 0.1).mean(axis=0), (values > 0.9).mean(axis=0), values.mean(axis=0)


def measured(way: str, folder: Path) -> tuple[float, float]:
    """Seconds and bytes of one way, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_survey", way, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    seconds, size = json.loads(done.stdout)
    return float(seconds), float(size)


def alone(way: str, folder: Path) -> None:
    """Print what one way takes: what all of them load comes first and does not count."""
    load_model(folder / "gru.pt")
    warm_kernels()
    jobs = WorkerPool(2, keep=2) if way == "2" else None
    if jobs is not None:
        # Both processes have loaded all they need when the time begins.
        gru = load_model(folder / "gru.pt").gru
        few = [Inputs(np.zeros((steps, gru.input_size), np.float32)) for steps in range(1, 20)]
        for future in [jobs.submit(count_chunk, chunk_parcel(gru, (), [one])) for one in few]:
            future.result()
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    if way == "loop":
        run_loop(folder)
    else:
        run_survey(folder, jobs)
    taken = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - loaded
    print(json.dumps([taken, 1024 * peak]))


def rows() -> list[dict[str, Any]]:
    """What was measured, with the limits of the promise."""
    return list(measure())


def measure() -> Iterator[dict[str, Any]]:
    """The rows, as they are found."""
    for sequences, steps, inputs, units in SIZES:
        what = f"{sequences:,} sequences of {steps // 2} to {steps} steps, {inputs} inputs, {units} units"
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as twice:
            make(Path(name), sequences, steps, inputs, units)
            make(Path(twice), 2 * sequences, steps, inputs, units)
            times: dict[str, list[float]] = {"loop": [], "1": [], "2": []}
            sizes: dict[str, list[float]] = {"loop": [], "1": [], "2": [], "1 twice": []}
            for _ in range(TURNS):
                for way in ("loop", "1", "2"):
                    seconds, size = measured(way, Path(name))
                    times[way].append(seconds)
                    sizes[way].append(size)
                sizes["1 twice"].append(measured("1", Path(twice))[1])
        counted = sequences * steps * 0.75
        yield stated(f"survey of {what}: steps a second", round(counted / median(times["1"])))
        yield at_most(f"time of a survey / a plain loop, {what}", _ratio(times["1"], times["loop"]), FASTER)
        yield stated(f"time of a survey by 2 workers / by none, {what}", _ratio(times["2"], times["1"]))
        yield stated(f"survey of {what}: peak memory, MB", median(sizes["1"]) / 1e6)
        yield at_most(f"memory of a survey / a plain loop, {what}", _ratio(sizes["1"], sizes["loop"]), MEMORY)
        more = median(sizes["1 twice"]) - median(sizes["1"])
        yield at_most(f"memory that twice as many take more, MB, {what}", max(more, 0.0) / 1e6, GROWTH)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(one / max(other, 1.0e-9) for one, other in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        alone(sys.argv[1], Path(sys.argv[2]))
    else:
        print_rows(measure())
