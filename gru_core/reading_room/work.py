"""What is done in the reader's child: a file is read, and all that was found is put in a parcel."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from safetensors.torch import load, save
from torch import nn

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats.choices import NO_CHOICES, Choices
from gru_core.formats.gatescope import model_from_tensors, model_to_tensors
from gru_core.formats.loading import Inspection, load_models
from gru_core.jobs import Heard, Parcel, Tell
from gru_core.limits import MAX_MODEL_BYTES, MAX_READ_BYTES, check_bytes, megabytes
from gru_core.model import OPEN_CHOICES, SequenceModel
from gru_core.reading_room.plain import Arrays, from_plain, to_plain

TOO_MUCH = (
    f"Reading this file needed more than {megabytes(MAX_READ_BYTES)} of memory and was ended: "
    "save the weights alone, or a smaller model."
)


def order_of(files: dict[str, bytes], choices: Choices, need_gru: bool = True) -> Parcel:
    """The parcel that `read_models` takes: files by name, and what the person says of them."""
    arrays: Arrays = {}
    plain = to_plain(choices, arrays)
    numbered = {f"file {number}": data for number, data in enumerate(files.values())}
    head = {"names": list(files), "choices": plain, "need_gru": need_gru}
    return Parcel(head, numbered | {"arrays": save(arrays)})


def read_models(order: Parcel, _tell: Tell, _heard: Heard) -> Parcel:
    """Read the files of an order. Raises as `load_models` does; LimitError also where memory ran out."""
    arrays = load(order.blobs["arrays"])
    choices = from_plain(Choices, order.head["choices"], arrays)
    files = {name: order.blobs[f"file {n}"] for n, name in enumerate(order.head["names"])}
    with refused_memory_is_told():
        return _packed(*load_models(files, choices, need_gru=bool(order.head["need_gru"])))


@contextmanager
def refused_memory_is_told() -> Iterator[None]:
    """LimitError where memory was refused: readers take what a library then raises for damage."""
    try:
        yield
    except Exception as problem:
        if any(_is_of_memory(cause) for cause in _causes(problem)):
            raise LimitError(TOO_MUCH) from problem
        raise


def warm() -> None:
    """Read one small file of each container, so that what a reading imports is there."""
    weights = nn.GRU(1, 1).state_dict()
    checkpoint, archive = io.BytesIO(), io.BytesIO()
    torch.save(weights, checkpoint)
    np.savez(archive, **{name: tensor.numpy() for name, tensor in weights.items()})
    for data in (checkpoint.getvalue(), archive.getvalue(), save(weights)):
        order = order_of({"warm": data}, NO_CHOICES)
        unpacked(read_models(Parcel.from_bytes(order.to_bytes()), lambda _: None, lambda: None))


def _packed(inspection: Inspection, models: dict[str, SequenceModel]) -> Parcel:
    arrays: Arrays = {}
    listed: list[dict[str, object]] = []
    head = {"inspection": to_plain(inspection, arrays), "models": listed}
    weights = (
        w for model in {id(m): m for m in models.values()}.values() for w in model.state_dict().values()
    )
    size = sum(array.nbytes for array in (*arrays.values(), *weights))
    check_bytes("The layers of a model, in memory,", size, MAX_MODEL_BYTES, "save a smaller model.")
    blobs = {"arrays": save(arrays)}
    known: dict[int, str] = {}
    for name, model in models.items():
        blob = known.setdefault(id(model), f"model {len(known)}")
        described: dict[str, object] = {"name": name, "blob": blob}
        if blob not in blobs:
            tensors, described["model"] = model_to_tensors(model)
            blobs[blob] = save({key: tensor.clone() for key, tensor in tensors.items()})
            described |= {"convention": model.gru.convention, "notes": list(model.gru.notes)}
            described["open"] = list(model.gru.open_choices)
        listed.append(described)
    return Parcel(head, blobs)


def unpacked(found: Parcel) -> tuple[Inspection, dict[str, SequenceModel]]:
    """What `load_models` gave in the child. The child is not trusted: all is checked as a file is.

    Raises a GateScopeError when what came is not what a reader sends.
    """
    try:
        arrays = load(found.blobs["arrays"])
        inspection = from_plain(Inspection, found.head["inspection"], arrays)
        made: dict[str, SequenceModel] = {}
        models: dict[str, SequenceModel] = {}
        for described in found.head["models"]:
            blob = described["blob"]
            if blob not in made:
                model = made[blob] = model_from_tensors(load(found.blobs[blob]), described["model"])
                model.gru.convention = str(described["convention"])
                model.gru.notes = tuple(str(note) for note in described["notes"])
                model.gru.open_choices = tuple(kind for kind in OPEN_CHOICES if kind in described["open"])
            models[str(described["name"])] = made[blob]
    except GateScopeError:
        raise
    except Exception as problem:
        raise ModelFileError("What the reader of this file found cannot be used: save it again.") from problem
    return inspection, models


def _is_of_memory(error: BaseException) -> bool:
    """Whether memory was refused; torch and C++ say so in a RuntimeError."""
    return isinstance(error, MemoryError) or any(
        words in str(error) for words in ("allocate memory", "bad_alloc", "Unable to allocate")
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
