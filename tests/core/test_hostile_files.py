"""Hostile model files: code in a pickle, bombs, damage of any kind. Nothing runs, memory is bounded."""

import io
import os
import pickle
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats import load
from gru_core.sequences import read_sequence
from tests.support.files import npy_header, sentence_of, torch_file

CASES = Path(__file__).parent.parent / "cases"


def message(content: bytes, name: str = "model.pt") -> str:
    file = io.BytesIO(content)
    file.name = name
    with pytest.raises(ModelFileError) as caught:
        load(file)
    return str(caught.value)


class Canary:
    """A pickle of it would create a file when read the careless way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("buried", [False, True])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(
    tmp_path: Path, legacy: bool, buried: bool
) -> None:
    canary = tmp_path / "ran"
    content: object = (
        {"state_dict": nn.GRU(2, 3).state_dict(), "extra": [Canary(canary)]} if buried else Canary(canary)
    )
    hostile = torch_file(content, _use_new_zipfile_serialization=not legacy)
    text = message(hostile)
    assert (
        "holds more than weights (a Python object 'posix.mkdir'), and reading such a file could run code"
        in text
    )
    assert "torch.save(model.state_dict(), 'weights.pt')" in text
    assert not canary.exists()
    raw = pickle.dumps(Canary(canary))
    assert "is a Python pickle" in message(raw)
    with pytest.raises(GateScopeError):
        read_sequence(raw, name="x.npy")
    assert not canary.exists()
    # The same file does run code when read without care: the canary is alive.
    torch.load(io.BytesIO(hostile), weights_only=False)
    assert canary.exists()


def test_a_whole_pickled_model_is_refused() -> None:
    assert "a Python object 'torch.nn.modules.rnn.GRU'" in message(torch_file(nn.GRU(2, 3)))


MEASURE = """
import resource, sys
from gru_core.errors import GateScopeError
from gru_core.formats import load
from gru_core.sequences import read_sequence
import numpy, pandas, pyarrow.parquet, torch
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    (load if sys.argv[2] == "model" else read_sequence)(sys.argv[1])
    print("read", end=" ")
except GateScopeError as error:
    print(type(error).__name__, end=" ")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def measured(path: Path, what: str) -> tuple[str, int]:
    """What reading a file ended in, and by how many megabytes it raised the peak memory of a process."""
    environment = dict(os.environ, PYTHONPATH=str(CASES.parent.parent), OMP_NUM_THREADS="1")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), what],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    outcome, grown = done.stdout.split()
    return outcome, int(grown)


def write_npz_bomb(path: Path, megabytes: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("W_xr.npy", "w") as entry:
        entry.write(npy_header((megabytes * 250, 1000)))
        for _ in range(megabytes):
            entry.write(bytes(1_000_000))


def write_torch_bomb(path: Path, megabytes: int) -> None:
    stored = torch_file({"weight_hh_l0": torch.zeros(megabytes * 250_000)})
    with (
        zipfile.ZipFile(io.BytesIO(stored)) as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for entry in plain.namelist():
            packed.writestr(entry, plain.read(entry))


@pytest.mark.slow
@pytest.mark.parametrize("what", ["model", "sequence"])
def test_an_npz_bomb_costs_no_memory(tmp_path: Path, what: str) -> None:
    path = tmp_path / "bomb.npz"
    write_npz_bomb(path, 400)
    assert path.stat().st_size < 500_000
    outcome, grown = measured(path, what)
    assert outcome == "LimitError"
    assert grown < 40


@pytest.mark.slow
def test_a_recompressed_checkpoint_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    write_torch_bomb(path, 210)
    assert path.stat().st_size < 500_000
    outcome, grown = measured(path, "model")
    assert outcome == "LimitError"
    assert grown < 40


REFERENCES = {
    "zip": (CASES / "fw_torch" / "gru1_checkpoint.pt").read_bytes(),
    "legacy": torch_file(nn.GRU(3, 4).state_dict(), _use_new_zipfile_serialization=False),
    "safetensors": (CASES / "fw_torch" / "gru1.safetensors").read_bytes(),
    "npz": (CASES / "fw_d2l_scratch" / "params.npz").read_bytes(),
}


def end_in_a_model_or_a_sentence(content: bytes) -> None:
    sentence = sentence_of(lambda: load(content))
    assert sentence is None or re.match(r"[A-Z'\w].*\S", sentence, re.S)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_sentence(content: bytes) -> None:
    with pytest.raises(GateScopeError):
        load(content)


@pytest.mark.parametrize("form", sorted(REFERENCES))
@given(data=st.data())
def test_damaged_files_end_in_a_model_or_a_sentence(form: str, data: st.DataObject) -> None:
    content = bytearray(REFERENCES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "zero"])):
            case "flip":
                content[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 64))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=16))
            case "zero":
                content[place : place + 8] = bytes(min(8, len(content) - place))
        if not content:
            break
    end_in_a_model_or_a_sentence(bytes(content))


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(REFERENCES))
def test_many_damaged_files_end_in_a_model_or_a_sentence(form: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(400):
        content = np.frombuffer(REFERENCES[form], np.uint8).copy()
        places = random.integers(0, len(content), random.integers(1, 6))
        content[places] = random.integers(0, 256, len(places))
        keep = len(content) if random.random() < 0.7 else int(random.integers(1, len(content)))
        end_in_a_model_or_a_sentence(content[:keep].tobytes())
