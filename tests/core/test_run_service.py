"""Runs: begun, paused, resumed, shared and deleted, with real worker processes and a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gru_core.errors import InputError, LimitError, LinkError, StoreError
from gru_core.jobs import WorkerPool
from gru_core.runs.service import RunService
from gru_core.runs.store import RunStore
from gru_core.tasks.catalogue import TaskSpec
from tests.support.training import (
    ENDLESS,
    LONG,
    SMALL,
    assert_same_weights,
    run_of,
    wait_for,
    wait_until_over,
)

pytestmark = pytest.mark.slow
Serve = Callable[..., RunService]
PEOPLE = ("ann", "bob", *map(str, range(33)))


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(2, waiting=30)
    yield pool
    pool.shutdown()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")


@pytest.fixture
def serve(pool: WorkerPool, store: RunStore) -> Iterator[Serve]:
    """`serve(**options)`: a service on the module's workers; ended without ending those."""
    begun: list[RunService] = []

    def start(**options: Any) -> RunService:
        service = RunService(options.pop("store", store), options.pop("jobs", pool), **options)
        begun.append(service)
        return service

    yield start
    for service in begun:
        for person in PEOPLE:
            for view in service.of_owner(person):
                if view.is_live:
                    service.stop(view.key, person)
                    wait_until_over(service, view.key)
        service.close(end_jobs=False)


def test_a_run_ends_as_a_training_alone_does(serve: Serve) -> None:
    service, run = serve(), run_of(SMALL)
    key = service.start(run, "ann", "letters")
    view = wait_until_over(service, key, "ann")
    assert (view.status, view.message, view.mine) == ("done", "", True)
    lane = view.lanes[0]
    assert [point["update"] for point in lane.points] == list(SMALL.evaluations)
    assert {frame.update for frame in lane.frames} == SMALL.snapshot_updates
    assert lane.parameters == sum(p.numel() for p in service.model(key).parameters())
    assert_same_weights(service, key, run)


def test_a_run_is_found_again_by_another_server(serve: Serve, store: RunStore) -> None:
    service, run = serve(), run_of(SMALL, replace(SMALL, cell="rnn"))
    key = service.start(run, "ann", "letters")
    before = wait_until_over(service, key)
    service.close(end_jobs=False)
    again = serve(server="elsewhere:1:2")
    after = again.look(key, "bob")
    assert (after.status, after.title, after.mine, after.spec) == ("done", "letters", False, run)
    for one, other in zip(before.lanes, after.lanes, strict=True):
        assert (one.points, one.parameters, one.reason, one.score) == (
            other.points,
            other.parameters,
            other.reason,
            other.score,
        )
        assert [frame.data for frame in one.frames] == [frame.data for frame in other.frames]
    for lane in (0, 1):
        assert_same_weights(again, key, run, lane)
    first = again.model(key, 0, update=20)
    assert first.card.accuracy == after.lanes[0].points[1]["score"]


def test_pausing_stepping_and_going_on_change_nothing(serve: Serve) -> None:
    service, run = serve(), run_of(LONG)
    key = service.start(run, "ann", "letters")
    wait_for(service, key, lambda view: view.lanes[0].update >= 100)
    service.pause(key, "ann")
    rests = wait_until_over(service, key)
    assert rests.status == "paused"
    at = rests.lanes[0].update
    assert 100 <= at < LONG.steps
    for updates in (1, 1, 10):
        service.go_on(key, "ann", updates)
        rests, at = wait_until_over(service, key), at + updates
        assert (rests.status, rests.lanes[0].update) == ("paused", at)
        assert rests.lanes[0].frames[-1].update == at
        assert rests.lanes[0].points[-1]["update"] == at
    service.go_on(key, "ann")
    assert wait_until_over(service, key).status == "done"
    assert_same_weights(service, key, run)


def test_stopping_keeps_what_was_learned(serve: Serve) -> None:
    service = serve()
    key = service.start(run_of(ENDLESS), "ann", "letters")
    wait_for(service, key, lambda view: view.lanes[0].update >= 40)
    service.stop(key, "ann")
    view = wait_until_over(service, key)
    at = view.lanes[0].update
    assert view.status == "stopped"
    assert 40 <= at < ENDLESS.steps
    assert_same_weights(service, key, run_of(replace(ENDLESS, steps=at)))


