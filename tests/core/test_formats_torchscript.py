"""TorchScript archives: the weights of torch.jit's modules by their names, and none of the code."""

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats import inspect_file, load
from gru_core.formats.pickles.plain_pickle import Built, Name, Reference
from gru_core.formats.torch.storages import TorchStorages
from gru_core.model import GRU
from tests.support.files import torch_file

CASES = Path(__file__).parent.parent / "cases" / "fw_torch"


class Reader(nn.Module):
    """What people compile: parts inside parts."""

    def __init__(self, layers: int = 2) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, 5)
        self.model = nn.ModuleDict({"gru": nn.GRU(5, 6, layers, bidirectional=True, batch_first=True)})
        self.out = nn.Linear(12, 3)

    def forward(self, symbols: torch.Tensor) -> torch.Tensor:
        return self.out(self.model["gru"](self.embed(symbols))[0])


def archive(module: nn.Module, way: str = "script", *example: torch.Tensor) -> bytes:
    """What torch.jit.save writes of a compiled module."""
    file = io.BytesIO()
    compiled = torch.jit.script(module) if way == "script" else torch.jit.trace(module.eval(), example)
    torch.jit.save(compiled, file)
    return file.getvalue()


def changed(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The archive with each entry as `change` gives it; None leaves an entry out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = change(name, old.read(name))
            if entry is not None:
                new.writestr(name, entry)
    return out.getvalue()


def largest_difference(gru: GRU, x: torch.Tensor, expected: torch.Tensor) -> float:
    with torch.no_grad():
        return float((gru(x)[0] - expected).abs().max())


def test_the_reference_archive_gives_the_outputs_that_pytorch_gave() -> None:
    found = load(CASES / "gru1_torchscript.pt")
    assert list(found) == ["gru"]
    expected = np.load(CASES / "gru1_reference.npz")
    x, y = torch.from_numpy(expected["X"]), torch.from_numpy(expected["Y"])
    assert largest_difference(found["gru"], x, y) < 1e-5
    assert (found["gru"].convention, found["gru"].reset_mode) == ("torch", "after")
    assert inspect_file(CASES / "gru1_torchscript.pt").format == "torchscript"
    # The test can fail: with the gates in another order the states are others.
    cell = found["gru"].cells[0]
    with torch.no_grad():
        cell.weight_x.copy_(torch.cat([cell.weight_x[7:14], cell.weight_x[:7], cell.weight_x[14:]]))
    assert largest_difference(found["gru"], x, y) > 1e-2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("way", ["script", "trace"])
@pytest.mark.parametrize("layers", [1, 2])
def test_nested_modules_keep_their_names(way: str, layers: int) -> None:
    module = Reader(layers)
    symbols = torch.randint(0, 9, (2, 4))
    found = inspect_file(archive(module, way, symbols))
    assert [gru.name for gru in found.grus] == ["model.gru"]
    assert [(layer.name, layer.kind, layer.fits) for layer in found.others] == [
        ("embed", "Embedding", ("model.gru",)),
        ("out", "Linear", ("model.gru",)),
    ]
    assert found.notes == (
        "It is a TorchScript archive: its weights were read, and none of its code was run.",
    )
    x = torch.randn(2, 4, 5)
    with torch.no_grad():
        expected = module.model["gru"](x)[0]
    assert largest_difference(load(archive(module, way, symbols))["model.gru"], x, expected) < 1e-6


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_number_types(dtype: torch.dtype) -> None:
    module = nn.GRU(3, 4).to(dtype)
    gru = load(archive(module))["gru"]
    assert torch.equal(gru.cells[0].weight_h.to(dtype), module.weight_hh_l0)
    assert gru.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_archives_of_a_machine_of_the_other_byte_order() -> None:
    content = (CASES / "gru1_torchscript.pt").read_bytes()

    def turn(name: str, entry: bytes) -> bytes:
        if "/data/" in name:
            return np.frombuffer(entry, "<f4").astype(">f4").tobytes()
        return b"big" if name.endswith("byteorder") else entry

    here, there = load(content)["gru"], load(changed(content, turn))["gru"]
    assert here.fingerprint() == there.fingerprint()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_has_no_names_or_is_packed_is_refused() -> None:
    file = io.BytesIO()
    torch.jit.save(torch.jit.freeze(torch.jit.script(Reader().eval())), file)
    with pytest.raises(ModelFileError, match=r"save the model before torch\.jit\.freeze"):
        load(file)
    packed = torch.ao.quantization.quantize_dynamic(Reader().eval(), {nn.GRU}, torch.qint8)
    with pytest.raises(ModelFileError, match=r"'model\.gru' is a quantised GRU, whose weights are packed"):
        load(archive(packed))
    with pytest.raises(ModelFileError, match="holds the packed weights of a quantised model"):
        load(torch_file(packed.state_dict()))


class Canary:
    """A pickle of it would make a folder when read the careless way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_nothing_in_an_archive_is_run(tmp_path: Path) -> None:
    content, canary = (CASES / "gru1_torchscript.pt").read_bytes(), tmp_path / "ran"
    hostile = pickle.dumps({"model": Canary(canary)}, 2)

    def in_pickle(name: str, entry: bytes) -> bytes:
        return hostile if name.endswith("/data.pkl") else entry

    def in_code(name: str, entry: bytes) -> bytes:
        return f"import os\nos.mkdir({str(canary)!r})\n".encode() if name.endswith(".py") else entry

    def in_constants(name: str, entry: bytes) -> bytes:
        return hostile if name.endswith("constants.pkl") else entry

    with pytest.raises(ModelFileError, match=r"holds more than weights \(a Python object 'posix\.mkdir'\)"):
        load(changed(content, in_pickle))
    for change in (in_code, in_constants):
        assert list(load(changed(content, change))) == ["gru"]
    assert not canary.exists()
    # The same object does run code when read without care: the canary is alive.
    torch.load(io.BytesIO(torch_file({"model": Canary(canary)})), weights_only=False)
    assert canary.exists()


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (0, r"reaches beyond the 0 numbers"),
        (418, r"storage '0' is cut off"),
        (416, r"beyond the 104 numbers"),
    ],
)
def test_a_storage_that_is_too_short_is_noticed(kept: int, says: str) -> None:
    content = (CASES / "gru1_torchscript.pt").read_bytes()
    short = changed(content, lambda name, entry: entry[:kept] if name.endswith("/data/0") else entry)
    with pytest.raises(ModelFileError, match=says):
        load(short)


def test_a_storage_that_is_missing_is_noticed() -> None:
    content = (CASES / "gru1_torchscript.pt").read_bytes()
    without = changed(content, lambda name, entry: None if name.endswith("/data/0") else entry)
    with pytest.raises(ModelFileError, match="its entry 'gru1_torchscript/data/0' is missing"):
        load(without)


def test_shapes_that_were_never_stored_are_refused() -> None:
    content = (CASES / "gru1_torchscript.pt").read_bytes()

    def enlarge(name: str, entry: bytes) -> bytes:
        """(21, 5) becomes (2**31 - 1, 5) where the pickle says so."""
        return entry.replace(b"K\x15K\x05t", b"J\xff\xff\xff\x7fK\x05t") if "data.pkl" in name else entry

    with pytest.raises(GateScopeError, match="reaches beyond the 105 numbers stored"):
        load(changed(content, enlarge))


def test_a_storage_is_read_once_whatever_number_types_it_is_called_by() -> None:
    read: list[str] = []

    def storage(key: str) -> bytes:
        read.append(key)
        return bytes(80)

    storages = TorchStorages("a.pt", storage)
    for kind in ("Float", "Double", "Half", "Long", "Byte"):
        reference = Reference(("storage", Name(f"torch.{kind}Storage"), "0", "cpu", 10))
        tensor = storages.tensor(
            Built(Name("torch._utils._rebuild_tensor_v2"), (reference, 0, (2, 5), (5, 1)))
        )
        assert tuple(tensor.shape) == (2, 5)
    assert read == ["0"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_archives_for_phones_are_read_too() -> None:
    compiled = torch.jit.script(Reader(1))
    assert list(load(compiled._save_to_buffer_for_lite_interpreter())) == ["model.gru"]
