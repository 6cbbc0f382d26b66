"""Layers that are not recurrent, told by the names and shapes of what is left over."""

from collections.abc import Mapping

from gru_core.formats.contents import LayerKind, OtherLayer
from gru_core.model import GRU

Shape = tuple[int, ...]


def plain_layers(shapes: Mapping[str, Shape], grus: Mapping[str, GRU]) -> list[OtherLayer]:
    """Linear layers and embeddings by name and sizes, readout candidates marked, and the rest as "other".

    A matrix named `weight` with a bias of as many rows is a Linear; without one it is an Embedding
    when its name says so. A Linear that reads as many numbers as a GRU gives could be its readout.
    """
    layers: list[OtherLayer] = []
    seen: set[str] = set()
    for name, shape in shapes.items():
        if name in seen:
            continue
        parent, part = _split(name)
        # Beside W_hq, from states to outputs q, textbooks write b_q.
        bias_name = name.removesuffix(part) + ("b_" + part[-1] if part.startswith("W_") else "bias")
        if len(shape) != 2 or not (part == "weight" or part.startswith("W_")):
            if part != "bias" or name.removesuffix("bias") + "weight" not in shapes:
                layers.append(OtherLayer(name, "other", " x ".join(map(str, shape)) or "one number"))
            continue
        path = name if part.startswith("W_") else parent
        # torch stores (outputs, inputs); textbook matrices are (inputs, outputs).
        outputs, inputs = shape if part == "weight" else shape[::-1]
        has_bias = shapes.get(bias_name) in ((outputs,), (1, outputs))
        if not has_bias and "emb" in path.lower():
            layers.append(
                OtherLayer(path, "Embedding", f"{outputs} x {inputs}", _embedding_note(inputs, grus))
            )
            continue
        kind: LayerKind = "Linear"
        layers.append(OtherLayer(path, kind, f"{inputs} -> {outputs}", _readout_note(inputs, grus)))
        if has_bias:
            seen.add(bias_name)
    return [layer for layer in layers if layer.name not in seen]


def _readout_note(inputs: int, grus: Mapping[str, GRU]) -> str:
    fitting = [repr(name) for name, gru in grus.items() if gru.hidden_size * gru.num_directions == inputs]
    return (
        f"reads as many numbers as {' and '.join(fitting)} gives: it could be the readout" if fitting else ""
    )


def _embedding_note(width: int, grus: Mapping[str, GRU]) -> str:
    fitting = [repr(name) for name, gru in grus.items() if gru.input_size == width]
    return f"as wide as the inputs of {' and '.join(fitting)}: it could feed them" if fitting else ""


def _split(name: str) -> tuple[str, str]:
    """("encoder.fc", "weight") from "encoder.fc.weight"; npz files may use a slash."""
    cut = max(name.rfind("."), name.rfind("/"))
    return (name[:cut], name[cut + 1 :]) if cut >= 0 else ("", name)
