"""PaddlePaddle 1's folders of parameters: a file for each, which bears the parameter's name."""

import posixpath
import re

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats import names_paddle_legacy
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.layers import find_layers
from gru_core.formats.lod_tensor import looks_like_lod_tensor, read_lod_tensor
from gru_core.formats.registry import Evidence, Format, bundle_of
from gru_core.sources import Opened

_PARAMETER = re.compile(r"(?:.*/)?[^/]+_\d+\.[wb]_\d{1,2}")
"""fc_0.w_0, gru_0.b_0: the names that PaddlePaddle gives to parameters."""


def recognises(evidence: Evidence) -> bool:
    """Files with the names of parameters, or one file that begins as a parameter does."""
    if evidence.is_bundle:
        return any(_PARAMETER.fullmatch(name) for name in evidence.entries)
    return looks_like_lod_tensor(evidence.head)


def read(opened: Opened, choices: Choices) -> Contents:
    """Every parameter by the name of its file; files of other kinds are left aside."""
    if not opened.is_set and looks_like_lod_tensor(opened.head()):
        raise ModelFileError(
            f"{opened.name!r} holds parameters of PaddlePaddle without their names: give all files of the "
            "folder together or as a zip, or save the state as .pdparams."
        )
    files = bundle_of(opened)
    folder = posixpath.commonpath(
        [posixpath.dirname(name) for name in files.names if _PARAMETER.fullmatch(name)]
    )
    tensors: dict[str, Tensor] = {}
    aside = 0
    for name in files.names:
        data = files.read(name)
        if not _PARAMETER.fullmatch(name) and not looks_like_lod_tensor(data[:64]):
            aside += 1
            continue
        short = name.removeprefix(folder + "/") if folder else name
        tensors[short] = read_lod_tensor(data, short)
    notes = (f"{aside} of its files are no parameters and are left aside.",) if aside else ()
    return find_layers(tensors, (names_paddle_legacy.NAMING,), choices, notes)


FORMAT = Format(
    "paddle_legacy", "PaddlePaddle 1 parameters", (".zip",), recognises, read, (names_paddle_legacy.GUIDE,)
)
