"""A GRU of the gallery as a model for the other pages: what it read is its example.

    gallery.<model>.<part>.<what was given, packed>

What a person typed is in the reference, so that the link opens anywhere.
"""

import base64
import copy
import json
import zlib

import numpy as np
import torch

from gru_core.errors import LinkError
from gru_core.model import Example, ModelCard, SequenceModel
from gru_core.sequences.encoders import plain_encoder
from gru_ui import cache
from gru_ui.gallery.form import GALLERY_REFERENCE, MOST_TEXT, GalleryForm
from gru_ui.gallery.shown import Shown, show
from gru_ui.language.reader import language
from gru_ui.texts import say


def reference_of(shown: Shown) -> str:
    """The reference of the GRU that is shown, on what it was given."""
    plain = json.dumps([shown.form.text, shown.form.recording, shown.form.start], ensure_ascii=False)
    packed = base64.urlsafe_b64encode(zlib.compress(plain.encode(), 9)).rstrip(b"=").decode()
    return f"gallery.{shown.entry.name}.{shown.layer.part}.{packed}"


def shown_of(reference: str) -> tuple[Shown, str]:
    """The model with what it was given, gates as learned, and which part of it.

    Raises LinkError for a reference that is damaged, and as `show` does.
    """
    match = GALLERY_REFERENCE.fullmatch(reference)
    if match is None:
        raise LinkError("This link names a model of the gallery and is damaged: copy the whole link again.")
    packed = match["packed"]
    try:
        unzip = zlib.decompressobj()
        plain = unzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), 40_000)
        text, recording, start = json.loads(plain)
        form = GalleryForm(match["name"], str(text)[:MOST_TEXT], str(recording)[:60], int(start))
    except (ValueError, TypeError, zlib.error) as error:
        raise LinkError("What this link gives to the model is damaged: copy the whole link again.") from error
    shown = show(form)
    if match["part"] not in shown.model.grus:
        raise LinkError(f"{say(f'gallery.{form.name}_title')} has no part {match['part']!r}: open it anew.")
    return shown, match["part"]


def gallery_sequence_model(reference: str) -> SequenceModel:
    """The GRU of a reference, from the state it began with. Raises as `shown_of` does."""
    return cache.kept().get(
        ("gallery model", reference, language()),
        lambda: _model(reference),
        lambda model: 4 * sum(p.numel() for p in model.parameters()) + 1_000_000,
    )


def _model(reference: str) -> SequenceModel:
    shown, name = shown_of(reference)
    part = shown.run().part(name)
    gru = shown.model.grus[name]
    start = np.concatenate([t.H0 for t in part.traces])
    if start.any():
        gru = copy.deepcopy(gru)
        gru.set_initial_state(torch.tensor(start))
    given = shown.form.given
    card = ModelCard(
        name=f"{shown.entry.name}-{name}" if name else shown.entry.name,
        title=gallery_title(reference),
        task=say(f"gallery.{shown.entry.name}_does"),
        examples=(
            Example(given[:60], values=tuple(map(tuple, part.traces[0].X[0].tolist())), ticks=part.tokens),
        ),
        source=f"{shown.entry.distribution} {shown.entry.version}: {shown.entry.source}",
    )
    return SequenceModel(plain_encoder(gru.input_size), gru, None, card).eval()


def gallery_title(reference: str) -> str:
    """What the GRU of a reference is called in lists."""
    _, name, part, _ = reference.split(".")
    title = say(f"gallery.{name}_title")
    return f"{title}: {say(f'gallery.{part}')}" if part else title
