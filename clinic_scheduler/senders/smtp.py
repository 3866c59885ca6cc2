"""Handing e-mail to an SMTP server, command by command, so that each failure is known for what it is.

How a message is written is in mime.py, what an answer means in smtp_replies.py.
"""

import re
import selectors
import smtplib
import socket
import ssl
from contextlib import suppress
from copy import copy
from time import monotonic
from typing import Literal

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError
from .mime import Outgoing, mailbox, outgoing
from .smtp_opening import Opening, ask, require
from .smtp_patience import Patience, socket_of, wait_for
from .smtp_replies import LOST, Reply, Stage, refusal

_QUIT_SECONDS = 2.0
_BLOCK = 64 * 1024
_SERVER_TROUBLE = (OSError, smtplib.SMTPException)


class SmtpSender:
    """One connection, kept for as long as all goes well; any error drops it and the next send makes another.

    `patience` says how long each step may take, `timeout` (seconds) shortens them all. `from_address` receives bounces.
    `security` "none" is for a relay on the same machine or a trusted network, and never signs in. A connection is left
    politely after `idle` seconds without use, or `most` messages, before the server does it less politely.
    """

    channel = "email"
    idempotent = False

    def __init__(
        self,
        host: str,
        port: int,
        *,
        from_address: str,
        security: Literal["starttls", "tls", "none"] = "starttls",
        username: str | None = None,
        password: str | None = None,
        timeout: float | None = None,
        patience: Patience = Patience(),  # noqa: B008 - it cannot be changed
        local_hostname: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        name: str = "smtp",
        idle: float = 60.0,
        most: int = 500,
    ) -> None:
        if security not in ("starttls", "tls", "none"):
            raise ValueError("The SMTP security must be starttls, tls or none.")
        if username and security == "none":
            raise ValueError("An SMTP password is never sent unencrypted. Set security to starttls or tls.")
        mailbox(from_address, "The sender's address")
        self.name = name
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._from_address, self._local_hostname = from_address, local_hostname
        self._patience = patience if timeout is None else patience.at_most(timeout)
        self._context = ssl_context or ssl.create_default_context()
        self._idle, self._most = idle, most
        self._server: smtplib.SMTP | None = None
        self._sent, self._used_at = 0, 0.0

    def twin(self) -> "SmtpSender":
        """The same way out over a connection of its own."""
        twin = copy(self)
        twin._server = None
        return twin

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        """MAIL, RCPT, DATA and the body; then `hand_over`, and at once the dot.

        A server must not deliver what has no dot, so whoever is killed before it has surely sent nothing.
        """
        message = outgoing(envelope, self._from_address)
        try:
            server = self._begin(message)
            _bring(server, message.content, self._patience.block)
            if not hand_over():
                raise HandOverRefused
            reply = _finish(server, self._patience.dot)
        except BaseException:
            # After the 354, hanging up is the only way not to send; after other failures a fresh start is safest.
            self._hang_up()
            raise
        self._sent, self._used_at = self._sent + 1, monotonic()
        return Receipt(provider_id=reply.queue_id, detail=f"accepted by the mail server ({reply.label})")

    def close(self) -> None:
        """Say goodbye; a server that doesn't answer is left after two seconds."""
        if self._server is not None and self._server.sock is not None:
            with suppress(*_SERVER_TROUBLE):
                self._server.sock.settimeout(min(self._patience.opening, _QUIT_SECONDS))
                self._server.quit()
        self._hang_up()

    def _begin(self, message: Outgoing) -> smtplib.SMTP:
        """Up to the 354 over the kept connection; where that has gone stale or full, once more over a new one."""
        if self._server is not None and (
            self._sent >= self._most or monotonic() - self._used_at > self._idle
        ):
            self.close()
        if self._server is not None:
            opening = Opening(self._server, message, self._patience)
            if opening.mail().accepted:
                opening.finish()
                return self._server
            self._hang_up()
        self._server, self._sent = self._connect(), 0
        opening = Opening(self._server, message, self._patience)
        require(Stage.MAIL, opening.mail())
        opening.finish()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        """A connection past greeting, encryption and sign-in. Its failures are ours, so retryable."""
        server = smtplib.SMTP(local_hostname=self._local_hostname)
        try:
            self._reach(server)
            self._introduce(server)
        except (*_SERVER_TROUBLE, UnicodeError) as error:  # UnicodeError: a host name IDNA can't encode
            server.close()
            raise SendError(
                f"{_trouble(error)} Nothing was sent; it can be tried again.", permanent=False
            ) from error
        return server

    def _reach(self, server: smtplib.SMTP) -> None:
        """As smtplib connects, which knows one time-out for connecting and for the greeting alike."""
        connection = socket.create_connection((self._host, self._port), self._patience.connect)
        server.sock = connection
        if self._security == "tls":
            server.sock = self._context.wrap_socket(connection, server_hostname=self._host)
        server._host = self._host  # type: ignore[attr-defined] # starttls asks for this name
        wait_for(server, self._patience.opening)
        code, words = server.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)

    def _introduce(self, server: smtplib.SMTP) -> None:
        # The body and its final dot are two writes; without this the dot would wait for an acknowledgement.
        socket_of(server).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.ehlo_or_helo_if_needed()
        if self._security == "starttls":
            server.starttls(context=self._context)
            server.ehlo_or_helo_if_needed()
        if self._username:
            server.login(self._username, self._password or "")

    def _hang_up(self) -> None:
        """Drop the connection without a word."""
        if self._server is not None:
            self._server.close()
            self._server = None


def _bring(server: smtplib.SMTP, content: bytes, seconds: float) -> None:
    """The body without its dot. A failure here is certain: nothing was sent."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    try:
        wait_for(server, seconds)
        for start in range(0, len(stuffed), _BLOCK):
            server.send(stuffed[start : start + _BLOCK])
    except _SERVER_TROUBLE as error:
        raise refusal(Stage.DATA, Reply(LOST)) from error
    _require_peer(server)


def _finish(server: smtplib.SMTP, seconds: float) -> Reply:
    """The dot, and what the server says to it."""
    _require_peer(server)

    def finish() -> tuple[int, bytes]:
        wait_for(server, seconds)
        server.send(b".\r\n")
        return server.getreply()

    reply = ask(finish)
    require(Stage.BODY, reply)
    return reply


def _require_peer(server: smtplib.SMTP) -> None:
    """Before the dot a server that has gone has surely delivered nothing."""
    try:
        gone = _peer_is_gone(socket_of(server))
    except _SERVER_TROUBLE:
        gone = True
    if gone:
        raise refusal(Stage.DATA, Reply(LOST))


def _peer_is_gone(connection: socket.socket) -> bool:
    """Whether the server has already hung up. Under TLS its goodbye is data, so there it may go unseen."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        readable = bool(selector.select(0))
    # The plain method also under TLS, whose own recv can't peek.
    return readable and socket.socket.recv(connection, 1, socket.MSG_PEEK) == b""


def _trouble(error: Exception) -> str:
    """What went wrong before any recipient was named, so nothing here can be about one."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        code = error.smtp_code
        return f"The mail server refused the sign-in ({code}): check the SMTP user name and password."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "The mail server doesn't offer the encryption or sign-in that is set: check the SMTP settings."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server turned this service away ({error.smtp_code}), not the recipient."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server's certificate isn't trusted ({error.verify_message})."
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "The mail server didn't answer in time."
    return f"The mail server can't be reached ({type(error).__name__})."
