"""Readers that do what a hostile file might bring a real one to; works of a ReadingRoom in tests."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
import time
from pathlib import Path

import numpy as np
import torch

from gru_core.errors import ModelFileError
from gru_core.jobs import Heard, Parcel, Tell
from gru_core.reading_room.work import read_models, refused_memory_is_told
from tests.support.files import sentence_of

PACKAGES = ("gru_core", "tests")


def misled(order: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Does what the name of the first file says; any other file is read as it should be."""
    known = {
        "segfault": lambda: ctypes.string_at(0),
        "abort": os.abort,
        "exit": lambda: os._exit(0),
        "leave": lambda: sys.exit("gone"),
        "fault": lambda: [][1],
        "loop": _loop,
        "loop in C": lambda: re.fullmatch("(a|aa)+" * 8, "a" * 400 + "b"),
        "numpy": lambda: np.ones(5_000_000_000, np.uint8),
        "numpy, damaged": _damaged,
        "torch": lambda: torch.ones(1_250_000_000),
        "many": lambda: [bytearray(1_000_000) for _ in range(5_000)],
        "flood": _flood,
        "who": lambda: _say(f"{os.getpid()} {os.getppid()}"),
        "file": lambda: _say(_opened("/etc/hostname")),
        "write": lambda: _say(_opened("here.txt", "w")),
        "connect": lambda: _say(_connected()),
        "nap": lambda: time.sleep(1.0),
        "nap and who": lambda: (time.sleep(0.3), _say(f"{os.getppid()}")),
        "ill": lambda: Parcel({"inspection": {"is": "Inspection", "of": {}}, "models": [{"name": 1}]}),
    }
    name = order.head["names"][0]
    if name not in known:
        return read_models(order, tell, heard)
    with refused_memory_is_told():
        found = known[name]()
    return found if isinstance(found, Parcel) else Parcel({})


def new_imports(order: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """Reads each file by itself and tells what each ended in, and which modules that imported."""
    before, ends = set(sys.modules), []
    for number, name in enumerate(order.head["names"]):
        blobs = {"file 0": order.blobs[f"file {number}"], "arrays": order.blobs["arrays"]}
        one = Parcel({**order.head, "names": [name]}, blobs)
        ends.append(sentence_of(lambda one=one: read_models(one, tell, heard)))
    return Parcel({"ends": ends, "imported": sorted(set(sys.modules) - before)})


def _loop() -> None:
    while True:
        pass


def _damaged() -> None:
    try:
        np.ones(5_000_000_000, np.uint8)
    except Exception as problem:
        raise ModelFileError("The file is damaged.") from problem


def _flood() -> None:
    for _ in range(2_000):
        os.write(1, b"x" * 10_000)
        os.write(2, b"x" * 10_000)
    raise ModelFileError("Done.")


def _say(text: str) -> None:
    raise ModelFileError(text)


def _opened(path: str, mode: str = "r") -> str:
    try:
        return Path(path).open(mode).name
    except OSError as problem:
        return str(problem.strerror)


def _connected() -> str:
    try:
        return str(socket.create_connection(("127.0.0.1", 1)))
    except OSError as problem:
        return str(problem.strerror)
