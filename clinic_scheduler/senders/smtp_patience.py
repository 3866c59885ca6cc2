"""How long a mail server may take at each step; after RFC 5321 4.5.3.2, which says why each is as long as it is."""

import smtplib
import socket
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Patience:
    """Seconds. Until the dot, giving up too early costs another try; after it, a message that may come twice."""

    connect: float = 30.0
    opening: float = 300.0  # greeting, EHLO, encryption, sign-in
    command: float = 300.0  # MAIL, RCPT
    data: float = 120.0  # the 354
    block: float = 180.0  # taking one block of the body
    dot: float = 600.0  # the server delivers meanwhile

    def at_most(self, seconds: float) -> "Patience":
        """No step longer than this."""
        return replace(self, **{each.name: min(getattr(self, each.name), seconds) for each in fields(self)})


def wait_for(server: smtplib.SMTP, seconds: float) -> None:
    """What is asked next may take so long."""
    socket_of(server).settimeout(seconds)


def socket_of(server: smtplib.SMTP) -> socket.socket:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("not connected")
    return server.sock
