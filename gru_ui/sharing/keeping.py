"""Making a short link: the view's link is kept, with the uploads that it points to."""

import time
from collections.abc import Mapping

from gru_core.errors import LinkError
from gru_core.runs.records import new_key
from gru_core.sharing.contents import model_bytes, sequence_bytes
from gru_core.sharing.records import Share, SharePart
from gru_ui import cache, view
from gru_ui.sharing.keys import Pointer, pointers, shared_key
from gru_ui.store import UploadedLesson, UploadedSequence, uploads


def keep_view(query: Mapping[str, str], title: str, owner: str) -> str:
    """Keep what a link shows; gives the key of the shared view.

    Raises LimitError when it is more than one view may be, LinkError when something that it points to is
    gone, StoreError where it cannot be kept.
    """
    key, now = new_key(), time.time()
    found = pointers(query)
    parts = [_part(name, pointer) for name, pointer in found.items()]
    moved = {
        name: f"{pointer.kind}.{shared_key(key, name)}" + (".0" if pointer.kind == "file" else "")
        for name, pointer in found.items()
    }
    cache.share_store().keep(Share(key, owner, title[:200], {**query, **moved}, now, now), parts)
    return key


def _part(name: str, pointer: Pointer) -> SharePart:
    if pointer.kind == "file":
        model = view.model_of(pointer.text)
        data, head = model_bytes(model)
        return SharePart(name, "model", view.uploaded_title(pointer.text) or model.card.title, head, data)
    upload = uploads().get(pointer.key)
    if isinstance(upload, UploadedLesson):
        return SharePart(name, "lesson", upload.title, {}, upload.source.encode())
    if isinstance(upload, UploadedSequence):
        return SharePart(name, "sequence", upload.title, {}, sequence_bytes(upload.sequence))
    raise LinkError("This link names a model where a sequence should be: copy the whole link again.")
