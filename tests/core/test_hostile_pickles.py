"""Hostile pickles and parameter files: nothing runs, each ends in a model or a sentence, soon and small."""

import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats import load
from tests.support.files import sentence_of, torch_file

CASES = Path(__file__).parent.parent / "cases"
BEGIN, END = b"\x80\x04", b"."


def text(value: str) -> bytes:
    """The instruction that puts a text on the stack."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def named(path: str) -> bytes:
    """The instruction that puts a class or function on the stack."""
    module, _, name = path.rpartition(".")
    return f"c{module}\n{name}\n".encode()


def dtype(letters: str) -> bytes:
    return named("numpy.dtype") + text(letters) + b"\x89\x88\x87R"


def array(
    shape: bytes, letters: str = "f4", data: bytes = b"C\x04" + bytes(4), order: bytes = b"\x89"
) -> bytes:
    """The instructions of a numpy array; `shape` and `data` are instructions themselves."""
    made = named("numpy.core.multiarray._reconstruct") + named("numpy.ndarray") + b"K\x00\x85C\x01b\x87R"
    return made + b"(K\x01" + shape + dtype(letters) + b"\x89" + data + b"tb"


def dict_of(**values: bytes) -> bytes:
    return BEGIN + b"}(" + b"".join(text(name) + value for name, value in values.items()) + b"u" + END


def sentence(content: bytes, error: type[GateScopeError] = ModelFileError) -> str:
    with pytest.raises(error) as caught:
        load({"model.pdparams": content})
    return str(caught.value)


class Canary:
    """A pickle of it would make a folder when read the careless way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_code_in_a_pickle_of_arrays_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    canary = tmp_path / "ran"
    for content in (Canary(canary), {"weight_ih_l0": np.ones((3, 1)), "extra": [Canary(canary)]}):
        said = sentence(pickle.dumps(content, protocol))
        assert "holds more than named arrays (a Python object 'posix.mkdir')" in said
        assert "nothing of it was run" in said
    assert not canary.exists()
    torch.load(io.BytesIO(torch_file(Canary(canary))), weights_only=False)
    assert canary.exists()


@pytest.mark.parametrize(
    "instructions",
    [
        b"cposix\nmkdir\n(S'ran'\ntR.",
        b"(S'ran'\niposix\nmkdir\n.",
        b"(cposix\nmkdir\nS'ran'\no.",
        b"\x8c\x05posix\x8c\x05mkdir\x93\x8c\x03ran\x85R.",
        b"\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
        b"\x82\x01.",
        b"cnumpy.core.multiarray\n_reconstruct\ncbuiltins\neval\n\x85R.",
    ],
)
def test_every_way_to_call_something(
    instructions: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = sentence(b"\x80\x04" + instructions)
    assert "could run code" in said or "damaged" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            dict_of(a=array(b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86")),
            "needs 18,446,744,056,529,682,436 bytes",
        ),
        (dict_of(a=array(b"\x8a\x09" + b"\xff" * 8 + b"\x7f\x85")), "the shape of an array cannot be read"),
        (dict_of(a=array(b"J\xff\xff\xff\xff\x85")), "the shape of an array cannot be read"),
        (dict_of(a=array(b"(" + b"K\x01" * 60 + b"t")), "an array has 60 axes"),
        (dict_of(a=array(text("x"))), "the shape of an array cannot be read"),
        (dict_of(a=array(b"K\x01\x85", "O")), r"holds an array of 'O' and not of numbers"),
        (dict_of(a=array(b"K\x01\x85", "V4")), r"holds an array of 'V4' and not of numbers"),
        (dict_of(a=array(b"K\x01\x85", "f4,(1000000,1000000)f8")), r"holds an array of 'f4,\(1000000"),
        (dict_of(a=array(b"K\x01\x85", "__import__('os').mkdir('x')")), r"not of numbers"),
        (dict_of(a=array(b"K\x01\x85", data=b"]")), "are not stored as bytes"),
        (dict_of(a=array(b"K\x04\x85", data=text("\u4e00" * 16))), "are not stored as bytes"),
        (dict_of(a=array(b"K\x01\x85", data=b"N")), "are not stored as bytes"),
        (dict_of(a=array(b"N", data=b"N")[:-1] + b"N" + b"b"), "damaged"),
        (BEGIN + b"}" * 3 + b"h\x07" + END, "damaged or cut off"),
        (BEGIN + b"K\x01K\x02a" + END, "damaged or cut off"),
        (BEGIN + b"}(K\x01u" + END, "damaged or cut off"),
        (BEGIN + b"\x8e" + b"\xff" * 7 + b"\x7f" + b"x" * 20 + END, "damaged or cut off"),
        (BEGIN + b"\x8b\xff\xff\xff\x7f" + b"x" * 20 + END, "damaged or cut off"),
        (BEGIN + b"I" + b"9" * 9000 + b"\n" + END, "damaged or cut off"),
        (BEGIN + b"\x96" + struct.pack("<Q", 2**62) + END, "damaged or cut off"),
        (BEGIN + b"\x97" + END, "damaged or cut off"),
        (BEGIN + b"}", "damaged or cut off"),
        (BEGIN + END, "damaged or cut off"),
        (BEGIN + b"(" * 5_000 + b"t" * 5_000 + END, "holds no arrays"),
        (BEGIN + b"}\x94(K\x01h\x00u" + END, "holds no arrays"),
        (BEGIN + b"]\x94h\x00a" + END, "holds no arrays"),
    ],
)
def test_what_cannot_be_is_said(content: bytes, says: str) -> None:
    with pytest.raises(ModelFileError, match=says):
        load({"model.pdparams": content})


