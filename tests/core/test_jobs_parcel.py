"""Parcels survive the way there and back, and damage is noticed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import InputError, LimitError
from gru_core.jobs import Parcel, parcel

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
PARCELS = st.builds(
    Parcel, st.dictionaries(st.text(), VALUES), st.dictionaries(st.text(), st.binary(max_size=1_000))
)


@given(st.lists(PARCELS, max_size=4))
def test_a_stream_gives_back_what_was_written(parcels: list[Parcel]) -> None:
    stream = io.BytesIO()
    for each in parcels:
        each.write(stream)
    stream.seek(0)
    for each in parcels:
        back = Parcel.read(stream)
        assert back is not None
        assert (back.head, dict(back.blobs)) == (each.head, dict(each.blobs))
        # The order of the blocks is kept too.
        assert list(back.blobs) == list(each.blobs)
    assert Parcel.read(stream) is None


def test_the_form_is_the_one_that_is_described() -> None:
    header = b'{"head":{"a":1},"blobs":[["b",3]]}'
    assert Parcel({"a": 1}, {"b": b"xyz"}).to_bytes() == b"\x22\x00\x00\x00" + header + b"xyz"
    stream = io.BytesIO()
    Parcel({"a": 1}, {"b": b"xyz"}).write(stream)
    assert stream.getvalue() == b"\x29" + bytes(7) + b"\x22\x00\x00\x00" + header + b"xyz"


def test_a_stream_that_breaks_off_is_at_its_end() -> None:
    stream = io.BytesIO()
    Parcel({"a": 1}, {"b": b"xyz"}).write(stream)
    whole = stream.getvalue()
    for length in range(len(whole)):
        assert Parcel.read(io.BytesIO(whole[:length])) is None


def test_an_announced_length_beyond_the_limit_is_not_waited_for() -> None:
    assert Parcel.read(io.BytesIO(b"\xff" * 100)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02\x00\x00\x00[]",
        b"\x02\x00\x00\x00{}",
        b"\x05\x00\x00\x00nojson",
        b"\xff\xff\xff\xff{}",
        Parcel({}, {"a": b"123"}).to_bytes()[:-1],
        Parcel({}, {"a": b"123"}).to_bytes() + b"4",
    ],
)
def test_damage_is_noticed(data: bytes) -> None:
    with pytest.raises(InputError, match="A message between server and worker"):
        Parcel.from_bytes(data)


def test_only_plain_values_travel() -> None:
    with pytest.raises(InputError, match="plain JSON values: Object of type set"):
        Parcel({"a": {1}}).to_bytes()
    with pytest.raises(InputError, match="plain JSON values"):
        Parcel({"a": {1}}).check()


def test_parcels_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "MAX_PARCEL_BYTES", 1_000)
    Parcel({}, {"a": bytes(900)}).check()
    with pytest.raises(LimitError, match="may have 1,000 bytes, this one has 1,0"):
        Parcel({}, {"a": bytes(1_000)}).check()
