"""The models of the gallery, in the order in which the page shows them."""

from collections.abc import Mapping
from types import MappingProxyType

from gru_core.errors import InputError
from gru_core.gallery import morphology, reactions, segmenter, speller, walking
from gru_core.gallery.base import Entry, GalleryModel

GALLERY: Mapping[str, Entry] = MappingProxyType(
    {
        entry.name: entry
        for entry in (segmenter.ENTRY, speller.ENTRY, morphology.ENTRY, reactions.ENTRY, walking.ENTRY)
    }
)
"""Every model by name, the default first."""


def entry_of(name: str) -> Entry:
    """The entry of a name. Raises InputError when there is none."""
    if name not in GALLERY:
        raise InputError(
            f"There is no model {name[:40]!r} in the gallery: choose one of {', '.join(GALLERY)}."
        )
    return GALLERY[name]


def read_model(name: str) -> GalleryModel:
    """A model, read from its package.

    Raises ModelFileError with the command that brings the package when it is not installed, InputError for
    a name that is not in the gallery.
    """
    entry = entry_of(name)
    return entry.read(entry.folder)