def test_texts_and_large_keys_are_left_alone() -> None:
    good = pickle.dumps(dict(np.load(CASES / "fw_paddle" / "gru1_params.npz")), 2)
    begin = good.index(b"(")
    for extra in (
        text("words") + array(b"K\x01\x85", "U1"),
        b"G" + bytes(8) + b"K\x01",
        b"(K\x01t" + b"K\x01",
    ):
        assert list(load({"a.pdparams": good[: begin + 1] + extra + good[begin + 1 :]})) == ["gru"]
    huge = b"\x8a\x10" + b"\x01" * 16 + b"K\x01"
    assert "damaged or cut off" in sentence(good[: begin + 1] + huge + good[begin + 1 :])


def get(slot: int) -> bytes:
    """The instruction that puts what is in the memo on the stack."""
    return b"j" + struct.pack("<I", slot)


def lists_of_lists() -> bytes:
    """Every level names the one below it a thousand times."""
    out = BEGIN + b"]\x94" + array(b"K\x01\x85") + b"a0"
    for level in range(11):
        out += b"](" + get(level) * 1_000 + b"e\x940"
    return out + get(11) + END


def many_arrays_of_one_content() -> bytes:
    """A thousand arrays of a megabyte each that share their bytes."""
    out = BEGIN + b"B" + struct.pack("<I", 10**6) + bytes(10**6) + b"\x940}("
    for number in range(1_000):
        out += text(str(number)) + array(b"J" + struct.pack("<i", 250_000) + b"\x85", data=b"h\x00")
    return out + b"u" + END


def long_name_over_many_arrays() -> bytes:
    inner = b"}(" + b"".join(text(str(n)) + array(b"K\x01\x85") for n in range(5_000)) + b"u"
    return BEGIN + b"}(" + text("x" * 1_000_000) + inner + b"u" + END


def dict_with_keys(keys: list[bytes]) -> bytes:
    return BEGIN + b"}(" + b"".join(key + b"N" for key in keys) + b"u" + END


# Two go up to the limit of instructions; the others are of the same kind and shorter.
BOMBS: dict[str, Callable[[], bytes]] = {
    "instructions without end": lambda: BEGIN + b"]" * 20_000_000 + END,
    "dicts": lambda: BEGIN + b"}" * 300_000 + END,
    "sets": lambda: BEGIN + b"\x8f" * 300_000 + END,
    "keys": lambda: dict_with_keys([b"J" + struct.pack("<i", n) for n in range(150_000)]),
    "keys of one hash": lambda: dict_with_keys(
        [b"\x8a\x0b" + (n * (2**61 - 1)).to_bytes(11, "little") for n in range(1, 100_000)]
    ),
    "memos without end": lambda: BEGIN + b"N\x94" * 150_000 + END,
    "deep tuples": lambda: BEGIN + b")" + b"\x85" * 300_000 + END,
    "deep tuples as a key": lambda: BEGIN + b"})" + b"\x85" * 1_100_000 + b"Ns" + END,
    "deep dicts": lambda: BEGIN + b"}K\x01" * 100_000 + b"N" + b"s" * 100_000 + END,
    "lists of lists": lists_of_lists,
    "arrays of one content": many_arrays_of_one_content,
    "a long name": long_name_over_many_arrays,
    "one long text": lambda: BEGIN + b"X" + struct.pack("<I", 10**8) + b"a" * 10**8 + END,
    "a long number": lambda: BEGIN + b"\x8b" + struct.pack("<I", 4 * 10**7) + b"\x7f" * (4 * 10**7) + END,
    "appending one by one": lambda: BEGIN + b"]" + b"Na" * 150_000 + END,
    "a state set often": lambda: BEGIN + named("numpy.ndarray") + b")R" + b"Nb" * 150_000 + END,
}

