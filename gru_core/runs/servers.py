"""Who trains a run, and whether that server is still there.

A server is named "host:pid:nonce". On Linux the host carries the number of its PID namespace, since a
process id says nothing about a process in another container that happens to have the same host name.
"""

import os
import secrets
import socket
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from gru_core.runs.records import ACTIVE, RunRecord, Status

STALE_SECONDS = 10.0
"""A server at work that has not said so for longer than this is taken to be gone."""


@cache
def server_name() -> str:
    """The name of this process as a server: the same at every call, unlike that of any other process."""
    try:
        namespace = "-" + Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        namespace = ""
    host = socket.gethostname().replace(":", "-")
    return f"{host}{namespace}:{os.getpid()}:{secrets.token_hex(4)}"


def seen_status(record: RunRecord, now: float, server: str, alive: Callable[[int], bool]) -> Status:
    """A run's status as a reader should see it: "interrupted" where the server that trained it is gone.

    now     seconds since 1970
    server  the reader's own name, "host:pid:nonce"
    alive   says whether a process of this host lives: `process_lives`
    """
    if record.status not in ACTIVE or record.server == server:
        return record.status
    return "interrupted" if _is_gone(record, now, server, alive) else record.status


def _is_gone(record: RunRecord, now: float, server: str, alive: Callable[[int], bool]) -> bool:
    if now - record.heartbeat > STALE_SECONDS:
        return True
    theirs, ours = record.server.split(":"), server.split(":")
    if len(theirs) != 3 or len(ours) != 3 or theirs[0] != ours[0] or not theirs[1].isdecimal():
        return False
    # Our own process id under another nonce is a server that died before we got its number.
    return theirs[1] == ours[1] or not alive(int(theirs[1]))


if sys.platform == "win32":

    def process_lives(pid: int) -> bool:
        """Whether a process of this machine is running."""
        import ctypes

        if not 0 < pid < 2**32:
            return False
        # os.kill(pid, 0) would end the process here. Access right and exit code: Windows API,
        # "Process Security and Access Rights" and "GetExitCodeProcess".
        query_limited_information, still_active, access_denied = 0x1000, 259, 5
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        kernel.GetExitCodeProcess.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_ulong))
        kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return ctypes.get_last_error() == access_denied
        try:
            code = ctypes.c_ulong()
            return bool(kernel.GetExitCodeProcess(handle, ctypes.byref(code))) and code.value == still_active
        finally:
            kernel.CloseHandle(handle)

else:

    def process_lives(pid: int) -> bool:
        """Whether a process of this machine is running; one that ended and was not yet collected is not."""
        if pid <= 0:
            return False
        try:
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (ProcessLookupError, OverflowError):
            return False
        try:
            # The state follows the name, which stands in brackets and may contain anything.
            state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return True
        return state != "Z"
