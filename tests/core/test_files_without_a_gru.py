"""A file without a GRU is described too, and files of one model are told from files that are none."""

import io
from pathlib import Path

import pytest
import torch
from torch import nn

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats import inspect_file, is_one_model, load_models
from gru_core.limits import MAX_MODEL_BYTES

CASES = Path(__file__).resolve().parents[1] / "cases"


def saved(layer: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.save(layer.state_dict(), buffer)
    return buffer.getvalue()


def test_what_is_there_instead_is_said() -> None:
    data = saved(nn.LSTM(3, 4))
    inspection, models = load_models(data, need_gru=False)
    assert models == {}
    assert inspection.missing.startswith("There is no GRU in")
    assert inspection.others[0].kind == "LSTM"
    assert inspect_file(data).missing == inspection.missing
    with pytest.raises(ModelFileError) as caught:
        load_models(data)
    assert str(caught.value) == inspection.missing


def test_nothing_is_missing_where_a_gru_is() -> None:
    inspection, models = load_models(saved(nn.GRU(3, 4)), need_gru=False)
    assert inspection.missing == ""
    assert len(models) == 1


def test_files_of_one_model_are_told_by_their_names() -> None:
    folder = CASES / "fw_tf1_grucell"
    parts = {file.name: file.read_bytes() for file in folder.iterdir() if "ckpt" in file.name}
    assert is_one_model(parts)
    assert not is_one_model({"one.pt": saved(nn.GRU(2, 3)), "two.pt": saved(nn.GRU(2, 3))})


def test_files_that_are_too_large_together_are_refused() -> None:
    class Large(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return MAX_MODEL_BYTES if whence == io.SEEK_END else super().seek(offset, whence)

    with pytest.raises(LimitError, match="at most"):
        is_one_model({"one.pt": Large(b"1"), "two.pt": Large(b"2")})
