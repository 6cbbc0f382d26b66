"""Sequences: one value for what the app and the core pass around, readers, encoders.

`examples` and `probes` are imported by their own names: they need the model, which needs the encoders here.
"""

from gru_core.sequences.encoders import (
    EmbeddingEncoder,
    Encoder,
    NumberEncoder,
    SymbolEncoder,
    plain_encoder,
    symbols_of,
    text_unit_of,
)
from gru_core.sequences.from_table import sequence_from_table
from gru_core.sequences.reading import SEQUENCE_SUFFIXES, read_pasted, read_sequence, read_table
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols, sequence_from_text
from gru_core.sequences.table import Column, Table, table_from_frame, table_from_values
from gru_core.sequences.vocabulary import read_vocabulary

__all__ = [
    "SEQUENCE_SUFFIXES",
    "Column",
    "EmbeddingEncoder",
    "Encoder",
    "NumberEncoder",
    "Sequence",
    "SymbolEncoder",
    "Table",
    "plain_encoder",
    "read_pasted",
    "read_sequence",
    "read_table",
    "read_vocabulary",
    "sequence_from_symbols",
    "sequence_from_table",
    "sequence_from_text",
    "symbols_of",
    "table_from_frame",
    "table_from_values",
    "text_unit_of",
]
