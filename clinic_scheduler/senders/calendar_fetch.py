"""Reading a calendar off the internet, from addresses that strangers to this code chose: https, public, small, soon.

The name is looked up once, every address it has must be public, and the connection goes to just the address that
was checked; so a name that points elsewhere a moment later, or a redirect inward, reaches nothing within the house.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

from clinic_scheduler.senders.base import CalendarAnswer, CalendarNotFetched

MEBIBYTE = 1024 * 1024
REDIRECTS = 3
_CHUNK = 64 * 1024
_MOVED = (301, 302, 303, 307, 308)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
# Ranges whose addresses carry one of the old kind inside, which might be a private one.
_WRAPPED = tuple(map(ipaddress.ip_network, ("2001::/23", "2002::/16", "64:ff9b::/96", "::ffff:0:0/96")))


class Where(Protocol):
    """An address taken apart and found to be one that may be asked."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def target(self) -> str: ...
    @property
    def url(self) -> str: ...


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: none of this machine, its network or a special purpose."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved
    return ip in _GLOBAL_V6 and ip.is_global and not any(ip in network for network in _WRAPPED)


def look_up(host: str, port: int) -> list[str]:
    """Every address of the name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class CalendarFetcher:
    """`read_address` refuses with ValueError what is not https or otherwise unfit; tests replace the rest."""

    read_address: Callable[[str], Where]
    look_up: Callable[[str, int], list[str]] = look_up
    is_public: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    most_bytes: int = 5 * MEBIBYTE
    seconds: float = 15.0

    def __call__(self, url: str, etag: str | None = None) -> CalendarAnswer:
        end = time.monotonic() + self.seconds
        where = self._checked(url)
        for _ in range(REDIRECTS + 1):
            answer = self._ask(where, etag, end)
            if isinstance(answer, CalendarAnswer):
                return answer
            where = self._checked(answer, where.url)
        raise CalendarNotFetched("The calendar's server sends on from address to address.")

    def _checked(self, url: str, base: str = "") -> Where:
        try:
            return self.read_address(urljoin(base, url))
        except ValueError as error:
            raise CalendarNotFetched(f"The address cannot be used: {error}.") from None

    def _ask(self, where: Where, etag: str | None, end: float) -> CalendarAnswer | str:
        """The answer, or the address it points to."""
        try:
            with self._connected(where, end) as connection:
                headers = {"Accept": "text/calendar", "Accept-Encoding": "identity", "Connection": "close"}
                if etag:
                    headers["If-None-Match"] = etag
                connection.request("GET", where.target, headers=headers)
                with contextlib.closing(connection.getresponse()) as response:
                    return self._read(response, end)
        except ssl.SSLCertVerificationError:
            raise CalendarNotFetched("The calendar's server has no valid certificate.") from None
        except (OSError, ValueError, http.client.HTTPException):
            raise CalendarNotFetched(
                "The calendar's server took too long."
                if time.monotonic() >= end
                else "The calendar's server could not be reached."
            ) from None

    @contextlib.contextmanager
    def _connected(self, where: Where, end: float) -> Iterator[http.client.HTTPConnection]:
        """A connection to a checked address; whatever is going on there ends when the time is up."""
        context = self.tls()
        with self._dialled(where, end) as plain, plain.dup() as handle:
            watch = threading.Timer(_left(end), _hang_up, [handle])
            watch.daemon = True
            watch.start()
            try:
                with context.wrap_socket(plain, server_hostname=where.host) as secured:
                    connection = http.client.HTTPSConnection(where.host, where.port, context=context)
                    connection.sock = secured
                    yield connection
            finally:
                watch.cancel()
                watch.join()

    def _dialled(self, where: Where, end: float) -> socket.socket:
        addresses = self.look_up(where.host, where.port)
        if not addresses or not all(map(self.is_public, addresses)):
            raise CalendarNotFetched("The calendar's server is not on the public internet.")
        failure: OSError | None = None
        for address in addresses:
            try:
                return socket.create_connection((address, where.port), timeout=_left(end))
            except OSError as error:
                failure = error
        raise failure or OSError

    def _read(self, response: http.client.HTTPResponse, end: float) -> CalendarAnswer | str:
        etag = response.headers.get("ETag")
        if response.status == 304:
            return CalendarAnswer(None, etag)
        if response.status in _MOVED and response.headers.get("Location"):
            return str(response.headers["Location"])
        if response.status != 200:
            raise CalendarNotFetched(_refusal(response.status))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise CalendarNotFetched("The calendar's server answered in a form that was not asked for.")
        content = bytearray()
        while chunk := response.read1(_CHUNK):
            content += chunk
            if len(content) > self.most_bytes:
                raise CalendarNotFetched("The calendar is larger than 5 MB.")
        if response.length or time.monotonic() >= end:
            raise OSError("the answer is not whole")
        return CalendarAnswer(bytes(content), etag)


def _hang_up(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was over already
        handle.shutdown(socket.SHUT_RDWR)


def _left(end: float) -> float:
    """Seconds until the end, for a socket, to which none would mean something else."""
    return max(end - time.monotonic(), 0.01)


def _refusal(status: int) -> str:
    match status:
        case 401 | 403:
            return f"The calendar's server refuses to show it ({status}). Ask for a new address."
        case 404 | 410:
            return f"There is no calendar at that address any more ({status})."
        case _:
            return f"The calendar's server answers with an error ({status})."
