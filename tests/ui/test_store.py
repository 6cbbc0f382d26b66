"""Uploads stay with who has their key, within bounds; small sequences travel in the link."""

import base64
import time
import zlib

import numpy as np
import pytest

from gru_core.errors import LinkError
from gru_core.fitting import Fitting, InputChoice
from gru_core.overrides import EXTREMES
from gru_core.sequences import Sequence, read_pasted
from gru_ui import cache, view
from gru_ui.cache import ByteCache
from gru_ui.store import (
    INLINE_CHARACTERS,
    FittedModel,
    Store,
    UploadedSequence,
    pack_sequence,
    unpack_sequence,
)


def numbers(steps: int) -> Sequence:
    values = np.random.default_rng(0).standard_normal((steps, 2))
    return Sequence(values, tuple(f"r{t}" for t in range(steps)), ("a", "b"), notes=("made up",))


@pytest.mark.parametrize("sequence", [numbers(30), read_pasted("the cat sat", text_unit="words")])
def test_a_small_sequence_survives_the_link(sequence: Sequence) -> None:
    packed = pack_sequence(sequence)
    assert packed is not None
    back = unpack_sequence(packed)
    np.testing.assert_array_equal(back.values, sequence.values)
    assert (back.labels, back.names, back.symbolic) == (sequence.labels, sequence.names, sequence.symbolic)
    assert back.fingerprint() == sequence.fingerprint()


def test_a_long_sequence_is_not_put_into_a_link() -> None:
    assert pack_sequence(numbers(2_000)) is None


@pytest.mark.parametrize(
    "text",
    [
        "eJw_damaged",
        base64.urlsafe_b64encode(zlib.compress(b"[]")).decode(),
        base64.urlsafe_b64encode(zlib.compress(b'{"source": "", "notes": [], "values": [["a"]]}')).decode(),
        base64.urlsafe_b64encode(zlib.compress(b"[" + b"1," * 10_000_000 + b"1]", 9))[
            :INLINE_CHARACTERS
        ].decode(),
    ],
)
def test_a_damaged_or_hostile_link_is_one_sentence(text: str) -> None:
    with pytest.raises(LinkError, match="damaged"):
        unpack_sequence(text.rstrip("="))


def test_keys_cannot_be_guessed_and_old_uploads_make_room() -> None:
    store = Store(most_bytes=1_000)
    upload = UploadedSequence("mine", numbers(3), 400)
    keys = [store.put(upload) for _ in range(4)]
    assert len(set(keys)) == 4
    assert all(len(key) >= 20 for key in keys)
    assert store.get(keys[-1]) is upload
    with pytest.raises(LinkError, match="no longer has"):
        store.get(keys[0])


def test_an_upload_larger_than_the_store_is_refused_in_a_sentence() -> None:
    with pytest.raises(LinkError, match="room"):
        Store(most_bytes=100).put(UploadedSequence("mine", numbers(3), 400))


def test_the_cache_computes_once_and_is_bounded() -> None:
    cache, made = ByteCache(100), []

    def make(value: int):
        def run() -> int:
            made.append(value)
            return value

        return run

    for value in (1, 1, 2, 1):
        assert cache.get(value, make(value), lambda _: 40) == value
    assert made == [1, 2]
    cache.get(3, make(3), lambda _: 40)
    cache.get(4, make(4), lambda _: 1_000)
    cache.get(4, make(4), lambda _: 1_000)
    assert made == [1, 2, 3, 4, 4]


def test_the_extremes_are_ready_before_they_are_asked_for() -> None:
    model = cache.demo_model("parity")
    x = np.random.default_rng(5).standard_normal((50, model.gru.input_size)).astype(np.float32)
    cache.prepare(model, x, "prepared")
    keys = [("trace", cache.fingerprint(model), "prepared", overrides) for overrides in EXTREMES.values()]
    until = time.monotonic() + 20
    while not all(key in cache.kept() for key in keys) and time.monotonic() < until:
        time.sleep(0.01)
    assert all(key in cache.kept() for key in keys)
    copied = cache.traces(model, x, "prepared", EXTREMES["copy"])[0]
    np.testing.assert_array_equal(copied.H, np.zeros_like(copied.H))


def test_what_has_a_name_is_kept_once() -> None:
    store = Store(most_bytes=1_000)
    upload = UploadedSequence("mine", numbers(3), 400)
    key = store.put(upload, "name")
    assert store.put(UploadedSequence("again", numbers(3), 400), "name") == key
    assert store.get(key) is upload
    assert store.key_of("name") == key
    assert store.key_of("other") is None
    for _ in range(2):
        store.put(upload)
    assert store.key_of("name") is None
    assert store.put(upload, "name") != key


def test_a_fitted_model_whose_upload_is_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(most_bytes=1_000)
    monkeypatch.setattr(view, "uploads", lambda: store)
    key = store.put(FittedModel("mine", "not-there-any-more", 0, Fitting(InputChoice("own scale")), 100))
    with pytest.raises(LinkError, match="no longer has"):
        view.model_of(f"file.{key}.0")
    assert view.upload_of(f"file.{key}.0") is None
