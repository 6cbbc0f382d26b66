"""What people uploaded, kept in memory for as long as the server has room, each under a key nobody can guess.

The key stands in the person's link, so a reload or a second window finds the data again, and only who
has the link can. Small sequences travel inside the link itself and need no store. What was kept with a shared
view comes back from the database when it is asked for.
"""

import base64
import json
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st
from cachetools import LRUCache

from gru_core.errors import GateScopeError, LinkError
from gru_core.fitting import Fitting
from gru_core.formats import Choices, Inspection
from gru_core.formats.choices import NO_CHOICES
from gru_core.lessons import Lesson, read_lesson
from gru_core.limits import SHARE_DAYS
from gru_core.model import SequenceModel
from gru_core.reading_room import held_bytes
from gru_core.sequences import Sequence, sequence_from_symbols
from gru_core.sharing.contents import MODEL_FILE, sequence_from, with_reading
from gru_core.sharing.records import SharePart
from gru_core.survey import Survey
from gru_ui import cache
from gru_ui.sharing.keys import shared_part

STORE_BYTES = 512 * 2**20
"""Room for all uploads together; the one not used for longest goes first."""

KNOWN_NAMES = 10_000
"""Names of uploads that are remembered, so that the same one is not kept twice."""

INLINE_CHARACTERS = 4_000
"""Longest packed sequence that a link may carry."""

INLINE_BYTES = 200_000
"""Most bytes that a packed sequence may unpack to."""


@dataclass(frozen=True, eq=False)
class UploadedModel:
    """The GRUs of one uploaded model, by name, and what `inspect_file` found.

    names    the files that it came in
    choices  what the person said that the files do not
    """

    title: str
    models: dict[str, SequenceModel]
    inspection: Inspection
    size: int
    names: tuple[str, ...] = ()
    choices: Choices = NO_CHOICES

    @property
    def titles(self) -> tuple[str, ...]:
        """What each of the GRUs is called in lists."""
        if len(self.models) == 1:
            return (self.title,)
        return tuple(f"{self.title}: {name}" for name in self.models)


@dataclass(frozen=True, eq=False)
class FittedModel:
    """One GRU of an uploaded model with what a person added to it.

    It names the upload by its key and holds none of its weights, so that these count once.
    """

    title: str
    parent: str
    number: int
    fitting: Fitting
    size: int


@dataclass(frozen=True, eq=False)
class UploadedSequence:
    """One uploaded sequence with its title."""

    title: str
    sequence: Sequence
    size: int


@dataclass(frozen=True, eq=False)
class UploadedLesson:
    """One uploaded lesson, read, with the file as it was."""

    title: str
    lesson: Lesson
    source: str
    size: int


@dataclass(frozen=True, eq=False)
class UploadedSurvey:
    """One uploaded survey of a data set."""

    title: str
    survey: Survey
    size: int


Upload = UploadedModel | FittedModel | UploadedSequence | UploadedLesson | UploadedSurvey


class Store:
    """Uploads by key, thread-safe, bounded in bytes."""

    def __init__(
        self, most_bytes: int = STORE_BYTES, fetch: Callable[[str], Upload | None] = lambda _: None
    ) -> None:
        self._fetch = fetch
        self._uploads: LRUCache[str, Upload] = LRUCache(most_bytes, getsizeof=lambda upload: upload.size)
        self._keys: LRUCache[Hashable, str] = LRUCache(KNOWN_NAMES)
        self._lock = threading.Lock()

    def key_of(self, name: Hashable) -> str | None:
        """The key of what was put under a name, as long as it is here."""
        with self._lock:
            key = self._keys.get(name)
            return key if key in self._uploads else None

    def put(self, upload: Upload, name: Hashable = None) -> str:
        """Keep an upload; returns its key. What has a name is kept once, under the key that it got first.

        Raises LinkError when it is larger than the whole store.
        """
        known = None if name is None else self.key_of(name)
        if known is not None:
            return known
        key = secrets.token_urlsafe(16)
        with self._lock:
            if upload.size > self._uploads.maxsize:
                raise LinkError(
                    "This upload is larger than the room this server has for all of them: use a smaller one."
                )
            self._uploads[key] = upload
            if name is not None:
                self._keys[name] = key
        return key

    def get(self, key: str) -> Upload:
        """The upload of a key. Raises LinkError when it is gone."""
        with self._lock:
            upload = self._uploads.get(key)
        if upload is None:
            upload = self._fetched(key)
        if upload is None and shared_part(key) is not None:
            raise LinkError(
                "This link names something that was kept with a shared view and is no longer here: shared "
                f"views are kept for {SHARE_DAYS} days after they were last opened, unless they are deleted. "
                "Ask for the view to be shared again."
            )
        if upload is None:
            raise LinkError(
                "This link names an upload that the server no longer has: uploads are kept in memory, "
                "until the server restarts or needs the room. Upload the file again."
            )
        return upload

    def forget(self, key: str) -> None:
        """Let an upload go, if it is here."""
        with self._lock:
            self._uploads.pop(key, None)

    def _fetched(self, key: str) -> Upload | None:
        """What is kept elsewhere under this key, put here again; made outside the lock, for it takes time."""
        upload = self._fetch(key)
        if upload is not None and upload.size <= self._uploads.maxsize:
            with self._lock:
                upload = self._uploads.setdefault(key, upload)
        return upload


