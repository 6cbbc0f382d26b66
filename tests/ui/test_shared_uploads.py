"""What was kept with a shared view comes back as an upload, checked like one; damage is one sentence."""

from __future__ import annotations

import io
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gru_core.demos import demo_path
from gru_core.errors import LinkError
from gru_core.sequences import Sequence
from gru_core.sharing.records import Share, SharePart
from gru_core.sharing.store import ShareStore
from gru_ui import cache, view
from gru_ui.sharing.keeping import keep_view
from gru_ui.sharing.keys import shared_key
from gru_ui.sharing.opening import followed
from gru_ui.store import UploadedModel, UploadedSequence, uploads

KEY = "abcdefghjk"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShareStore]:
    """The server's store of shared views, empty."""
    made = ShareStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    monkeypatch.setattr(cache, "share_store", lambda: made)
    yield made
    made.close()


def put(store: ShareStore, name: str, kind: str, data: bytes, **head: object) -> str:
    """A part in the store, as whoever can write to the database may have put it; gives its key."""
    store.keep(
        Share(KEY, "ann", "t", {"t": "3"}, time.time(), time.time()),
        [SharePart(name, kind, "title", head, data)],
    )
    return shared_key(KEY, name)


def test_a_kept_view_is_the_same_once_memory_has_forgotten_it(store: ShareStore) -> None:
    values = np.random.default_rng(0).standard_normal((2_000, 1)).astype(np.float32)
    sequence = Sequence(values, ("",) * 2_000, ("a",), notes=("made up",))
    inspection, models = cache.reading_room().load_models(demo_path("elnino"))
    model = uploads().put(UploadedModel("m.pt", models, inspection, 1_000, ("m.pt",)))
    data = uploads().put(UploadedSequence("long.csv", sequence, 10_000))
    query = {"model": f"file.{model}.0", "seq": f"data.{data}", "gates": "rnn", "lang": "zh"}
    key = keep_view(query, "t", "ann")
    uploads().forget(model)
    uploads().forget(data)

    opened, said = followed({"view": key, "t": "7"})
    assert said == ()
    assert opened == query | {
        "model": f"file.shared-{key}-model.0",
        "seq": f"data.shared-{key}-seq",
        "t": "7",
    }
    back = view.model_of(opened["model"])
    assert back.gru.fingerprint() == cache.demo_model("elnino").gru.fingerprint()
    assert view.uploaded_title(opened["model"]) == "m.pt"
    found, _ = view.sequence_of(opened["seq"], back)
    assert found.fingerprint() == sequence.fingerprint()
    # The same object again, not read once more.
    assert view.model_of(opened["model"]) is back


@pytest.mark.parametrize("kind", ["model", "sequence", "lesson"])
def test_nothing_is_trusted_because_it_is_in_the_database(
    kind: str, store: ShareStore, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (tmp_path / "hacked",))

    bad = io.BytesIO()
    pickle.dump(Evil(), bad)
    key = put(store, "model", kind, bad.getvalue(), convention="__class__", notes=[{}])
    with pytest.raises(LinkError) as refused:
        uploads().get(key)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "hacked").exists()


def test_what_is_not_there_is_one_sentence(store: ShareStore) -> None:
    with pytest.raises(LinkError, match="kept for 30 days after they were last opened"):
        uploads().get(shared_key("zzzzzzzzzz", "model"))
    for key in ("zzzzzzzzzz", "", "../../etc/passwd", "\ud800", "\0", "x" * 100_000):
        opened, said = followed({"view": key, "gates": "rnn"})
        assert opened == {"gates": "rnn"}
        assert len(said) == 1
