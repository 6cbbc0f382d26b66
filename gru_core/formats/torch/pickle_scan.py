"""Reading a checkpoint's pickle as text: what it would build, without building anything.

`torch.load(weights_only=True)` is what reads a checkpoint, and refuses code by itself. This scan goes
first: it refuses earlier and in words a person can act on, and bounds the work that the reader gets.
"""

import pickletools
from collections.abc import Iterator
from typing import Any, BinaryIO

from gru_core.errors import ModelFileError
from gru_core.limits import MAX_PICKLE_STEPS

ALLOWED = frozenset(
    {
        "collections.OrderedDict",
        "collections.Counter",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch.nn.parameter.Parameter",
        "torch.Size",
        "torch.device",
        "torch.serialization._get_layout",
        "_codecs.encode",
        "builtins.set",
        "__builtin__.set",
        "builtins.complex",
    }
)
"""What a checkpoint of weights and plain values is made of, beside torch's storages and number types."""

UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    OverflowError,
    AttributeError,
    MemoryError,
    DeprecationWarning,
)
"""What a damaged pickle leads its readers into; the last one where warnings are errors."""
QUANTISED = frozenset({"torch.ScriptObject", "torch._utils._rebuild_qtensor"})
"""What the layers of a quantised model are saved as."""


def strangers(file: BinaryIO, name: str, count: int = 1) -> list[str]:
    """What `count` pickles, one behind the other from where the file stands, hold beyond a checkpoint's own.

    The names of objects that are neither tensors nor plain values, and that the protocol is not torch's where
    it is not. Raises ModelFileError when one is damaged or has more than MAX_PICKLE_STEPS instructions.
    """
    steps = 0
    found: dict[str, None] = {}
    for _ in range(count):
        for opcode, argument in _opcodes(file, name):
            steps += 1
            if steps > MAX_PICKLE_STEPS:
                raise ModelFileError(
                    f"A checkpoint may describe at most {MAX_PICKLE_STEPS:,} small values, and "
                    f"{name!r} has more: "
                    "save the weights alone, torch.save(model.state_dict(), 'weights.pt')."
                )
            if opcode in ("GLOBAL", "INST"):
                path = str(argument).replace(" ", ".", 1)
                if not is_plain(path):
                    found[path] = None
            elif opcode == "STACK_GLOBAL" or (opcode == "PROTO" and argument != 2):
                found["pickle protocol 3 or later"] = None
    return list(found)


def _opcodes(file: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    try:
        for opcode, argument, _ in pickletools.genops(file):
            yield opcode.name, argument
    except UNREADABLE as problem:
        raise ModelFileError(
            f"{name!r} is damaged or cut off: the description of its contents cannot be read. Save or "
            "copy it again."
        ) from problem


def is_plain(path: str) -> bool:
    """Whether an object of that name is a tensor or a plain value, as checkpoints of weights have them."""
    return path in ALLOWED or is_torch_type(path)


def foreign(path: str, name: str) -> ModelFileError:
    """The sentence for a file `name` with a Python object of that dotted name."""
    if path in QUANTISED:
        return ModelFileError(
            f"{name!r} holds the packed weights of a quantised model (a {path!r}), which only run where they "
            "were made: save the model before it is quantised."
        )
    return ModelFileError(
        f"{name!r} holds more than weights (a Python object {path[:80]!r}), and reading such a file "
        "could run code, "
        "so nothing of it was run: save the weights alone, torch.save(model.state_dict(), 'weights.pt')."
    )


def is_torch_type(path: str) -> bool:
    """torch.FloatStorage, torch.float16, ...: names that carry a number type and can do nothing."""
    module, _, last = path.rpartition(".")
    if module not in ("torch", "torch.storage"):
        return False
    return last.endswith("Storage") or last.startswith(("float", "int", "uint", "bfloat", "bool", "complex"))
