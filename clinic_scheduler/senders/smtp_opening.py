"""MAIL, RCPT and DATA, and their answers; in one packet where the server takes pipelining (RFC 2920)."""

import smtplib
from collections.abc import Callable

from .base import SendError
from .mime import Outgoing
from .smtp_patience import Patience, wait_for
from .smtp_replies import LOST, Reply, Stage, refusal

_SERVER_TROUBLE = (OSError, smtplib.SMTPException)


class Opening:
    """What comes before a message's body. A refusal leaves answers unread, so the connection must end then."""

    def __init__(self, server: smtplib.SMTP, message: Outgoing, patience: Patience) -> None:
        self._server = server
        self._seconds = (patience.command, patience.command, patience.data)
        self._commands = [_mail(server, message), f"RCPT TO:<{message.recipient}>", "DATA"]
        self._pipelined = server.has_extn("pipelining")

    def mail(self) -> Reply:
        """The answer to MAIL; RCPT and DATA may be under way already."""
        return self._ask(0)

    def finish(self) -> None:
        """RCPT and DATA, up to the 354. Raises SendError."""
        require(Stage.RCPT, self._ask(1))
        require(Stage.DATA, self._ask(2), accepted=354)

    def _ask(self, number: int) -> Reply:
        def exchange() -> tuple[int, bytes]:
            wait_for(self._server, self._seconds[number])
            if not self._pipelined:
                self._say(self._commands[number])
            elif number == 0:
                self._say("\r\n".join(self._commands))
            return self._server.getreply()

        return ask(exchange)

    def _say(self, commands: str) -> None:
        # Addresses were checked for line breaks; those outside ASCII go as UTF-8 (RFC 6531).
        self._server.send(f"{commands}\r\n".encode())


def _mail(server: smtplib.SMTP, message: Outgoing) -> str:
    """MAIL FROM with the size and, for an address outside ASCII, SMTPUTF8 (RFC 1870, RFC 6531)."""
    command = f"MAIL FROM:<{message.sender}>"
    if server.has_extn("size"):
        command += f" SIZE={len(message.content)}"
    if not message.needs_smtputf8:
        return command
    if not server.has_extn("smtputf8"):
        raise SendError(
            "The mail server can't deliver to an address outside plain letters. Nothing was sent.",
            permanent=True,
        )
    return f"{command} SMTPUTF8"


def ask(command: Callable[[], tuple[int, bytes]]) -> Reply:
    """One command and its answer. smtplib's made-up codes for an unreadable answer count as none."""
    try:
        code, text = command()
    except _SERVER_TROUBLE:
        return Reply(LOST)
    return Reply(code, text.decode("ascii", "replace")) if 200 <= code <= 599 else Reply(LOST)


def require(stage: Stage, reply: Reply, accepted: int | None = None) -> None:
    if reply.code != accepted if accepted else not reply.accepted:
        raise refusal(stage, reply)
