"""PaddlePaddle 1's folders of parameters: a file for each, which bears the parameter's name."""

import posixpath
import re
from functools import partial

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.layers import Naming, find_layers
from gru_core.formats.names import paddle_legacy as names_paddle_legacy
from gru_core.formats.paddle.lod_tensor import looks_like_lod_tensor, read_lod_tensor, read_lod_tensors
from gru_core.formats.paddle.program import Program, read_program
from gru_core.formats.registry import Evidence, Format, bundle_of
from gru_core.limits import MAX_MODEL_BYTES, check_bytes
from gru_core.sources import Opened

_PARAMETER = re.compile(r"(?:.*/)?[^/]+_\d+\.[wb]_\d{1,2}")
"""fc_0.w_0, gru_0.b_0: the names that PaddlePaddle gives to parameters."""


def recognises(evidence: Evidence) -> bool:
    """Files with the names of parameters, or one file that begins as a parameter does."""
    if evidence.is_bundle:
        return any(_PARAMETER.fullmatch(name) or _is_combined(name) for name in evidence.entries)
    return looks_like_lod_tensor(evidence.head)


def read(opened: Opened, choices: Choices) -> Contents:
    """Every parameter by its name; a program beside them says which way a GRU reads, and the sense of u."""
    if not opened.is_set and looks_like_lod_tensor(opened.head()):
        beside = _program_beside(opened)
        if beside is None or _PARAMETER.fullmatch(opened.name):
            raise ModelFileError(
                f"{opened.name!r} holds parameters of PaddlePaddle without their names: give all files of "
                "the folder together or as a zip, with the program (.pdmodel, __model__) where there is one, "
                "or save the state as .pdparams."
            )
        return _contents(read_lod_tensors(opened.read(), beside.parameters), beside, choices, ())
    files = bundle_of(opened)
    programs = [name for name in files.names if _is_program(name)]
    program = read_program(files.read(programs[0]), programs[0]) if len(programs) == 1 else None
    paths = [posixpath.dirname(name) for name in files.names if _PARAMETER.fullmatch(name)]
    # A name that begins at the root has no folder in common with one that does not.
    roots = {path.startswith("/") for path in paths}
    folder = posixpath.commonpath(paths) if len(roots) == 1 else ""
    tensors: dict[str, Tensor] = {}
    aside = 0
    for name in files.names:
        if _is_program(name):
            continue
        data = files.read(name)
        short = name.removeprefix(folder + "/") if folder else name
        if not paths and _is_combined(name):
            if program is None:
                raise ModelFileError(
                    f"{name!r} holds parameters without their names: give its program (.pdmodel, "
                    "__model__) with it."
                )
            tensors |= read_lod_tensors(data, program.parameters)
        elif _PARAMETER.fullmatch(name) or looks_like_lod_tensor(data[:64]):
            tensors[short] = read_lod_tensor(data, short)
        else:
            aside += 1
    notes = (f"{aside} of its files are no parameters and are left aside.",) if aside else ()
    return _contents(tensors, program, choices, notes)


def _contents(
    tensors: dict[str, Tensor], program: Program | None, choices: Choices, notes: tuple[str, ...]
) -> Contents:
    if program is None:
        return find_layers(tensors, (names_paddle_legacy.NAMING,), choices, notes)
    told = Naming("paddle_legacy", partial(names_paddle_legacy.find, program=program))
    return find_layers(tensors, (told,), choices, notes)


def _is_program(name: str) -> bool:
    return name.endswith(".pdmodel") or posixpath.basename(name) == "__model__"


def _is_combined(name: str) -> bool:
    return name.endswith(".pdiparams") or posixpath.basename(name) == "__params__"


def _program_beside(opened: Opened) -> Program | None:
    """The program of the same name in the same folder, where the file was given by its path."""
    name = "__model__" if opened.name == "__params__" else f"{opened.name.removesuffix('.pdiparams')}.pdmodel"
    if opened.files is None or name not in opened.files.names:
        return None
    check_bytes("A program", opened.files.size(name), MAX_MODEL_BYTES, "save it again.")
    return read_program(opened.files.read(name), name)


FORMAT = Format(
    "paddle_legacy",
    "PaddlePaddle 1 parameters",
    (".zip", ".pdiparams"),
    recognises,
    read,
    (names_paddle_legacy.GUIDE,),
)
