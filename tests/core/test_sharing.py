"""What a store of shared views promises, held against an SQLite file and a real PostgreSQL server alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import create_engine, text

from gru_core import GRU, trace
from gru_core.errors import InputError, LimitError, StoreError
from gru_core.formats import load
from gru_core.model import ModelCard, SequenceModel
from gru_core.reading_room import ReadingRoom
from gru_core.runs.addresses import checked
from gru_core.runs.records import new_key
from gru_core.runs.store import RunStore
from gru_core.sequences import Sequence, read_pasted
from gru_core.sequences.encoders import plain_encoder
from gru_core.sharing import store as sharing
from gru_core.sharing.contents import MODEL_FILE, model_bytes, sequence_bytes, sequence_from, with_reading
from gru_core.sharing.records import Share, SharePart
from gru_core.sharing.store import DAY, ShareStore

NOW = 1_800_000_000.0
EVERY_BYTE = bytes(range(256)) * 5


@pytest.fixture
def shares(store_url: str) -> Iterator[ShareStore]:
    """An empty store of each kind."""
    made = ShareStore(store_url)
    yield made
    made.close()


def a_share(owner: str = "ann", created: float = NOW, **fields: object) -> Share:
    query = {"model": "parity", "seq": "text.é|,"}
    return dataclasses.replace(Share(new_key(), owner, "Parity, 19 bits", query, created, created), **fields)


def a_part(data: bytes = EVERY_BYTE) -> SharePart:
    return SharePart("seq", "sequence", "half \ud83d and nul \0.", {"notes": ["a"]}, data)


def test_a_view_comes_back_as_it_went_in(shares: ShareStore, store_url: str) -> None:
    share = a_share()
    shares.keep(share, [a_part()])
    shares.close()
    other = ShareStore(store_url)
    found = other.open(share.key, NOW + 5)
    assert found == dataclasses.replace(share, opened=NOW + 5, bytes=found.bytes if found else 0)
    part = other.part(share.key, "seq", NOW + 6)
    assert part == dataclasses.replace(a_part(), title="half ? and nul .")
    assert other.part(share.key, "model", NOW + 6) is None
    # Runs live beside it in the same database, whoever comes first.
    other.close()
    with closing(RunStore(store_url)) as runs:
        assert runs.get(share.key) is None


def test_a_view_lives_thirty_days_from_when_it_was_last_opened(shares: ShareStore) -> None:
    kept, forgotten = a_share(), a_share()
    for share in (kept, forgotten):
        shares.keep(share, [a_part()])
    assert shares.open(kept.key, NOW + 29 * DAY) is not None
    # A clock that is behind takes nothing away.
    assert shares.open(kept.key, NOW) is not None
    later = NOW + 31 * DAY
    assert shares.open(forgotten.key, later) is None
    assert shares.part(forgotten.key, "seq", later) is None
    assert [share.key for share in shares.of_owner("ann", later)] == [kept.key]
    assert shares.tidy(later) == 1
    assert shares.part(kept.key, "seq", later) is not None
    assert shares.tidy(later + 31 * DAY) == 1
    # What nobody sees takes no room either.
    with shares._engine.connect() as connection:
        assert connection.scalar(text("select count(*) from share_parts")) == 0


@pytest.mark.parametrize(
    "key", ["", "k" * 10, "abc", "' or 1=1 --", "%", "0\0", "\ud800", "ABCDEFGHJK", "é" * 10]
)
def test_a_key_that_names_nothing_gives_nothing(shares: ShareStore, key: str) -> None:
    share = a_share()
    shares.keep(share, [a_part()])
    assert shares.open(key, NOW) is None
    assert shares.part(key, "seq", NOW) is None
    assert shares.part(share.key, key, NOW) is None or key == "seq"
    assert not shares.delete(key, "ann")


def test_only_its_owner_deletes_a_view(shares: ShareStore) -> None:
    share = a_share()
    shares.keep(share, [a_part()])
    assert not shares.delete(share.key, "bob")
    assert shares.of_owner("bob", NOW) == []
    assert shares.open(share.key, NOW) is not None
    assert shares.delete(share.key, "ann")
    assert shares.open(share.key, NOW) is None


def test_views_are_bounded_one_by_one_and_together(
    shares: ShareStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MAX_SHARE_BYTES", 10_000)
    monkeypatch.setattr(sharing, "MAX_SHARES_BYTES", 20_000)
    monkeypatch.setattr(sharing, "MAX_SHARES_PER_OWNER", 3)
    with pytest.raises(LimitError, match="share a smaller model"):
        shares.keep(a_share(), [a_part(bytes(10_001))])
    with pytest.raises(LimitError, match="link of a shared view"):
        shares.keep(a_share(query={"edits": "x" * 50_000}), [])
    assert shares.of_owner("ann", NOW) == []
    few = a_share("bob", NOW - 9)
    shares.keep(few, [a_part(bytes(5_000))])
    many = [a_share("ann", NOW + at) for at in range(4)]
    for share in many:
        shares.keep(share, [a_part(bytes(1_000))])
    # The fourth drove out the first.
    assert {share.key for share in shares.of_owner("ann", NOW)} == {share.key for share in many[1:]}
    large = [a_share("eve", NOW + 10 + at) for at in range(2)]
    for share in large:
        shares.keep(share, [a_part(bytes(8_000))])
    # Too much together: it goes from who takes most, not from who has few that are older.
    assert [share.key for share in shares.of_owner("eve", NOW)] == [large[1].key]
    assert shares.open(few.key, NOW) is not None


def test_a_database_of_runs_from_before_gets_the_tables_and_others_are_left_alone(store_url: str) -> None:
    RunStore(store_url).close()
    ShareStore(store_url).close()
    engine = create_engine(checked(store_url))
    with engine.begin() as connection:
        connection.execute(text("update meta set value = '2' where name = 'shares'"))
    with pytest.raises(StoreError, match="shared views have version 2"):
        ShareStore(store_url)
    RunStore(store_url).close()
    with engine.begin() as connection:
        connection.execute(text("delete from meta where name = 'shares'"))
    with pytest.raises(StoreError, match="not one of GateScope's"):
        ShareStore(store_url)
    engine.dispose()


def test_a_sequence_comes_back_to_the_last_bit() -> None:
    numbers = np.random.default_rng(0).standard_normal((3_000, 3)).astype(np.float32)
    labels = tuple(f"{at}\ud800é" for at in range(3_000))
    for sequence in (
        Sequence(numbers, labels, ("a", "b", "c"), source="s", notes=("n",)),
        read_pasted("the cat sat", text_unit="words"),
    ):
        assert sequence_from(sequence_bytes(sequence)).fingerprint() == sequence.fingerprint()
    whole = sequence_bytes(read_pasted("1 2 3"))
    for damaged in (b"", whole[:-3], whole[:5] + b"\0\0" + whole[7:], b"\x80\x04.", EVERY_BYTE):
        with pytest.raises(InputError, match="damaged"):
            sequence_from(damaged)


def test_a_model_comes_back_through_the_room_where_files_are_read(room: ReadingRoom, tmp_path: Path) -> None:
    torch.manual_seed(0)
    gru = GRU.from_torch(torch.nn.GRU(3, 5, num_layers=2, bidirectional=True, batch_first=True))
    gru.notes, gru.convention = ("a dropout is not applied",), "torch"
    gru.set_initial_state(torch.rand(4, 5))
    model = SequenceModel(plain_encoder(3), gru, None, ModelCard("m", "My model")).eval()
    data, head = model_bytes(model)
    _, found = room.load_models({MODEL_FILE: data})
    (back,) = found.values()
    with_reading(back, head)
    assert vars(back.card) == vars(model.card)
    assert (back.gru.notes, back.gru.convention) == (gru.notes, "torch")
    x = torch.rand(1, 7, 3)
    for one, other in zip(trace(gru, x), trace(back.gru, x), strict=True):
        np.testing.assert_array_equal(one.H, other.H)
    # The file is one that anybody can read.
    (tmp_path / MODEL_FILE).write_bytes(data)
    assert len(load(tmp_path / MODEL_FILE)) == 1
    with_reading(back, {"convention": "__import__", "notes": [1] * 1_000})
    assert back.gru.convention == "torch"
    assert len(back.gru.notes) <= 100