def test_one_person_has_one_training_in_however_many_tabs(serve: Serve) -> None:
    service = serve()
    mine = service.start(run_of(ENDLESS), "ann", "the first")
    with pytest.raises(LimitError, match="yours is 'the first'"):
        service.start(run_of(SMALL), "ann", "another tab")
    theirs = service.start(run_of(SMALL), "bob", "someone else's")
    assert wait_until_over(service, theirs).status == "done"
    assert service.look(mine).is_live
    for forbidden in (service.pause, service.stop, service.delete, service.go_on):
        with pytest.raises(InputError, match="somebody else's"):
            forbidden(mine, "bob")
    assert [view.key for view in service.of_owner("ann")] == [mine]
    assert [view.key for view in service.of_owner("bob")] == [theirs]
    service.stop(mine, "ann")
    wait_until_over(service, mine)


def test_thirty_people_queue_and_each_is_told_their_place(serve: Serve) -> None:
    service = serve()
    keys = [service.start(run_of(ENDLESS), str(person), "x") for person in range(32)]
    for key in keys[:2]:
        # Two workers get ready in their own time, and until then these wait too.
        wait_for(service, key, lambda view: view.status == "running")
    waiting = [service.look(key) for key in keys[2:]]
    assert {view.status for view in waiting} == {"queued"}
    assert [view.position for view in waiting] == list(range(30))
    with pytest.raises(LimitError, match="30 jobs wait already"):
        service.start(run_of(SMALL), "32", "one too many")
    service.stop(keys[5], "5")
    assert service.look(keys[5]).status == "stopped"
    assert service.look(keys[6]).position == 3
    for person, key in enumerate(keys):
        if person != 5:
            service.stop(key, str(person))
    assert {wait_until_over(service, key).status for key in keys} == {"stopped"}


def test_a_deleted_run_is_gone_and_stays_gone(serve: Serve, store: RunStore) -> None:
    service = serve()
    key = service.start(run_of(ENDLESS), "ann", "letters")
    wait_for(service, key, lambda view: view.lanes[0].update >= 20)
    service.delete(key, "ann")
    with pytest.raises(LinkError, match="was deleted"):
        service.look(key)
    again = service.start(run_of(SMALL), "ann", "the next one")
    wait_until_over(service, again)
    service.close(end_jobs=False)
    assert store.get(key) is None
    assert [record.key for record in store.of_owner("ann")] == [again]


def test_a_training_that_diverges_says_so_and_keeps_the_last_good_model(serve: Serve) -> None:
    service = serve()
    wild = replace(SMALL, learning_rate=10.0, clip=1000.0, steps=2_000)
    key = service.start(replace(run_of(wild), task=TaskSpec("adding", 10)), "ann", "too fast")
    view = wait_until_over(service, key)
    assert (view.status, view.lanes[0].reason) == ("done", "diverged")
    assert "learning rate of 10" in view.message
    assert all(bool(p.isfinite().all()) for p in service.model(key).parameters())


def test_the_time_allowed_ends_a_training_that_can_go_on(serve: Serve) -> None:
    service = serve(seconds=0.3)
    key = service.start(run_of(ENDLESS), "ann", "long")
    view = wait_until_over(service, key, "ann")
    assert view.status == "stopped"
    assert "0.3 seconds allowed" in view.message
    assert view.can_go_on


def test_what_cannot_be_learned_from_is_refused_before_anything_waits(serve: Serve) -> None:
    service = serve()
    flat = replace(run_of(SMALL), task=TaskSpec("forecast", values=((1.0,),) * 80, names=("flat",)))
    with pytest.raises(InputError):
        service.start(flat, "ann", "flat")
    assert service.of_owner("ann") == []


@pytest.mark.parametrize("key", ["", "short", "../../etc/x", "aaaaaaaaaa", "a" * 200])
def test_a_key_that_names_nothing_is_a_sentence(serve: Serve, key: str) -> None:
    with pytest.raises(LinkError, match="There is no training"):
        serve().look(key)


class FullDisk(RunStore):
    """A store that refuses to write for as long as `full` says."""

    full = True

    def write(self, key: str, **given: Any) -> None:
        if self.full:
            raise StoreError("The disk is full: make room.")
        super().write(key, **given)


def test_a_full_disk_loses_nothing(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru_core.runs.service.RETRY_SECONDS", 0.6)
    store = FullDisk(f"sqlite:///{tmp_path / 'full.sqlite'}")
    service, run = serve(store=store), run_of(SMALL)
    key = service.start(run, "ann", "letters")
    wait_until_over(service, key)
    view = wait_for(service, key, lambda view: "disk is full" in view.message)
    assert view.status == "done"
    assert "download its model" in view.message
    assert_same_weights(service, key, run)
    other = service.start(run, "bob", "the same")
    assert wait_until_over(service, other).status == "done"
    store.full = False
    assert wait_for(service, key, lambda view: view.message == "").status == "done"
    service.close(end_jobs=False)
    assert len(store.snapshots(key)) == len(view.lanes[0].frames)
    assert_same_weights(serve(store=store), key, run)
