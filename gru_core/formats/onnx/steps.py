"""The operators by which exporters turn stored arrays into weights, on torch's tensors.

Each takes the node, its inputs (None where one is left out), which of its outputs is asked for, and the
bytes that may still be spent; it gives None where it cannot say. What does not fit raises what torch raises.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from gru_core.formats.onnx.graph import Operator
from gru_core.formats.onnx.tensors import TORCH_TYPES, read_tensor

Inputs = Sequence[Tensor | None]
Step = Callable[[Operator, Inputs, int, int], Tensor | None]


class TooLarge(Exception):
    """A result would be larger than what may still be spent."""


def _constant(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    attributes = node.attributes
    if "value" in attributes:
        return read_tensor(attributes["value"].t, node.path)
    if "value_float" in attributes:
        return torch.tensor(attributes["value_float"].f)
    if "value_floats" in attributes:
        return torch.tensor(list(attributes["value_floats"].floats))
    if "value_int" in attributes:
        return torch.tensor(attributes["value_int"].i)
    if "value_ints" in attributes:
        return torch.tensor(list(attributes["value_ints"].ints), dtype=torch.int64)
    return None


def _constant_of_shape(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    filling = node.attributes.get("value")
    one = torch.zeros(1) if filling is None else read_tensor(filling.t, node.path)
    return one.reshape(()).expand(_integers(inputs[0]))


def _identity(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    return inputs[0] if output == 0 else None


def _cast(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    wanted = TORCH_TYPES.get(node.integer("to"))
    return None if wanted is None else _there(inputs[0]).to(wanted)


def _concat(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    parts = [_there(part) for part in inputs]
    if sum(part.numel() * part.element_size() for part in parts) > left:
        raise TooLarge
    return torch.cat(parts, dim=node.integer("axis"))


def _transpose(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data = _there(inputs[0])
    return data.permute(node.integers("perm") or list(range(data.ndim))[::-1])


def _unsqueeze(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, axes = _there(inputs[0]), _axes(node, inputs) or []
    rank = data.ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        data = data.unsqueeze(axis)
    return data


def _squeeze(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, axes = _there(inputs[0]), _axes(node, inputs)
    if axes is None:
        return data.squeeze()
    if any(data.shape[axis] != 1 for axis in axes):
        raise ValueError("only axes of length 1 can be left out")
    return data.squeeze(tuple(axes))


def _reshape(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data = _there(inputs[0])
    given = node.integers("shape")
    shape = _integers(inputs[1]) if given is None else given
    if not node.integer("allowzero"):
        shape = [data.shape[axis] if length == 0 else length for axis, length in enumerate(shape)]
    return data.reshape(shape)


def _flatten(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, axis = _there(inputs[0]), node.integer("axis", 1)
    return data.reshape(math.prod(data.shape[:axis]), -1)


def _expand(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data = _there(inputs[0])
    return data.expand(torch.broadcast_shapes(data.shape, tuple(_integers(inputs[1]))))


def _slice(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data = _there(inputs[0])
    lists: list[list[int] | None] = [node.integers(name) for name in ("starts", "ends", "axes")] + [None]
    for index in range(1, min(len(inputs), 5)):
        lists[index - 1] = None if inputs[index] is None else _integers(inputs[index])
    starts, ends, axes, steps = lists
    if starts is None or ends is None:
        return None
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        places = range(data.shape[axis])[start:end:step]
        if step > 0:
            data = data.narrow(axis, places.start, places.stop - places.start if places else 0)
            data = data[(slice(None),) * (axis % data.ndim) + (slice(None, None, step),)]
        else:
            data = data.index_select(axis, torch.tensor(list(places), dtype=torch.int64))
    return data


def _split(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, axis = _there(inputs[0]), node.integer("axis")
    sizes = node.integers("split")
    if len(inputs) > 1 and inputs[1] is not None:
        sizes = _integers(inputs[1])
    if sizes is None:
        each = math.ceil(data.shape[axis] / len(node.node.output))
        return data.split(each, axis)[output]
    return data.split(sizes, axis)[output]


def _gather(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, places, axis = _there(inputs[0]), _there(inputs[1]), node.integer("axis")
    length = data.shape[axis]
    if places.ndim > 1:
        return None
    if data.element_size() * places.numel() * data.numel() > left * max(length, 1):
        raise TooLarge
    chosen = data.index_select(axis, torch.where(places < 0, places + length, places).reshape(-1))
    return chosen if places.ndim else chosen.squeeze(axis)


def _dequantize(node: Operator, inputs: Inputs, output: int, left: int) -> Tensor | None:
    data, scale = _there(inputs[0]), _there(inputs[1])
    zero = inputs[2] if len(inputs) > 2 else None
    if node.integer("block_size"):
        return None
    if 4 * data.numel() > left:
        raise TooLarge
    if scale.numel() > 1 or scale.ndim:
        shape = [1] * data.ndim
        shape[node.integer("axis", 1)] = scale.numel()
        scale = scale.reshape(shape)
        zero = None if zero is None else zero.reshape(shape)
    shifted = data.to(torch.float32) if zero is None else data.to(torch.float32) - zero.to(torch.float32)
    return shifted * scale.to(torch.float32)


STEPS: Mapping[str, Step] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Identity": _identity,
    "Dropout": _identity,
    "Cast": _cast,
    "Concat": _concat,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Expand": _expand,
    "Slice": _slice,
    "Split": _split,
    "Gather": _gather,
    "DequantizeLinear": _dequantize,
}
"""By the operator's type."""


def _there(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ValueError("an input is left out that is needed")
    return tensor


def _integers(tensor: Tensor | None) -> list[int]:
    there = _there(tensor)
    if there.is_floating_point() or there.ndim > 1 or there.numel() > 64:
        raise ValueError("shapes and places are short lists of whole numbers")
    return [int(value) for value in there.reshape(-1).tolist()]


def _axes(node: Operator, inputs: Inputs) -> list[int] | None:
    """Newer models give axes as an input, older ones as an attribute."""
    if len(inputs) > 1 and inputs[1] is not None:
        return _integers(inputs[1])
    return node.integers("axes")