MEASURE = """
import resource, sys, time
from pathlib import Path
from gru_core.errors import GateScopeError
from gru_core.formats import load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    start, outcome = time.monotonic(), "read"
    try:
        load(path)
    except GateScopeError as error:
        outcome = type(error).__name__
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(path.stem, outcome, grown, time.monotonic() - start, sep="|")
"""


@pytest.mark.slow
def test_bombs_end_soon_and_small(tmp_path: Path) -> None:
    for name, make in BOMBS.items():
        (tmp_path / f"{name}.pdparams").write_bytes(make())
    environment = dict(os.environ, PYTHONPATH=str(CASES.parent.parent), OMP_NUM_THREADS="1")
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert {line[0] for line in lines} == set(BOMBS)
    for _, outcome, grown, seconds in lines:
        assert outcome in ("ModelFileError", "LimitError")
        assert int(grown) < 700
        assert float(seconds) < 10


def test_the_arrays_together_are_bounded() -> None:
    assert "200,000,000 bytes together" in sentence(many_arrays_of_one_content(), LimitError)


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def folder_as_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted((CASES / "fw_paddle_legacy" / "two_grus").iterdir()):
            archive.writestr(path.name, path.read_bytes())
    return out.getvalue()


PLAIN = {
    "pdparams": (CASES / "fw_paddle" / "tagger.pdparams").read_bytes(),
    "protocol 2": pickle.dumps(dict(np.load(CASES / "fw_paddle" / "gru1_params.npz")), 2),
    "protocol 5": pickle.dumps(dict(np.load(CASES / "fw_paddle" / "gru1_params.npz")), 5),
    "static": (CASES / "fw_paddle_legacy" / "two_grus_static.pdparams").read_bytes(),
    "torchscript": (CASES / "fw_torch" / "gru1_torchscript.pt").read_bytes(),
    "list": (CASES / "fw_d2l_scratch" / "params_list_d2l_1st_edition.pt").read_bytes(),
    "folder": folder_as_zip(),
}
INSIDE = {
    "torchscript": PLAIN["torchscript"],
    "checkpoint": (CASES / "fw_torch" / "gru1_checkpoint.pt").read_bytes(),
    "as data": torch_file({"gru": nn.GRU(3, 4).state_dict(), "best": np.float64(1)}),
    "folder": PLAIN["folder"],
}


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """The bytes with some flipped, replaced, taken out, put in or moved, and sometimes the end cut off."""
    changed = bytearray(content)
    for _ in range(random.integers(1, 6)):
        place, other = (int(random.integers(len(changed))) for _ in range(2))
        match random.integers(5):
            case 0:
                changed[place] ^= 1 << int(random.integers(8))
            case 1:
                changed[place] = int(random.integers(256))
            case 2:
                del changed[place : place + int(random.integers(1, min(64, len(changed))))]
            case 3:
                changed[place:place] = random.bytes(int(random.integers(1, 16)))
            case _:
                changed[place : place + 8] = changed[other : other + 8]
    return bytes(changed[: random.integers(1, len(changed) + 1)] if random.random() < 0.15 else changed)


def end_in_a_model_or_a_sentence(content: bytes) -> None:
    said = sentence_of(lambda: load(content))
    assert said is None or (said[:1].strip() and said.endswith("."))


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_damaged_files_end_in_a_model_or_a_sentence(kind: str) -> None:
    random = np.random.default_rng(4)
    for _ in range(300):
        end_in_a_model_or_a_sentence(damaged(PLAIN[kind], random))


@pytest.mark.parametrize("kind", sorted(INSIDE))
def test_damage_inside_an_archive_ends_in_a_model_or_a_sentence(kind: str) -> None:
    random = np.random.default_rng(5)

    def change(name: str, entry: bytes) -> bytes:
        hit = "data.pkl" in name if kind != "folder" else random.random() < 0.2
        return damaged(entry, random) if hit else entry

    for _ in range(300):
        end_in_a_model_or_a_sentence(repacked(INSIDE[kind], change))


def test_an_entry_without_a_name_is_said() -> None:
    file = io.BytesIO(PLAIN["folder"])
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"")
    with pytest.raises(ModelFileError, match="or one has none"):
        load(file.getvalue())
