"""The sockets the server listens on.

They send at once (TCP_NODELAY). asyncio sees to that only for sockets that name their protocol, which the
usual ways to bind one do not, and then the second message of every rerun waits 40 ms until the browser has
acknowledged the first.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

BACKLOG: Final = 512
# A machine without IPv6 says one of these when asked for ::1.
_NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


class CannotListenError(Exception):
    """The server cannot answer there; the message says why and what to do."""


def listen(address: str, port: int) -> list[socket.socket]:
    """Sockets on every address that `address` stands for: "localhost" is 127.0.0.1 and ::1.

    Raises:
        CannotListenError: the port is no port, is taken, or the address is not this machine's.
    """
    if not 0 < port < 65536:
        raise CannotListenError(
            f"A port is a number from 1 to 65535, got {port}: choose another with --port."
        )
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise CannotListenError(
            f"{address!r} is not an address of this machine: use localhost, or 0.0.0.0 to let others in."
        ) from error
    places = sorted({(family, place) for family, _, _, _, place in found}, key=lambda each: each[0])
    sockets: list[socket.socket] = []
    try:
        for family, place in places:
            try:
                sockets.append(_bound(family, place))
            except OSError as error:
                if not (sockets and family == socket.AF_INET6 and error.errno in _NO_IPV6):
                    raise
    except OSError as error:
        for opened in sockets:
            opened.close()
        reason = (error.strerror or str(error)).lower()
        raise CannotListenError(
            f"Port {port} on {address} cannot be used ({reason}): end the program that uses it, or choose "
            f"another port, such as `make run PORT={port + 1}` or --port {port + 1}."
        ) from error
    return sockets


def _bound(family: int, place: tuple[str | int, ...] | tuple[int, bytes]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":
            # Windows would let a second server share the port; elsewhere this only frees it sooner.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            everywhere = place[0] == "::"
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if everywhere else 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(place)
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound
