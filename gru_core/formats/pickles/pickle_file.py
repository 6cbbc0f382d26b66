"""Pickles of named arrays: PaddlePaddle's .pdparams and any dict of numpy arrays, read as data, never run."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.flatten import flatten
from gru_core.formats.layers import find_layers
from gru_core.formats.names import paddle as names_paddle
from gru_core.formats.names import paddle_legacy as names_paddle_legacy
from gru_core.formats.namings import NAMINGS
from gru_core.formats.npz_file import as_tensor
from gru_core.formats.pickles.pickled_arrays import ARRAY_NAMES, PickledArrays
from gru_core.formats.pickles.plain_pickle import DICTS, Built, read_pickle
from gru_core.formats.registry import Evidence, Format
from gru_core.sources import Opened

PADDLE_KEY = "StructuredToParameterName@@"
"""The entry of a .pdparams that maps names of layers to names of parameters."""
PROTOCOLS = b"\x02\x03\x04\x05"
TUPLES = frozenset({"builtins.tuple", "__builtin__.tuple"})
"""paddle.save writes a tensor outside a state_dict as tuple((name, array))."""
ALLOWED = ARRAY_NAMES | DICTS | TUPLES
PADDLE_NAMINGS = (names_paddle_legacy.NAMING, names_paddle.WHOLE_FILE)


def recognises(evidence: Evidence) -> bool:
    """The first two bytes of a pickle of protocol 2 or later."""
    return len(evidence.head) > 2 and evidence.head[0] == 0x80 and evidence.head[1] in PROTOCOLS


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays of a pickle and the layers that they make."""

    def check_name(path: str) -> None:
        if path not in ALLOWED:
            raise ModelFileError(
                f"{opened.name!r} is a Python pickle that holds more than named arrays (a Python object "
                f"{path[:80]!r}), and reading such a file could run code, so nothing of it was run: save the "
                "weights alone, np.savez('weights.npz', **arrays)."
            )

    stored = read_pickle(opened.read(), opened.name, check_name)
    arrays = PickledArrays(opened.name)

    def array(value: Any) -> Tensor | None:
        if isinstance(value, Built) and value.path in TUPLES:
            value = _second(value.args)
        found = arrays.array(value)
        return None if found is None else as_tensor(found)

    tensors, notes = flatten(stored, opened.name, array)
    if arrays.texts:
        notes += (f"Arrays of texts and dates are left out ({arrays.texts:,}).",)
    paddle = opened.suffix == ".pdparams" or (isinstance(stored, Mapping) and PADDLE_KEY in stored)
    return find_layers(tensors, PADDLE_NAMINGS if paddle else NAMINGS, choices, notes)


def _second(args: Any) -> Any:
    """The array of ((name, array),)."""
    inner = args[0] if isinstance(args, tuple) and len(args) == 1 else None
    return inner[1] if isinstance(inner, tuple) and len(inner) == 2 else None


FORMAT = Format(
    "pickle", "pickle of named arrays", (".pdparams", ".pkl"), recognises, read, (names_paddle.GUIDE,)
)
