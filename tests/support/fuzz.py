"""Loads damaged model files in processes whose crash, hang or greed is told of the very file that caused it.

python -m tests.support.fuzz FORMAT NUMBER     loads one damaged file here, to look at it
python -m tests.support.fuzz                   the worker: orders by stdin, one line per load by stdout
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from gru_core.errors import GateScopeError
from gru_core.formats import FORMATS, load_models
from gru_core.formats.loading import open_model
from gru_core.formats.registry import identify
from gru_core.scan import warm_kernels
from tests.support.files import torch_file
from tests.support.mutations import mutate

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"

SECONDS = 10
MEMORY = 1_000_000_000
SEED = 20_260
MOST_FAILURES = 5
"""Of one format, after which its fuzzing stops: they are likely one fault."""


@dataclass(frozen=True)
class Sample:
    """A sound model: its files by name, one or several."""

    name: str
    files: dict[str, bytes]


@lru_cache(maxsize=1)
def samples() -> dict[str, tuple[Sample, ...]]:
    """The reference files by the name of their format: what in tests/cases gives a model."""
    found: dict[str, list[Sample]] = {form.name: [] for form in FORMATS}
    for sample in _candidates():
        try:
            with open_model(sample.files) as opened:
                form = identify(opened, FORMATS)
            load_models(sample.files)
        except GateScopeError:
            continue
        found[form.name].append(sample)
    return {name: tuple(listed) for name, listed in found.items()}


def _candidates() -> Iterator[Sample]:
    for path in sorted(CASES.rglob("*")):
        name = path.relative_to(CASES).as_posix()
        if path.is_file() and path.suffix not in (".md", ""):
            yield Sample(name, {path.name: path.read_bytes()})
        elif path.is_dir() and path.parent != CASES:
            files = {
                f.relative_to(path).as_posix(): f.read_bytes() for f in sorted(path.rglob("*")) if f.is_file()
            }
            yield Sample(name, files)
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w") as writing:
                for entry, content in files.items():
                    writing.writestr(zipfile.ZipInfo(entry), content)
            yield Sample(f"{name}.zip", {f"{path.name}.zip": archive.getvalue()})
    torch.manual_seed(0)
    state = {"net": {"gru." + k: v for k, v in nn.GRU(3, 4, 2, bidirectional=True).state_dict().items()}}
    yield Sample("legacy torch", {"legacy.pt": torch_file(state, _use_new_zipfile_serialization=False)})


def damaged(form: str, number: int) -> tuple[str, dict[str, bytes]]:
    """The name of the damage and the damaged files; the same for the same number, always."""
    known = samples()[form]
    sample = known[number % len(known)]
    random = np.random.default_rng([SEED, zlib.crc32(form.encode()), number])
    files = dict(sample.files)
    name = list(files)[int(random.integers(len(files)))]
    if len(files) > 1 and random.random() < 0.1:
        # A file of a set is missing, or goes by another name.
        content = files.pop(name)
        if random.random() < 0.5:
            files[f"other {name}"] = content
        return f"{sample.name}: without {name}", files
    kind, files[name] = mutate(files[name], random)
    return f"{sample.name}: {kind}", files


def outcome(files: dict[str, bytes]) -> str:
    """ "model" or the sentence it ends in. Raises whatever is neither."""
    try:
        _, models = load_models(files)
        with torch.no_grad():
            for model in {id(model): model for model in models.values()}.values():
                x = torch.linspace(-1, 1, 2 * model.gru.input_size).reshape(1, 2, -1).to(model.gru.dtype)
                states, last = model.gru(x)
                assert torch.isfinite(states).all(), "states that are not finite"
                assert torch.isfinite(last).all(), "last states that are not finite"
                assert model.readout is None or model(x).shape[:2] == (1, 2)
        return "model"
    except GateScopeError as error:
        _check_memory(error)
        sentence = str(error)
        assert sentence.strip(), "an error without a sentence"
        assert len(sentence) < 4_000, f"a sentence of {len(sentence)} characters"
        return sentence


def _check_memory(error: BaseException) -> None:
    """A library that was refused memory may have said that the file is damaged; it asked all the same."""
    cause: BaseException | None = error
    while cause is not None:
        words = str(cause)
        refused = isinstance(cause, MemoryError) or "allocate memory" in words or "bad_alloc" in words
        assert not refused, f"needed more than {MEMORY:,} bytes of memory ({cause})"
        cause = cause.__cause__ or cause.__context__


@dataclass
class Fuzzed:
    """What became of the damaged files of one format."""

    models: int = 0
    refused: int = 0
    slowest: float = 0.0
    failures: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return self.models + self.refused + len(self.failures)


def fuzz(form: str, count: int) -> Fuzzed:
    """Load `count` damaged files of a format."""
    found, number = Fuzzed(), 0
    while number < count and len(found.failures) < MOST_FAILURES:
        number = _worked_off(form, number, count, found)
    return found


def _worked_off(form: str, start: int, count: int, found: Fuzzed) -> int:
    """One worker's share; the number to go on with."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fuzz", form, str(start), str(count)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told, errors = worker.communicate()
    number = start
    for line in told.splitlines():
        ended = json.loads(line)
        number = ended["number"] + 1
        found.slowest = max(found.slowest, ended["seconds"])
        if ended["failure"]:
            found.failures += (_told(form, ended["number"], ended["failure"]),)
        elif ended["model"]:
            found.models += 1
        else:
            found.refused += 1
    if worker.returncode == 0:
        return number
    if number < count:
        how = (
            signal.Signals(-worker.returncode).name if worker.returncode < 0 else f"code {worker.returncode}"
        )
        found.failures += (_told(form, number, f"the process ended by {how}\n{errors[-2_000:]}"),)
    return number + 1