@st.cache_resource(max_entries=1, show_spinner=False)
def uploads() -> Store:
    """The one store of this server."""
    return Store(fetch=_kept_with_a_view)


def _kept_with_a_view(key: str) -> Upload | None:
    """An upload that a shared view points to, read anew; None where there is none. Raises LinkError."""
    where = shared_part(key)
    if where is None:
        return None
    try:
        part = cache.share_store().part(*where, time.time())
        return None if part is None else _restored(part)
    except GateScopeError as error:
        raise LinkError(str(error)) from error


def _restored(part: SharePart) -> Upload:
    """What a store kept is checked like any upload: a model is read where strangers' files are."""
    if part.kind == "sequence":
        sequence = sequence_from(part.data)
        return UploadedSequence(part.title, sequence, _sequence_size(sequence))
    if part.kind == "lesson":
        lesson = read_lesson(part.data)
        return UploadedLesson(lesson.title, lesson, part.data.decode(), 10 * len(part.data) + 10_000)
    inspection, models = cache.reading_room().load_models({MODEL_FILE: part.data})
    models = {name: with_reading(model, part.head) for name, model in models.items()}
    return UploadedModel(part.title, models, inspection, held_bytes(inspection, models), (MODEL_FILE,))


def _sequence_size(sequence: Sequence) -> int:
    """About what a sequence takes in memory."""
    return int(sequence.values.nbytes) + 200 * len(sequence.labels)


def pack_sequence(sequence: Sequence) -> str | None:
    """The sequence as text for a link, or None when it is too long for one."""
    # str() of a float32 is its shortest decimal, which keeps the link short and reads back the same.
    plain: dict[str, object] = {"source": sequence.source, "notes": sequence.notes}
    if sequence.symbolic:
        plain["symbols"] = sequence.labels
    else:
        plain |= {"values": [[float(str(value)) for value in row] for row in sequence.values]}
        plain |= {"labels": sequence.labels, "names": sequence.names}
    packed = zlib.compress(json.dumps(plain, ensure_ascii=False).encode(), 9)
    text = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    return text if len(text) <= INLINE_CHARACTERS else None


def keep_sequence(sequence: Sequence, title: str) -> str:
    """A reference to a sequence that somebody brought: packed into the link when short, else kept here."""
    packed = pack_sequence(sequence)
    if packed is not None:
        return f"text.{packed}"
    return f"data.{uploads().put(UploadedSequence(title, sequence, _sequence_size(sequence)))}"


def unpack_sequence(text: str) -> Sequence:
    """The sequence that `pack_sequence` packed. Raises LinkError when the text is damaged."""
    try:
        unzip = zlib.decompressobj()
        plain = json.loads(
            unzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), INLINE_BYTES)
        )
        source, notes = str(plain["source"]), tuple(str(note) for note in plain["notes"])
        if "symbols" in plain:
            return sequence_from_symbols([str(s) for s in plain["symbols"]], source, notes)
        labels, names = (tuple(str(s) for s in plain[key]) for key in ("labels", "names"))
        return Sequence(plain["values"], labels, names, source=source, notes=notes)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise LinkError("The sequence inside this link is damaged: copy the whole link again.") from error
