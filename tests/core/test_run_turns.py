"""What becomes of a run when something is refused, fails, or happens at the same moment as something else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gru_core.errors import InputError, JobError, LimitError, LinkError, StoreError, WorkerLostError
from gru_core.runs import service as service_module
from gru_core.runs.records import RunRecord
from gru_core.runs.service import LOST_WORKERS, RunService
from gru_core.runs.store import RunStore
from tests.support.job_hands import ByHand
from tests.support.training import SMALL, run_of, wait_for

FEW = replace(SMALL, steps=40, evaluate_every=10)
LOST = WorkerLostError("The worker ended: start it again.")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


@pytest.fixture
def jobs() -> ByHand:
    return ByHand(waiting=2)


@pytest.fixture
def store(url: str) -> RunStore:
    return RunStore(url)


@pytest.fixture
def service(store: RunStore, jobs: ByHand) -> Iterator[RunService]:
    service = RunService(store, jobs, server="here:1:1")
    yield service
    service.close()


def paused(service: RunService, jobs: ByHand, owner: str = "ann", updates: int = 20) -> str:
    """The key of a run that rests after so many updates, and is stored."""
    key = service.start(run_of(FEW), owner, f"of {owner}")
    future = jobs.begin()
    jobs.train(future, updates)
    service.pause(key, owner)
    jobs.end(future)
    return stored(service, key)


def stored(service: RunService, key: str) -> str:
    """The key, once everything of the run is written."""
    wait_for(service, key, lambda _: not service.pending(key))
    return key


def status_in(url: str, key: str) -> str:
    """What the store says of the run."""
    record = RunStore(url).get(key)
    assert record is not None
    return record.status


def comes(holds: Callable[[], bool]) -> bool:
    """Whether it holds before long."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def meanwhile(monkeypatch: pytest.MonkeyPatch, where: object, name: str, do: Callable[[], Any]) -> None:
    """Something happens once, just before `where.name` is called the next time."""
    real = getattr(where, name)

    def call(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(where, name, real)
        do()
        return real(*given, **more)

    monkeypatch.setattr(where, name, call)


def test_a_run_that_may_not_go_on_now_stays_as_it_is(service: RunService, jobs: ByHand) -> None:
    key = paused(service, jobs)
    before = service.look(key, "ann")
    other = service.start(run_of(FEW), "ann", "the other")
    with pytest.raises(LimitError, match="one training under way"):
        service.go_on(key, "ann")
    service.stop(other, "ann")
    for person in ("bob", "cem"):
        service.start(run_of(FEW), person, "waits")
    with pytest.raises(LimitError, match="2 jobs wait already"):
        service.go_on(key, "ann")
    after = service.look(key, "ann")
    assert (after.status, after.can_go_on) == ("paused", True)
    assert (after.lanes[0].points, after.generation) == (before.lanes[0].points, before.generation)


def test_a_run_of_another_server_that_may_not_go_on_is_not_left_queued(
    service: RunService, jobs: ByHand, url: str
) -> None:
    key = paused(service, jobs)
    other = RunService(RunStore(url), ByHand(), server="there:1:2")
    other.start(run_of(FEW), "ann", "the other")
    with pytest.raises(LimitError):
        other.go_on(key, "ann")
    assert other.look(key).status == "paused"
    other.close()
    assert status_in(url, key) == "paused"


def test_two_tabs_that_go_on_at_once_begin_one_job(
    service: RunService, jobs: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = paused(service, jobs)
    meanwhile(monkeypatch, service, "_take_up", lambda: service.go_on(key, "ann"))
    with pytest.raises(InputError, match="under way"):
        service.go_on(key, "ann")
    assert jobs.waiting == 1
    assert service.look(key).status == "queued"


def test_a_run_deleted_at_the_moment_it_goes_on_does_not_come_back(
    service: RunService, jobs: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = paused(service, jobs)
    meanwhile(monkeypatch, service, "_take_up", lambda: service.delete(key, "ann"))
    with pytest.raises(LinkError, match="was deleted"):
        service.go_on(key, "ann")
    assert jobs.waiting == 0
    with pytest.raises(LinkError):
        service.look(key)


def test_a_run_deleted_at_the_moment_its_worker_is_lost_does_not_come_back(
    service: RunService, jobs: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    future = jobs.begin()
    jobs.train(future, 20)
    meanwhile(monkeypatch, service, "_worker_lost", lambda: service.delete(key, "ann"))
    jobs.end(future, LOST)
    assert jobs.waiting == 0
    with pytest.raises(LinkError):
        service.look(key)


def test_who_looks_at_a_run_while_it_is_deleted_does_not_keep_it(
    service: RunService, jobs: ByHand, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = paused(service, jobs)
    meanwhile(monkeypatch, store, "delete", lambda: service.look(key, "bob"))
    service.delete(key, "ann")
    with pytest.raises(LinkError, match="was deleted"):
        service.look(key)


def test_a_run_that_could_not_be_deleted_is_stopped_and_can_be_deleted_later(
    service: RunService, jobs: ByHand, store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    future = jobs.begin()
    jobs.train(future, 20)
    stored(service, key)

    def full() -> None:
        raise StoreError("The disk is full: make room.")

    meanwhile(monkeypatch, store, "delete", full)
    with pytest.raises(StoreError):
        service.delete(key, "ann")
    jobs.end(future)
    assert service.look(key, "ann").can_go_on
    stored(service, key)
    assert status_in(url, key) == "stopped"
    service.delete(key, "ann")
    assert store.get(key) is None


@pytest.mark.parametrize("losses", [1, LOST_WORKERS + 1])
def test_a_lost_worker_s_run_that_finds_no_place_is_interrupted_in_the_store_too(
    service: RunService, jobs: ByHand, url: str, losses: int
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    for loss in range(losses):
        future = jobs.begin()
        jobs.train(future, 10)
        if loss == losses - 1:
            for person in ("bob", "cem"):
                service.start(run_of(FEW), person, "waits")
        jobs.end(future, LOST)
    view = service.look(stored(service, key), "ann")
    assert (view.status, view.can_go_on) == ("interrupted", True)
    assert status_in(url, key) == "interrupted"


def test_who_resumes_a_run_after_lost_workers_has_as_many_to_lose_again(
    service: RunService, jobs: ByHand
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    for _ in range(LOST_WORKERS + 1):
        jobs.end(jobs.begin(), LOST)
    assert service.look(key).status == "interrupted"
    service.go_on(key, "ann")
    jobs.end(jobs.begin(), LOST)
    assert service.look(key).status == "queued"


def test_a_run_whose_cluster_is_gone_can_go_on_when_it_is_back(
    service: RunService, jobs: ByHand, url: str
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    future = jobs.begin()
    jobs.train(future, 20)
    jobs.end(future, JobError("The cluster does not answer: start its scheduler."))
    view = service.look(key, "ann")
    assert (view.status, view.can_go_on) == ("interrupted", True)
    assert "does not answer" in view.message
    service.go_on(key, "ann")
    again = jobs.begin()
    jobs.train(again)
    jobs.end(again)
    assert service.look(key).status == "done"


def test_a_run_that_nobody_here_trains_is_not_under_way(service: RunService, jobs: ByHand, url: str) -> None:
    key = paused(service, jobs)
    RunStore(url).write(key, status="running", heartbeat=service.clock() + 999)
    service._held.clear()
    assert service.look(key, "ann").status == "interrupted"
    assert [view.status for view in service.of_owner("ann")] == ["interrupted"]


def test_a_run_that_another_server_trains_can_be_paused_there_only(
    service: RunService, jobs: ByHand, url: str
) -> None:
    key = service.start(run_of(FEW), "ann", "letters")
    stored(service, key)
    other = RunService(RunStore(url), ByHand(), server="there:1:2")
    for press in (other.pause, other.stop):
        with pytest.raises(InputError, match="another server"):
            press(key, "ann")
    other.close()
    assert service.look(key).status == "queued"


def test_a_stored_run_can_be_watched_while_the_disk_is_full(
    service: RunService, jobs: ByHand, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = paused(service, jobs)

    def full(*_: object) -> None:
        raise StoreError("The disk is full: make room.")

    monkeypatch.setattr(RunStore, "opened", full)
    other = RunService(RunStore(url), ByHand(), server="there:1:2")
    assert len(other.look(key).lanes[0].frames) == len(service.look(key).lanes[0].frames)
    assert other.model(key).gru.hidden_size == FEW.hidden_size
    other.close()


def test_runs_held_for_looking_at_are_bounded_in_bytes(
    store: RunStore, jobs: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "HELD_BYTES", 2_500_000)
    monkeypatch.setattr("gru_core.runs.live.ROOM", 1_000_000)
    service = RunService(store, jobs)
    keys = [paused(service, jobs, str(person)) for person in range(4)]
    assert comes(lambda: not service._under_way)
    assert len(service._held) == 2
    assert [service.look(key).status for key in keys] == ["paused"] * 4
    assert len(service._held) == 2
    service.close()


def test_runs_that_the_store_cannot_take_are_bounded_in_bytes(
    service: RunService, jobs: ByHand, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bool:
        raise StoreError("The disk is full: make room.")

    monkeypatch.setattr(store, "write", full)
    monkeypatch.setattr("gru_core.runs.live.UNWRITTEN_WEIGHTS", 1)
    monkeypatch.setattr("gru_core.runs.live.ROOM", 1_000_000)
    monkeypatch.setattr("gru_core.runs.refusals.UNWRITTEN_BYTES", 1_900_000)
    keys = []
    for person in ("ann", "bob"):
        keys.append(service.start(run_of(FEW), person, f"of {person}"))
        future = jobs.begin()
        jobs.train(future, 20)
        service.pause(keys[-1], person)
        jobs.end(future)
        view = wait_for(service, keys[-1], lambda view: "The disk is full" in view.message)
        # All its frames can be watched, and the newest model can be used; older weights were let go.
        assert len(view.lanes[0].frames) >= 3
        assert list(service._under_way[keys[-1]].lanes[0].weights) == [20]
        assert service.model(keys[-1]).gru.hidden_size == FEW.hidden_size
    with pytest.raises(LimitError, match=r"cannot be written, and trainings of 2.0 MB wait for it in memory"):
        service.start(run_of(FEW), "cid", "of cid")
    monkeypatch.undo()
    assert service.start(run_of(FEW), "cid", "of cid")


def test_the_limits_of_the_store_are_seen_to_every_minute(
    store: RunStore, jobs: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, seen = [1_000_000.0], list[float]()
    monkeypatch.setattr(store, "expire", seen.append)
    service = RunService(store, jobs, clock=lambda: now[0])
    assert comes(lambda: seen == now)
    now[0] += 61
    assert comes(lambda: seen[-1] == now[0])
    service.close()


def test_a_fault_of_the_database_s_driver_does_not_end_the_writing(
    service: RunService, jobs: ByHand, store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are not passed on as errors of a database, such as that of an answer that broke off."""
    monkeypatch.setattr(service_module, "RETRY_SECONDS", 0.6)

    def break_off() -> None:
        raise AttributeError("'NoneType' object has no attribute 'read'")

    meanwhile(monkeypatch, store, "write", break_off)
    key = paused(service, jobs)
    assert status_in(url, key) == "paused"
    assert len(store.snapshots(key)) == len(service.look(key).lanes[0].frames)


def test_a_run_whose_first_writing_was_not_confirmed_is_written_all_the_same(
    service: RunService, jobs: ByHand, store: RunStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "RETRY_SECONDS", 0.6)
    create = store.create

    def unconfirmed(record: RunRecord) -> None:
        create(record)
        raise StoreError("The database does not answer.")

    monkeypatch.setattr(store, "create", unconfirmed)
    key = paused(service, jobs)
    assert status_in(url, key) == "paused"
    assert service.look(key).message == ""


def test_a_list_of_one_s_runs_reads_none_of_their_data(service: RunService, jobs: ByHand, url: str) -> None:
    """Fifty long series of one's own take seconds; and one that cannot be read must not hide the others."""
    key, race = paused(service, jobs), run_of(FEW, replace(FEW, cell="rnn"))
    RunStore(url).write(key, spec={"of": "another version"})
    service._held.clear()
    under_way = service.start(race, "ann", "a race")
    listed = [(line.key, line.status, line.is_race, len(line.scores)) for line in service.of_owner("ann")]
    assert listed == [(under_way, "queued", True, 2), (key, "paused", False, 1)]
    assert service.of_owner("ann")[1].scores[0] is not None
