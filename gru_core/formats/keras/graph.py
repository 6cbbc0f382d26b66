"""What feeds what in a described Keras model: readouts, embeddings, masks, first states."""

from collections.abc import Callable, Iterator
from functools import cached_property

from gru_core.formats.keras.config import Described, Layer, activation_of, flag, inner
from gru_core.formats.keras.plan import plan_of

MAX_UPSTREAM = 200
_SAME = frozenset(
    {"Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Identity"}
    | {"ActivityRegularization", "Masking", "GetItem", "SlicingOpLambda"}
)
"""Layers that hand on what they read, or a part of it."""
_MASKS_PASS = _SAME | {"Activation", "BatchNormalization", "LayerNormalization", "Dense", "TimeDistributed"}
_ACTIVATIONS = {"Softmax": "softmax", "ReLU": "relu", "Sigmoid": "sigmoid"}


class Graph:
    """The connections of one described model."""

    def __init__(self, model: Described) -> None:
        self._layers = dict(model.by_path)
        self._readers: dict[str, list[Layer]] = {}
        for layer in self._layers.values():
            for source in layer.sources:
                self._readers.setdefault(source, []).append(layer)

    def recurrent_before(self, layer: Layer) -> tuple[str, ...]:
        """The recurrent layers whose states this layer reads as they are."""
        found = self._upstream(layer, lambda kind: kind in _SAME)
        return tuple(before.path for before in found if plan_of(before) is not None)

    def readers_of(self, layer: Layer) -> tuple[str, ...]:
        """The recurrent layers that read what this layer gives as it is."""
        return tuple(reader for reader, sources in self._read.items() if layer.path in sources)

    @cached_property
    def _read(self) -> dict[str, set[str]]:
        """By every recurrent layer, the layers that it reads as they are."""
        return {
            layer.path: {before.path for before in self._upstream(layer, lambda kind: kind in _SAME)}
            for layer in self._layers.values()
            if plan_of(layer) is not None
        }

    def activation_after(self, layer: Layer) -> str:
        """The activation of a Dense layer: its own, or that of the one layer behind it that only is one."""
        config = layer.config
        if layer.kind == "TimeDistributed" and (below := inner(config, "layer")) is not None:
            config = below[1]
        own = activation_of(config, "activation", "linear")
        readers = self._readers.get(layer.path, [])
        if own == "linear" and len(readers) == 1 and len(readers[0].sources) == 1:
            behind = readers[0]
            if behind.kind == "Activation":
                return activation_of(behind.config, "activation", "linear")
            return _ACTIVATIONS.get(behind.kind, own)
        return own

    def notes(self, layer: Layer) -> tuple[str, ...]:
        """What the model does around a recurrent layer that is not in its weights."""
        notes = []
        if layer.starts:
            given = " and ".join(dict.fromkeys(repr(path) for path in layer.starts))
            notes.append(f"In the model it starts from what {given} gives; here it starts from zeros.")
        masks = [
            before
            for before in self._upstream(layer, lambda kind: kind in _MASKS_PASS, through_recurrent=True)
            if before.kind == "Masking" or (before.kind == "Embedding" and flag(before.config, "mask_zero"))
        ]
        if masks:
            notes.append(
                f"The model passes over masked steps (of {masks[0].path!r}); here every step is read."
            )
        if layer.calls > 1:
            notes.append(f"The model uses it in {layer.calls} places with the same weights.")
        return tuple(notes)

    def _upstream(
        self, layer: Layer, passes: Callable[[str], bool], through_recurrent: bool = False
    ) -> Iterator[Layer]:
        """The layers before this one, and those before them as long as `passes` their kind; each once.

        At most MAX_UPSTREAM of them, so that a graph where all read all is not walked for ever.
        """
        waiting = list(layer.sources)
        seen: set[str] = set()
        while waiting and len(seen) < MAX_UPSTREAM:
            path = waiting.pop(0)
            before = self._layers.get(path)
            if before is None or path in seen:
                continue
            seen.add(path)
            yield before
            if passes(before.kind) or (through_recurrent and plan_of(before) is not None):
                waiting += before.sources