def _told(form: str, number: int, what: str) -> str:
    return f"{damaged(form, number)[0]} (python -m tests.support.fuzz {form} {number}): {what}"


def _work(form: str, start: int, count: int) -> None:
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    samples()
    warm_kernels()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    watched = _Watch()
    sys.addaudithook(watched.hear)
    for number in range(start, count):
        _, files = damaged(form, number)
        # Time of the processor, so that a busy machine is no failure; SIGPROF ends the process.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(12 * SECONDS)
        failure, result, began = "", "", time.process_time()
        watched.on = True
        try:
            result = outcome(files)
        except BaseException:
            failure = traceback.format_exc(limit=-6)
        watched.on = False
        seconds = time.process_time() - began
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        if watched.heard:
            failure, watched.heard = f"{failure}reached outside: {watched.heard[:3]}", []
        line = {"number": number, "seconds": seconds, "model": result == "model", "failure": failure}
        print(json.dumps(line), flush=True)


class _Watch:
    """Hears of every file that is opened, every connection and every process, while it is on."""

    EVENTS = (
        "open",
        "socket.",
        "subprocess.",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.fork",
        "shutil.",
        "ctypes.dl",
    )
    OURS = tuple({str(ROOT), sys.prefix, sys.base_prefix, "/proc/self/", "/dev/urandom"})

    def __init__(self) -> None:
        self.on = False
        self.heard: list[str] = []

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on or not event.startswith(self.EVENTS):
            return
        if event == "open":
            path, mode, _ = arguments
            reads = "w" not in str(mode or "r")
            if isinstance(path, int) or (reads and str(path).startswith(self.OURS)):
                return
        self.heard.append(f"{event} {arguments!r}"[:300])


def main() -> None:
    form, *numbers = sys.argv[1:]
    if len(numbers) == 2:
        _work(form, *map(int, numbers))
        return
    kind, files = damaged(form, int(numbers[0]))
    print(kind, {name: len(content) for name, content in files.items()})
    print(outcome(files))


if __name__ == "__main__":
    main()
