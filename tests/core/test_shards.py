"""Models in several parts: read all together in every wrapping, and never one part as the whole."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import nn

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats import inspect_file, is_one_model, load
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.model import GRU

State = dict[str, torch.Tensor]
Files = dict[str, bytes]
X = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(1))
torch.manual_seed(3)
MODULE = nn.GRU(3, 4, 2, batch_first=True)
STATE = {f"encoder.rnn.{name}": value for name, value in MODULE.state_dict().items()}


def as_bin(state: State) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


KINDS: dict[str, Callable[[State], bytes]] = {"model.safetensors": save, "pytorch_model.bin": as_bin}


def shards(kind: str, index: bool = True, first: int = 1, folder: str = "") -> Files:
    """The model in two parts that cut through its second layer."""
    stem, ending = kind.split(".")
    names = list(STATE)
    cuts = [names[:5], names[5:]]
    files, weight_map = {}, {}
    for number, held in enumerate(cuts, first):
        name = f"{stem}-{number:05d}-of-00002.{ending}"
        files[folder + name] = KINDS[kind]({array: STATE[array] for array in held})
        weight_map |= dict.fromkeys(held, name)
    if index:
        text = json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map})
        files[f"{folder}{kind}.index.json"] = text.encode()
    return files


def zipped(files: Files) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def written(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def difference(gru: GRU, module: nn.GRU = MODULE) -> float:
    with torch.no_grad():
        return float((gru(X)[0] - module(X)[0]).abs().max())


both = pytest.mark.parametrize("kind", KINDS)


@both
@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("wrapping", ["files", "folder", "zip", "folder in a zip", "path"])
def test_all_parts_are_one_model(kind: str, index: bool, wrapping: str, tmp_path: Path) -> None:
    files = shards(kind, index, folder="model/" if wrapping == "folder in a zip" else "")
    source: object = files
    if "zip" in wrapping:
        source = zipped({**files, "config.json": b"{}"})
    elif wrapping in ("folder", "path"):
        source = written({**files, "config.json": b"{}", "README.md": b"A model."}, tmp_path)
        source = source / next(iter(files)) if wrapping == "path" else source
    else:
        assert is_one_model(files)
    grus = load(source)
    assert list(grus) == ["encoder.rnn"]
    assert grus["encoder.rnn"].num_layers == 2
    assert difference(grus["encoder.rnn"]) < 1e-6
    torch.manual_seed(4)
    assert difference(grus["encoder.rnn"], nn.GRU(3, 4, 2, batch_first=True)) > 1e-2


@both
def test_parts_may_be_counted_from_zero_and_given_in_any_order(kind: str) -> None:
    files = shards(kind, first=0)
    (gru,) = load(dict(reversed(files.items()))).values()
    assert difference(gru) < 1e-6


@both
def test_a_part_by_itself_is_refused_by_its_name(kind: str, tmp_path: Path) -> None:
    files = shards(kind, index=False)
    for name, content in files.items():
        with pytest.raises(ModelFileError, match="is one of 2 parts of a model"):
            load({name: content})
        with pytest.raises(ModelFileError, match=r"is one of 2 parts of a model .* give it another name"):
            load({name.replace(".", " (1)."): content})
        alone = tmp_path / name.split(".")[0]
        alone.mkdir()
        (alone / name).write_bytes(content)
        with pytest.raises(ModelFileError, match=r"Of the 2 parts of the model 1 are missing \('.*-of-00002"):
            load(alone / name)
        with pytest.raises(ModelFileError, match="Of the 2 parts of the model 1 are missing"):
            load(alone)


@both
def test_a_part_with_the_index_or_in_a_zip_is_refused(kind: str) -> None:
    files = shards(kind)
    first, second, index = files
    for missing in (first, second):
        rest = {name: content for name, content in files.items() if name != missing}
        assert is_one_model(rest)
        for source in (rest, zipped(rest), zipped({n: c for n, c in rest.items() if n != index})):
            with pytest.raises(ModelFileError, match=missing):
                load(source)


@both
def test_a_part_that_lost_its_name_is_refused_where_it_lacks_a_layer(kind: str) -> None:
    with pytest.raises(ModelFileError, match="incomplete: weight_ih_l0 is missing"):
        load(shards(kind)[f"{kind.split('.')[0]}-00002-of-00002.{kind.split('.')[1]}"])


@both
def test_a_model_in_one_part_is_read_by_itself(kind: str) -> None:
    stem, ending = kind.split(".")
    (gru,) = load({f"{stem}-00001-of-00001.{ending}": KINDS[kind](STATE)}).values()
    assert difference(gru) < 1e-6


@both
@pytest.mark.parametrize("content", [b"", b"PK", b"12345678", zipped({"a": b"1"}), b"\x80\x02N." * 4])
def test_a_part_of_another_format_is_refused(kind: str, content: bytes) -> None:
    files = shards(kind, index=False)
    with pytest.raises(ModelFileError, match="is damaged, or no part of such a model"):
        load({**files, list(files)[1]: content})


def test_both_kinds_in_one_folder_are_one_model(tmp_path: Path) -> None:
    written(shards("model.safetensors") | shards("pytorch_model.bin"), tmp_path)
    assert inspect_file(tmp_path).format == "safetensors"
    (gru,) = load(tmp_path).values()
    assert difference(gru) < 1e-6


def test_parts_of_two_models_are_refused() -> None:
    files = shards("model.safetensors", index=False)
    other = {f"ema-{name}": content for name, content in files.items()}
    with pytest.raises(ModelFileError, match="parts of several models"):
        load(files | other)
    with pytest.raises(ModelFileError, match="both hold"):
        load(dict.fromkeys(files, next(iter(files.values()))))


@both
@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        (b"[", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "has no weight_map"),
        (b'{"weight_map": {"a": 3}}', "has no weight_map"),
        (b'{"weight_map": {"a": "../secret"}}', "that are missing"),
    ],
)
def test_a_damaged_index_is_refused(kind: str, index: bytes, sentence: str) -> None:
    with pytest.raises(ModelFileError, match=sentence):
        load(shards(kind) | {f"{kind}.index.json": index})


@both
def test_an_index_of_another_model_is_refused(kind: str) -> None:
    files = shards(kind)
    part = next(iter(files))
    listed = json.dumps({"weight_map": {"encoder.rnn.weight_ih_l2": part}}).encode()
    with pytest.raises(ModelFileError, match=r"1 arrays that no part .*weight_ih_l2"):
        load(files | {f"{kind}.index.json": listed})


@pytest.mark.slow
def test_parts_that_unpack_to_more_than_a_model_may_be_are_refused() -> None:
    each = MAX_MODEL_BYTES // 4 // 3
    files = {}
    for number in range(1, 5):
        file = io.BytesIO()
        torch.save({f"a{number}": torch.zeros(each)}, file)
        file.seek(0)
        with zipfile.ZipFile(file) as stored:
            files[f"m-{number:05d}-of-00004.bin"] = zipped({n: stored.read(n) for n in stored.namelist()})
    with pytest.raises(LimitError, match="unpacked"):
        load(files)
