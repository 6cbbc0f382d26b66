"""The whole link of a view, under the address by which others reach this server."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

URL_VARIABLE = "GATESCOPE_URL"
"""The address under which others reach this server, where the one in the browser is not it."""

EVERYWHERE = ("0.0.0.0", "::")
"""What a server is told to answer on that lets other machines in."""


@dataclass(frozen=True)
class Address:
    """Where the app answers: scheme, host and path, without a page and without a slash at the end.

    is_private  opens on the machine of the server only
    """

    base: str
    is_private: bool = False

    def link(self, page: str, query: Mapping[str, str]) -> str:
        """The link of a page ("" for the first) with what is chosen on it.

        >>> Address("https://school.example/gates").link("extremes", {"model": "parity", "units": "0, 3-5"})
        'https://school.example/gates/extremes?model=parity&units=0,%203-5'
        """
        path = f"{self.base}/{page}"
        return f"{path}?{urlencode(query, quote_via=quote, safe='|:,')}" if query else path


def address_of(
    url: str, page: str, *, said: str = "", listens: str = "", network: str | None = None
) -> Address:
    """The address to hand out.

    url      the page as the browser has it; page, its part that names the page ("" for the first)
    said     what the server's keeper says the address is, "" for nothing
    listens  the address that the server was told to answer on
    network  this machine's address in its network, where known

    A browser at localhost cannot know what others have to type; where the server lets other machines in,
    the machine's address in the network is taken.
    """
    if said:
        return _plain(said)
    found = _plain(url)
    if page:
        found = Address(found.base.removesuffix(f"/{page}"), found.is_private)
    if not found.is_private or listens not in EVERYWHERE or not network:
        return found
    parts = urlsplit(found.base)
    host = f"[{network}]" if ":" in network else network
    port = f":{parts.port}" if parts.port else ""
    return Address(f"{parts.scheme}://{host}{port}{parts.path}", is_local(network))


def _plain(url: str) -> Address:
    parts = urlsplit(url)
    return Address(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", is_local(parts.hostname or ""))


def is_local(host: str) -> bool:
    """Whether a host's name means the machine that asks, whichever that is.

    >>> is_local("localhost"), is_local("127.0.0.1"), is_local("192.168.1.5"), is_local("school.example")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
