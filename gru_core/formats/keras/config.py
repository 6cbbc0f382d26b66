"""What a Keras model's description says: its layers under names that are never the same, and what feeds what.

The description of Keras 1, 2 and 3 and of TensorFlow.js is JSON of the same kind. It is only looked at:
no class is looked up and nothing in it is called, so a Lambda layer stays a name.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gru_core.errors import LimitError, ModelFileError
from gru_core.limits import MAX_HEADER_BYTES, check_bytes

MAX_NESTING = 16
"""Models inside models."""
MAX_DESCRIBED = 2_000
"""Layers of one description, those of models inside included."""
MAX_CALLS = 64
"""Places where a layer is used that are looked at."""
MAX_OUTPUTS = 16
"""Outputs of a model that are followed."""
MODELS = ("Functional", "Sequential", "Model", "Graph")
INPUTS = ("InputLayer",)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of the description.

    path     its name, with the names of the models it lies in before it: "encoder.gru"
    name     its own name
    kind     Keras' name of its class, such as "GRU"
    config   what it was made with; values of any kind
    sources  the paths of the layers whose output it reads, the main one first
    starts   the paths of the layers that give it further inputs: for a recurrent layer, its first state
    parts    the layers inside, where it is a model
    calls    how often the model uses it
    """

    path: str
    name: str
    kind: str
    config: Mapping[str, Any]
    sources: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    parts: tuple["Layer", ...] = ()
    calls: int = 1

    @property
    def is_model(self) -> bool:
        """Whether it is a model of layers itself."""
        return self.kind in MODELS or bool(self.parts)

    def leaves(self) -> Iterator["Layer"]:
        """Itself, or every layer in it and in the models in it."""
        if not self.is_model:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, eq=False)
class Described:
    """A whole description: the layers of the outermost model, and by path every one of them."""

    layers: tuple[Layer, ...]
    by_path: Mapping[str, Layer] = field(default_factory=dict)

    def leaves(self) -> Iterator[Layer]:
        """Every layer that is no model."""
        for layer in self.layers:
            yield from layer.leaves()


def described(text: str | bytes, name: str) -> Described | None:
    """The layers of a description in JSON; None where it does not list them, as for a model of own code.

    Raises ModelFileError when it is not JSON, LimitError when it is too long.
    """
    return layers_of(parse_json(text, name), name)


def parse_json(text: str | bytes, name: str) -> Any:
    """JSON of a bounded length. Raises ModelFileError and LimitError."""
    check_bytes(f"The description of {name!r}", len(text), MAX_HEADER_BYTES, "save a smaller model.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(
            f"{name!r} is damaged: the description of its layers is not JSON. Save or copy it again."
        ) from problem


def layers_of(value: Any, name: str) -> Described | None:
    """The layers of a description that was parsed; see `described`."""
    reading = _Reading(name)
    layers, _ = reading.model(value, "", (), 0)
    return Described(layers, reading.by_path) if layers else None


