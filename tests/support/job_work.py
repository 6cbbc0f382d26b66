"""Jobs for the tests of `gru_core.jobs`: small, and each with one habit."""

from __future__ import annotations

import os
import signal
import sys
import time

import torch

from gru_core.errors import LimitError, ShapeError
from gru_core.jobs import Heard, Parcel, Tell

PATIENCE = 60.0  # seconds after which a job gives up waiting for its command


class OurShapeError(ShapeError):
    """An error that gru_core.errors does not know."""


def echo(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Returns what it was given."""
    return parcel


def count(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Tells the numbers below `to`, each with a blob of `size` bytes of that number."""
    for number in range(parcel.head["to"]):
        tell(Parcel({"number": number}, {"bytes": bytes([number % 256]) * parcel.head.get("size", 0)}))
    return Parcel({"sum": sum(range(parcel.head["to"]))})


def obey(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Tells that it runs, then what it hears, until that is "stop"."""
    tell(Parcel({"pid": os.getpid(), "niceness": os.nice(0)}))
    before, deadline = None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        command = heard()
        if command != before:
            tell(Parcel({"heard": command}))
            before = command
        if command == "stop":
            break
        time.sleep(0.005)
    return Parcel({"last": before})


def fail(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Fails in the way that `how` names."""
    match parcel.head["how"]:
        case "limit":
            raise LimitError("At most 3 are allowed, got 4: take one away.")
        case "ours":
            raise OurShapeError("It must be square, got 2 x 3.")
        case "fault":
            raise KeyError("nobody foresaw this")
        case "exit":
            raise SystemExit(3)
        case "memory":
            raise MemoryError
        case "result":
            return Parcel({"a set": {1, 2}})
        case _:
            tell(Parcel({"a set": {1, 2}}))
            return parcel


def print_much(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Writes where its messages would go, and reads where its orders come from."""
    print("stray words")
    os.write(1, b"\x00" * 1_000)
    os.write(2, b"e" * 1_000_000)
    tell(Parcel({"said": True}))
    print("more stray words", flush=True)
    return Parcel({"read": os.read(0, 10).decode()})


def grab(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Asks for much memory at once."""
    return Parcel({"length": len(bytearray(parcel.head["bytes"]))})


def die(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Ends its own process without a word, after it has told its number."""
    tell(Parcel({"pid": os.getpid()}))
    # So that what was told is on its way.
    time.sleep(parcel.head.get("after", 0.0))
    os.kill(os.getpid(), signal.SIGKILL)
    return parcel


def be_deaf(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Runs far too long and asks for no commands."""
    tell(Parcel({"pid": os.getpid()}))
    time.sleep(PATIENCE)
    return parcel


def look_around(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Returns what its process is allowed and told."""
    return Parcel(
        {
            "pid": os.getpid(),
            "niceness": os.nice(0),
            "torch_threads": torch.get_num_threads(),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
            "ignores_interrupts": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
            "distributed": "distributed" in sys.modules,
        }
    )


def grab_tensor(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Asks torch for much memory at once."""
    return Parcel({"length": torch.ones(parcel.head["bytes"], dtype=torch.uint8).numel()})
