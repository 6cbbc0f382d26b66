"""Real models that come inside well-known packages, run on what a person types.

The weights are read from the installed package; none of its code is imported or run. What happens before
and after the GRU is written here from what the package publishes, one file per model.

    from gru_core.gallery import read_model

    run = read_model("jieba").run("今天天气真好")
    run.said                        # what the model answers, piece by piece
    run.parts[0].traces[0].Z        # the update gate of layer 0 forward, at every character
"""

from gru_core.gallery.base import Entry, GalleryModel, Part, Piece, Run, Steps
from gru_core.gallery.catalogue import GALLERY, entry_of, read_model
from gru_core.gallery.packages import INSTALL

__all__ = [
    "GALLERY",
    "INSTALL",
    "Entry",
    "GalleryModel",
    "Part",
    "Piece",
    "Run",
    "Steps",
    "entry_of",
    "read_model",
]
