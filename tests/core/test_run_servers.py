"""Whether the server that trains a run is still there, and the keys that runs go by."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gru_core.runs.records import KEY_PATTERN, Status, new_key
from gru_core.runs.servers import STALE_SECONDS, process_lives, seen_status, server_name
from tests.support.records import NOW, a_run

US = "here:100:aa"


def never_asked(pid: int) -> bool:
    raise AssertionError(f"process {pid} is none of ours")


def dead(pid: int) -> bool:
    assert pid == 200
    return False


def living(pid: int) -> bool:
    assert pid == 200
    return True


@pytest.mark.parametrize("status", ["queued", "running"])
@pytest.mark.parametrize(
    ("server", "silent", "alive", "gone"),
    [
        (US, 0.0, never_asked, False),
        (US, 99.0, never_asked, False),
        ("here:200:bb", STALE_SECONDS - 0.1, living, False),
        ("here:200:bb", STALE_SECONDS + 0.1, living, True),
        ("here:200:bb", 0.0, dead, True),
        ("here:100:bb", 0.0, never_asked, True),
        ("there:200:bb", STALE_SECONDS - 0.1, never_asked, False),
        ("there:100:bb", 0.0, never_asked, False),
        ("there:200:bb", STALE_SECONDS + 0.1, never_asked, True),
        ("there:200:bb", -60.0, never_asked, False),
        ("", 0.0, never_asked, False),
        ("", STALE_SECONDS + 0.1, never_asked, True),
        ("here:many:bb", 0.0, never_asked, False),
    ],
)
def test_a_run_whose_server_is_gone_shows_as_interrupted(
    status: Status, server: str, silent: float, alive: Callable[[int], bool], gone: bool
) -> None:
    record = a_run(status=status, server=server, heartbeat=NOW - silent)
    assert seen_status(record, NOW, US, alive) == ("interrupted" if gone else status)


@pytest.mark.parametrize("status", ["paused", "done", "stopped", "failed", "interrupted"])
def test_a_run_that_nobody_works_at_shows_as_it_is(status: Status) -> None:
    record = a_run(status=status, server="here:200:bb", heartbeat=0.0)
    assert seen_status(record, NOW, US, never_asked) == status


def test_a_process_lives_until_it_is_over() -> None:
    assert process_lives(os.getpid())
    assert process_lives(os.getppid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert process_lives(child.pid)
        child.kill()
        # Over, although nobody has asked yet how it ended.
        deadline = time.monotonic() + 20
        while Path("/proc/self/stat").exists() and process_lives(child.pid) and time.monotonic() < deadline:
            time.sleep(0.005)
        if Path("/proc/self/stat").exists():
            assert not process_lives(child.pid)
        child.wait()
        assert not process_lives(child.pid)


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1, 2**40])
def test_a_number_that_is_no_process_does_not_live(pid: int) -> None:
    assert not process_lives(pid)


def test_a_process_of_somebody_else_lives() -> None:
    if hasattr(os, "geteuid"):
        root = os.geteuid() == 0
        if root:
            os.seteuid(65_534)
        try:
            assert process_lives(1)
        finally:
            if root:
                os.seteuid(0)


def test_a_server_has_one_name_that_no_other_process_has(repository: Path) -> None:
    host, pid, nonce = server_name().split(":")
    assert server_name() == f"{host}:{os.getpid()}:{nonce}"
    assert pid == str(os.getpid())
    words = "from gru_core.runs.servers import server_name; print(server_name())"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=repository, capture_output=True, text=True, check=True
    )
    there = done.stdout.strip().split(":")
    assert there[0] == host
    assert there[1] != pid
    assert there[2] != nonce


def test_keys_can_be_read_aloud_and_not_be_guessed() -> None:
    keys = {new_key() for _ in range(2_000)}
    assert len(keys) == 2_000
    assert all(KEY_PATTERN.fullmatch(key) for key in keys)
    assert not set("".join(keys)) & set("0o1il")
    assert len(set("".join(keys))) == 31
    for wrong in (
        "",
        "abcdefghj",
        "abcdefghjkm",
        "ABCDEFGHJK",
        "abcdefghj0",
        "abcdefghjk\n",
        "abcdefghj\u0663",
    ):
        assert not KEY_PATTERN.fullmatch(wrong)
