"""Encoders in GateScope's own files: described as JSON; an embedding's matrix and vocabulary as arrays."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import torch
from torch import Tensor

from gru_core.formats.weights import as_float
from gru_core.sequences.encoders import EmbeddingEncoder, Encoder, NumberEncoder, SymbolEncoder
from gru_core.sequences.symbols import TextUnit

MATRIX, TOKENS = "encoder.matrix", "encoder.tokens"
"""The embedding's rows, and its vocabulary as the bytes of a JSON list: too long for a header."""

ARRAYS = (MATRIX, TOKENS)


def encoder_to_plain(encoder: Encoder) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What describes an encoder, and its arrays by name."""
    if isinstance(encoder, EmbeddingEncoder):
        tokens = json.dumps(encoder.tokens, ensure_ascii=False).encode()
        arrays = {
            MATRIX: torch.tensor(encoder.matrix),
            TOKENS: torch.tensor(list(tokens), dtype=torch.uint8),
        }
        plain = {"unknown": encoder.unknown, "unit": encoder.unit, "lower": encoder.lower}
        return {"kind": "embedding", **plain}, arrays
    described = asdict(encoder)
    if isinstance(encoder, NumberEncoder) and not encoder.own_scale:
        # Left out where it says nothing, so that files of versions that did not know it stay the same.
        del described["own_scale"]
    return {"kind": "symbols" if isinstance(encoder, SymbolEncoder) else "numbers", **described}, {}


def encoder_from_plain(plain: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Encoder:
    """The encoder that `encoder_to_plain` described.

    Raises KeyError, TypeError or ValueError, or a GateScopeError, where it is not as that writes it.
    """
    if plain["kind"] == "symbols":
        return SymbolEncoder(tuple(str(s) for s in plain["vocabulary"]))
    if plain["kind"] == "embedding":
        tokens = json.loads(bytes(tensors[TOKENS].to(torch.uint8).tolist()))
        unknown = plain["unknown"]
        if plain["unit"] not in get_args(TextUnit):
            raise ValueError("a text is read in a unit that is not known")
        return EmbeddingEncoder(
            as_float(MATRIX, tensors[MATRIX]).float().numpy(),
            tuple(str(token) for token in tokens),
            None if unknown is None else str(unknown),
            plain["unit"],
            bool(plain["lower"]),
        )
    mean, std = (tuple(_finite(v) for v in plain[name]) for name in ("mean", "std"))
    names = tuple(str(s) for s in plain["names"])
    if not len(names) == len(mean) == len(std) or not all(std):
        raise ValueError("names, means and deviations must be as many, and no deviation may be 0")
    return NumberEncoder(names, mean, std, bool(plain.get("own_scale", False)))


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a number in a description must be finite")
    return number
