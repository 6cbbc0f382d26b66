"""What the store keeps of a run, as frozen values.

A run has one or more lanes (one: a training; several: a race). Of each lane there are points (numbers of
one moment), snapshots (the probe's frame and the weights of one moment) and one checkpoint (all that is
needed to go on). A moment is named by the number of updates made until then.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

KEY_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What a run's key is made of: nothing that is mistaken for another letter when read aloud or copied."""

KEY_LENGTH = 10
"""Letters of a run's key: 31**10 of them, so that links cannot be guessed."""

KEY_PATTERN = re.compile(f"[{KEY_LETTERS}]{{{KEY_LENGTH}}}")
"""What a run's key looks like; use `fullmatch`."""

Status = Literal["queued", "running", "paused", "done", "stopped", "failed", "interrupted"]
"""Where a run is. "interrupted" is what a reader sees when a queued or running run's server is gone."""

ACTIVE: tuple[Status, ...] = ("queued", "running")
"""The statuses under which a server says that it is at work, and must keep saying so."""


@dataclass(frozen=True)
class RunRecord:
    """One run: what was asked for, and how it stands. Times are seconds since 1970.

    owner      who may delete it; not shown to others
    spec       plain JSON values: what to train on, and how; {} in lists
    message    what went wrong, in words for people; "" where nothing did
    opened     when somebody last looked at it
    heartbeat  when its server last said that it is at work
    server     who trains it: "host:pid:nonce", see `gru_core.runs.servers`
    summary    plain JSON values: what a list of runs shows
    bytes      room that the run takes in the store; counted by the store
    """

    key: str
    owner: str
    title: str
    spec: Mapping[str, Any]
    status: Status = "queued"
    message: str = ""
    created: float = 0.0
    updated: float = 0.0
    opened: float = 0.0
    heartbeat: float = 0.0
    server: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    bytes: int = 0


class RunChanges(TypedDict, total=False):
    """The fields of a run that may change."""

    title: str
    spec: Mapping[str, Any]
    status: Status
    message: str
    updated: float
    opened: float
    heartbeat: float
    server: str
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class PointRecord:
    """Numbers of one lane at one moment: plain JSON values, NaN and infinity among them."""

    lane: int
    update: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class SnapshotRecord:
    """One picture of the film: `head` says how to read `frame`; `weights` are b"" unless asked for."""

    lane: int
    update: int
    head: Mapping[str, Any]
    frame: bytes
    weights: bytes = b""


@dataclass(frozen=True)
class CheckpointRecord:
    """All that is needed to go on with a lane exactly where it was."""

    lane: int
    update: int
    head: Mapping[str, Any]
    data: bytes


def new_key() -> str:
    """A key for a run that nobody can guess.

    >>> KEY_PATTERN.fullmatch(new_key()) is not None
    True
    """
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
