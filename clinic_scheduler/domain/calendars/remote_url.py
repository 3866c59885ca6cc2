"""Which addresses a provider's outside calendar may be read from: https, usual port, no password. No fetching."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from clinic_scheduler.domain.errors import InvalidInput

LONGEST = 2000
PORT = 443
# What an address may hold as it is; anything else is written as %XX.
_PLAIN = "/%:=&?~+!$,;'()*@[]-._"


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """`target` is the path with its query: a secret, so it stays out of repr and out of logs."""

    host: str
    port: int
    target: str = field(repr=False)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}{self.target}"


def read_address(text: str) -> CalendarAddress:
    """What was pasted; webcal:// is what calendars call https://. Raises InvalidInput in words without the address."""
    if len(text) > LONGEST or any(ord(sign) < 32 for sign in text):
        raise InvalidInput("that is not the address of a calendar")
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    except ValueError:
        raise InvalidInput("that is not the address of a calendar") from None
    if parts.scheme not in ("https", "webcal"):
        raise InvalidInput("the address must begin with https:// or webcal://")
    if not host:
        raise InvalidInput("that is not the address of a calendar")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("the address must hold no user name and no password")
    if port not in (None, PORT):
        raise InvalidInput("the address must name no port other than 443")
    query = f"?{parts.query}" if parts.query else ""
    return CalendarAddress(host, PORT, quote(f"{parts.path or '/'}{query}", safe=_PLAIN))


def host_of(url: str) -> str:
    """All of a stored address that is ever shown."""
    return urlsplit(url).hostname or ""