class _Reading:
    """One reading of one description."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.by_path: dict[str, Layer] = {}
        self._numbers: dict[str, int] = {}

    def model(
        self, value: Any, prefix: str, inputs: tuple[str, ...], depth: int
    ) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """The layers of a model that reads `inputs`, and the paths of those whose output is the model's."""
        if depth > MAX_NESTING:
            raise LimitError(f"{self.name!r} nests models deeper than {MAX_NESTING}.")
        config = value.get("config") if isinstance(value, Mapping) else None
        # Keras 1 and early Keras 2 describe a Sequential by the bare list of its layers.
        entries = config.get("layers") if isinstance(config, Mapping) else config
        if not isinstance(entries, list):
            return (), ()
        settings: Mapping[str, Any] = config if isinstance(config, Mapping) else {}
        chain = not any(isinstance(e, Mapping) and e.get("inbound_nodes") for e in entries)
        outputs: dict[str, tuple[str, ...]] = {}
        layers: list[Layer] = []
        last = inputs
        for entry in entries:
            if not isinstance(entry, Mapping):
                continue
            nodes = [] if chain else _nodes(entry.get("inbound_nodes"))
            calls = [_given(node, outputs) for node in nodes]
            main = _unique(call[:1] for call in calls) if nodes else (last if chain else ())
            starts = _unique(call[1:] for call in calls)
            layer, gives = self.layer(entry, prefix, main, starts, max(1, len(nodes)), depth)
            if layer.kind in INPUTS:
                gives = inputs
            outputs[layer.name] = last = gives
            layers.append(layer)
        named = _nodes([settings.get("output_layers")]) if "output_layers" in settings else []
        given = _unique(_given(node, outputs) for node in named)[:MAX_OUTPUTS]
        return tuple(layers), given or last

    def layer(
        self,
        entry: Mapping[str, Any],
        prefix: str,
        sources: tuple[str, ...],
        starts: tuple[str, ...],
        calls: int,
        depth: int,
    ) -> tuple[Layer, tuple[str, ...]]:
        """One layer, and the paths of the layers whose output it gives: itself, unless it is a model."""
        if len(self.by_path) >= MAX_DESCRIBED:
            raise LimitError(
                f"A Keras model may have at most {MAX_DESCRIBED:,} layers, and {self.name!r} describes more."
            )
        config = entry.get("config")
        settings: Mapping[str, Any] = config if isinstance(config, Mapping) else {}
        kind = word(entry, "class_name")
        kind = kind.rpartition(">")[2]
        own = word(settings, "name") or word(entry, "name") or kind or "layer"
        path = prefix + own
        while path in self.by_path:
            self._numbers[prefix + own] = number = self._numbers.get(prefix + own, 1) + 1
            path = f"{prefix}{own} ({number})"
        parts: tuple[Layer, ...] = ()
        gives: tuple[str, ...] = (path,)
        # A place is kept before what lies inside is read, so that names inside cannot take it.
        self.by_path[path] = Layer(path, own, kind, settings, sources, starts, (), calls)
        if kind in MODELS or isinstance(settings.get("layers"), list):
            parts, gives = self.model(entry, f"{path}.", sources + starts, depth + 1)
        elif kind == "TimeDistributed" and _is_model(inside := settings.get("layer")):
            parts, gives = self.model(inside, f"{path}.", sources, depth + 1)
        layer = Layer(path, own, kind, settings, sources, starts, parts, calls)
        self.by_path[path] = layer
        return layer, gives or (path,)


def _is_model(value: Any) -> bool:
    return isinstance(value, Mapping) and (
        isinstance(value.get("config"), list) or word(value, "class_name") in MODELS
    )


def word(config: Mapping[str, Any], key: str, default: str = "") -> str:
    """A text of the description, or the default where there is none or it is something else."""
    value = config.get(key)
    return value if isinstance(value, str) else default


def flag(config: Mapping[str, Any], key: str, default: bool = False) -> bool:
    """A yes or no of the description."""
    value = config.get(key)
    return value if isinstance(value, bool) else default


def inner(config: Mapping[str, Any], key: str) -> tuple[str, Mapping[str, Any]] | None:
    """The class and the description of a layer or cell inside a layer, or None."""
    value = config.get(key)
    if not isinstance(value, Mapping) or not isinstance(value.get("config"), Mapping):
        return None
    return word(value, "class_name").rpartition(">")[2], value["config"]


def activation_of(config: Mapping[str, Any], key: str, default: str) -> str:
    """The name of an activation, "tanh"; functions and layers are written as small descriptions."""
    value = config.get(key, default)
    for _ in range(3):
        if not isinstance(value, Mapping):
            break
        value = value.get("config") if word(value, "class_name") == "function" else value.get("class_name")
    if value is None:
        return "linear"
    return _SPELLINGS.get(value, value) if isinstance(value, str) else "unknown"


_SPELLINGS = {"hardSigmoid": "hard_sigmoid", "HardSigmoid": "hard_sigmoid"}


def _nodes(value: Any) -> list[list[str]]:
    """Per call of a layer, the names of the layers that it reads, in order."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [names for names in ([*_references(node, 12)] for node in value[:MAX_CALLS]) if names]


def _references(value: Any, depth: int) -> Iterator[str]:
    """Layer names in a call: ["name", 0, 0, ...] in Keras 1 and 2, {"keras_history": [...]} in Keras 3."""
    if depth == 0:
        return
    if isinstance(value, Mapping):
        for key, below in value.items():
            # A mask is handed on by itself; what made it feeds nothing.
            if key != "mask":
                yield from _references(below, depth - 1)
    elif isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and all(type(v) is int for v in value[1:3]):
            yield value[0]
            value = value[3:]
        for below in value:
            if isinstance(below, list | Mapping):
                yield from _references(below, depth - 1)


def _given(node: list[str], outputs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The paths that a call reads, each once: models inside models could name the same ones without end."""
    return _unique(outputs.get(ref, ()) for ref in dict.fromkeys(node))


def _unique(groups: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for group in groups for path in group))
