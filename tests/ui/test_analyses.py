"""Long computations that pages ask for: shared by who waits for them, ended when nobody does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gru_core.errors import LimitError
from gru_core.jobs import Parcel, WorkerPool
from gru_ui import analyses
from gru_ui.analyses import Analyses
from tests.support import job_work
from tests.support.job_ways import PACKAGES
from tests.support.told import until

pytestmark = pytest.mark.slow
WAIT = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1, packages=PACKAGES) as made:
        yield made


@pytest.fixture
def running(pool: WorkerPool) -> Analyses:
    return Analyses(pool)


def empty() -> Parcel:
    return Parcel({})


def test_two_people_wait_for_one_computation(running: Analyses) -> None:
    first = running.begin("key", "ann", job_work.echo, lambda: Parcel({"value": 7}))
    assert running.begin("key", "bob", job_work.echo, empty) is first
    until(lambda: first.is_over, WAIT)
    result = running.look("key", "bob").result()
    assert isinstance(result, Parcel)
    assert result.head == {"value": 7}
    running.forget("key")
    assert running.look("key", "ann") is None


def test_it_ends_when_the_last_one_has_left(running: Analyses) -> None:
    under_way = running.begin("key", "ann", job_work.obey, empty)
    running.begin("key", "bob", job_work.obey, empty)
    under_way.leave("ann")
    assert not under_way.is_over
    assert not running.look("key", "ann").is_awaited_by("ann")
    assert running.look("key", "bob").is_awaited_by("bob")
    under_way.leave("bob")
    assert under_way.is_over
    assert under_way.result() is None
    # The work heard of it, and the worker is free for the next.
    until(under_way.future.done, WAIT)
    again = running.begin("key", "ann", job_work.echo, empty)
    assert again is not under_way
    until(lambda: again.is_over, WAIT)


def test_what_nobody_looks_at_is_asked_to_end(running: Analyses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "UNSEEN", -1.0)
    left = running.begin("key", "ann", job_work.obey, empty)
    until(lambda: left.is_over, WAIT)
    assert left.stopped
    until(left.future.done, WAIT)


def test_an_error_for_people_arrives_as_what_it_was(running: Analyses) -> None:
    failed = running.begin("key", "ann", job_work.fail, lambda: Parcel({"how": "limit"}))
    until(lambda: failed.is_over, WAIT)
    assert isinstance(failed.result(), LimitError)


def test_there_are_never_too_many(running: Analyses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "MOST", 2)
    kept = [running.begin(name, "ann", job_work.obey, empty) for name in ("first", "second")]
    with pytest.raises(LimitError, match="2 long analyses"):
        running.begin("third", "ann", job_work.echo, empty)
    assert running.look("third", "ann") is None
    kept[0].leave("ann")
    third = running.begin("third", "ann", job_work.echo, empty)
    kept[1].leave("ann")
    until(lambda: third.is_over, WAIT)
