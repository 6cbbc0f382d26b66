"""Frozen dataclasses as JSON and arrays, and back again by their type hints; never a pickle."""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, Union, cast

import numpy as np
import torch
from torch import Tensor, nn

from gru_core.errors import InputError
from gru_core.limits import MAX_MODEL_BYTES

Arrays = dict[str, Tensor]
"""Beside the JSON; it names them by their numbers in the order of meeting, "0", "1", ..."""

Value = TypeVar("Value")

_CORES: Mapping[str, type[nn.LSTM | nn.RNN]] = {"LSTM": nn.LSTM, "RNN": nn.RNN}
_CORE_SETTINGS = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")


def to_plain(value: Any, arrays: Arrays) -> Any:
    """The value as JSON can hold it; its arrays go into `arrays`.

    Arrays that have no plain numbers (sparse, quantised), or more than a model file may have, become None.
    Raises InputError for a kind of value that is not known here.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init)
        return {"is": type(value).__name__, "of": {name: to_plain(v, arrays) for name, v in named}}
    if isinstance(value, Tensor | np.ndarray):
        return {"array": _keep(torch.as_tensor(value), arrays)}
    if isinstance(value, nn.LSTM | nn.RNN):
        settings = {name: getattr(value, name) for name in _CORE_SETTINGS}
        extra = (
            {"proj_size": value.proj_size}
            if isinstance(value, nn.LSTM)
            else {"nonlinearity": value.nonlinearity}
        )
        weights = {name: _keep(tensor, arrays) for name, tensor in value.state_dict().items()}
        return {"layer": type(value).__name__, "with": settings | extra, "weights": weights}
    if isinstance(value, Mapping):
        return [[to_plain(key, arrays), to_plain(below, arrays)] for key, below in value.items()]
    if isinstance(value, list | tuple):
        return [to_plain(entry, arrays) for entry in value]
    raise InputError(f"A {type(value).__name__} cannot be sent between server and reader.")


def from_plain(kind: type[Value], plain: Any, arrays: Mapping[str, Tensor]) -> Value:
    """The dataclass of that kind that `to_plain` took apart. Raises InputError when it is not one."""
    try:
        return cast(Value, _made(kind, plain, arrays))
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as problem:
        raise InputError("What a reader sent is damaged.") from problem


def _keep(tensor: Tensor, arrays: Arrays) -> str | None:
    """The number of the array among the kept ones; None for one that is not sent."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        return None
    # One number can pretend to be a matrix of any size.
    if tensor.numel() * tensor.element_size() > MAX_MODEL_BYTES:
        return None
    name = str(len(arrays))
    # A copy of its own: arrays that share memory would be written as one.
    arrays[name] = tensor.detach().resolve_conj().resolve_neg().contiguous().clone()
    return name


def _made(kind: Any, plain: Any, arrays: Mapping[str, Tensor]) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return plain
    if origin in (Union, types.UnionType):
        return _one_of(inner, plain, arrays)
    if origin is Literal:
        return inner[inner.index(plain)]
    if origin is tuple:
        kinds = inner[:1] * len(plain) if inner[1:] == (...,) else inner
        return tuple(_made(k, below, arrays) for k, below in zip(kinds, plain, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {_made(inner[0], k, arrays): _made(inner[1], below, arrays) for k, below in plain}
    if origin in (list, np.ndarray):
        return arrays[plain["array"]].numpy() if origin is np.ndarray else _listed(inner[0], plain, arrays)
    if dataclasses.is_dataclass(kind):
        if plain["is"] != getattr(kind, "__name__", None):
            raise ValueError("another dataclass")
        hints = typing.get_type_hints(kind)
        make = cast(Callable[..., Any], kind)
        return make(**{name: _made(hints[name], below, arrays) for name, below in plain["of"].items()})
    if kind is Tensor:
        return None if plain["array"] is None else arrays[plain["array"]]
    if kind in _CORES.values():
        return _core(kind, plain, arrays)
    if kind is float and type(plain) is int:
        return float(plain)
    if type(plain) is not (types.NoneType if kind is None else kind):
        raise ValueError("another kind of value")
    return plain


def _listed(kind: Any, plain: Any, arrays: Mapping[str, Tensor]) -> list[Any]:
    return [_made(kind, below, arrays) for below in plain]


def _one_of(kinds: tuple[Any, ...], plain: Any, arrays: Mapping[str, Tensor]) -> Any:
    """As the first of the kinds that fits."""
    for kind in kinds:
        try:
            return _made(kind, plain, arrays)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    raise ValueError("none of the kinds that it may have")


def _core(kind: type[nn.LSTM | nn.RNN], plain: Any, arrays: Mapping[str, Tensor]) -> nn.Module:
    if _CORES[plain["layer"]] is not kind:
        raise ValueError("another layer")
    weights = {name: arrays[number] for name, number in plain["weights"].items()}
    # Made without memory and given its arrays: they, not the settings, decide how much it takes.
    core = kind(**plain["with"], device="meta")
    core.load_state_dict(weights, assign=True)
    return core.eval()
