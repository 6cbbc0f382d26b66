"""Files are given one after the other into one chooser: what was given last is what is meant."""

import io
from pathlib import Path

import pytest
import torch
from torch import nn

from gru_core.errors import LimitError
from gru_core.formats import load, newest_model
from gru_core.limits import MAX_MODEL_BYTES

CASES = Path(__file__).resolve().parents[1] / "cases"


def saved(layer: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.save(layer.state_dict(), buffer)
    return buffer.getvalue()


def of(folder: str, mark: str = "") -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((CASES / folder).iterdir()) if mark in file.name}


WEB = {
    name: data for name, data in of("fw_tfjs/gru_sigmoid").items() if name in ("model.json", "weights.bin")
}
CHECKPOINT = of("fw_tf1_grucell", "ckpt")
KERAS = {"keras3_ra1_bi.keras": (CASES / "fw_keras/keras3_ra1_bi.keras").read_bytes()}
HDF5 = {"net.h5": (CASES / "fw_keras/keras3_ra0_single.h5").read_bytes()}
TORCH = {"ck.pt": saved(nn.GRU(2, 3))}
SETS = {"TF.js": WEB, "TensorFlow": CHECKPOINT}
ALONE = {"PyTorch": TORCH, "Keras": KERAS, "HDF5": HDF5}


@pytest.mark.parametrize("some", SETS)
@pytest.mark.parametrize("one", ALONE)
def test_one_file_after_a_set_is_what_counts_and_a_set_after_one_file(some: str, one: str) -> None:
    (name,) = ALONE[one]
    assert newest_model(SETS[some] | ALONE[one]) == (name,)
    for names in (tuple(SETS[some]), tuple(reversed(SETS[some]))):
        given = ALONE[one] | {part: SETS[some][part] for part in names}
        assert set(names) <= set(newest_model(given))
        assert load({part: given[part] for part in newest_model(given)})


def test_a_set_after_another_set_is_what_counts() -> None:
    assert "ck.pt" not in newest_model(TORCH | WEB | KERAS)
    assert load({name: (WEB | CHECKPOINT)[name] for name in newest_model(WEB | CHECKPOINT)})


@pytest.mark.parametrize("some", SETS)
def test_any_file_of_a_set_may_come_last(some: str) -> None:
    for last in SETS[some]:
        files = {name: data for name, data in SETS[some].items() if name != last}
        given = files | {last: SETS[some][last]}
        assert newest_model(given) == tuple(given)


def test_parts_that_are_models_by_their_first_bytes_stay_together() -> None:
    whole = torch.save
    parts = {}
    for number in (1, 2):
        buffer = io.BytesIO()
        whole({f"part{number}": torch.zeros(2)}, buffer)
        parts[f"pytorch_model-0000{number}-of-00002.bin"] = buffer.getvalue()
    assert newest_model(parts) == tuple(parts)
    assert newest_model(WEB | parts)[-2:] == tuple(parts)


def test_the_parts_of_an_unpacked_keras_file_stay_together() -> None:
    weights = (CASES / "fw_keras/keras3_ra0_single.weights.h5").read_bytes()
    files = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": weights}
    assert newest_model(files) == tuple(files)


def test_of_files_that_are_no_model_together_the_last_counts() -> None:
    assert newest_model({"one.pt": saved(nn.GRU(2, 3)), "two.pt": saved(nn.GRU(2, 3))}) == ("two.pt",)
    assert newest_model(TORCH | {"empty.pt": b""}) == ("empty.pt",)
    assert newest_model({"empty.pt": b""} | TORCH) == ("ck.pt",)
    assert newest_model({"note.txt": b"hello"}) == ("note.txt",)


def test_files_that_are_too_large_together_are_refused() -> None:
    class Large(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return MAX_MODEL_BYTES if whence == io.SEEK_END else super().seek(offset, whence)

    with pytest.raises(LimitError, match="at most"):
        newest_model({"one.pt": Large(b"1"), "two.pt": Large(b"2")})
