"""From an example on a model's card to a Sequence that the model can read."""

import numpy as np

from gru_core.errors import InputError
from gru_core.model import Example, SequenceModel
from gru_core.sequences.encoders import EmbeddingEncoder, Encoder, SymbolEncoder
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols


def demo_sequence(model: SequenceModel, index: int = 0) -> Sequence:
    """Example `index` of the model's card: one-hot over its vocabulary, or numbers named as its inputs.

    Labels are the symbols, or the ticks of the example ("" where it has none).
    Raises InputError when the card has no such example, or one that the encoder cannot read.
    """
    examples = model.card.examples
    if not 0 <= index < len(examples):
        has = f"has {len(examples)}, numbered from 0" if examples else "has none"
        raise InputError(f"There is no example {index}: the model {model.card.name!r} {has}.")
    what = f"Example {index} of the model {model.card.name!r}"
    source = f"{model.card.title}: {examples[index].title}"
    return example_sequence(examples[index], model.encoder, source, what)


def example_sequence(
    example: Example, encoder: Encoder, source: str = "", what: str = "This example"
) -> Sequence:
    """An example as the encoder reads it; `source` and `what` name it to people.

    Raises InputError when the encoder cannot read it.
    """
    if isinstance(encoder, SymbolEncoder):
        at = {symbol: i for i, symbol in enumerate(encoder.vocabulary)}
        strangers = sorted(set(example.labels) - set(at))
        if strangers or not example.labels:
            found = f"the unknown symbol {strangers[0]!r}" if strangers else "no symbols"
            raise InputError(f"{what} has {found}: choose another one.")
        values = np.eye(encoder.width, dtype=np.float32)[[at[label] for label in example.labels]]
        return Sequence(values, example.labels, encoder.vocabulary, symbolic=True, source=source)
    if isinstance(encoder, EmbeddingEncoder) and example.labels:
        return sequence_from_symbols(example.labels, source)
    if example.values is None:
        raise InputError(f"{what} has no numbers: choose another one.")
    numbers = np.array(example.values, dtype=np.float32)
    labels = example.ticks or ("",) * len(numbers)
    return Sequence(numbers, labels, encoder.names, source=source)
