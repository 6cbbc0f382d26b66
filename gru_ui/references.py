"""How links name models and sequences."""

import re

from gru_core.demos import DEMOS
from gru_core.errors import LinkError
from gru_core.runs.records import KEY_PATTERN
from gru_core.sequences.probes import PROBES
from gru_ui.gallery.form import GALLERY_REFERENCE


def model_reference(text: str) -> str:
    """Reads the name of a model: a demo, or a model that was uploaded or trained."""
    forms = (
        r"file\.[A-Za-z0-9_-]{16,64}\.\d{1,3}",
        rf"run\.{KEY_PATTERN.pattern}\.\d\.\d{{1,5}}",
        GALLERY_REFERENCE.pattern,
    )
    if text not in DEMOS and not any(re.fullmatch(form, text) for form in forms):
        raise LinkError(f"must be one of {', '.join(DEMOS)}, or a model that was uploaded or trained")
    return text


def sequence_reference(text: str) -> str:
    """Reads the name of a sequence: an example, a probe, or data that was brought."""
    forms = (r"example\.\d{1,3}", r"data\.[A-Za-z0-9_-]{16,64}", r"text\.[A-Za-z0-9_-]{1,6000}")
    probes = tuple(rf"probe\.{kind}" for kind in PROBES)
    if not any(re.fullmatch(form, text) for form in (*forms, *probes)):
        raise LinkError("must be an example such as example.0, or data that was uploaded here")
    return text
