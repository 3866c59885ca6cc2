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
from .smtp_replies import LOST, Reply, Stage, refusal

_QUIT_SECONDS = 2.0
_SERVER_TROUBLE = (OSError, smtplib.SMTPException)


class SmtpSender:
    """One connection, kept for as long as all goes well; any error drops it and the next send makes another.

    `timeout` (seconds) holds for each single answer. `from_address` receives bounces. `security` "none" is
    for a relay on the same machine or a trusted network, and never signs in. A connection is left politely
    after `idle` seconds without use, or `most` messages, before the server does it less politely.
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
        timeout: float = 30.0,
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
        self._from_address, self._timeout, self._local_hostname = from_address, timeout, local_hostname
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
        """MAIL, RCPT, DATA; `hand_over` after the server's 354; then the body and its dot."""
        message = outgoing(envelope, self._from_address)
        try:
            server = self._begin(message)
            if not hand_over():
                raise HandOverRefused
            reply = _deliver(server, message.content)
        except BaseException:
            # After 354, hanging up is the only way not to send; after other failures a fresh start is safest.
            self._hang_up()
            raise
        self._sent, self._used_at = self._sent + 1, monotonic()
        return Receipt(provider_id=reply.queue_id, detail=f"accepted by the mail server ({reply.label})")

    def close(self) -> None:
        """Say goodbye; a server that doesn't answer is left after two seconds."""
        if self._server is not None and self._server.sock is not None:
            with suppress(*_SERVER_TROUBLE):
                self._server.sock.settimeout(min(self._timeout, _QUIT_SECONDS))
                self._server.quit()
        self._hang_up()

    def _begin(self, message: Outgoing) -> smtplib.SMTP:
        """Up to the 354 over the kept connection; where that has gone stale or full, once more over a new one."""
        if self._server is not None and (
            self._sent >= self._most or monotonic() - self._used_at > self._idle
        ):
            self.close()
        if self._server is not None:
            opening = Opening(self._server, message)
            if opening.mail().accepted:
                opening.finish()
                return self._server
            self._hang_up()
        self._server, self._sent = self._connect(), 0
        opening = Opening(self._server, message)
        require(Stage.MAIL, opening.mail())
        opening.finish()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        """A connection past greeting, encryption and sign-in. Its failures are ours, so retryable."""
        server: smtplib.SMTP | None = None
        try:
            if self._security == "tls":
                server = smtplib.SMTP_SSL(
                    self._host, self._port, self._local_hostname, timeout=self._timeout, context=self._context
                )
            else:
                server = smtplib.SMTP(self._host, self._port, self._local_hostname, timeout=self._timeout)
            self._introduce(server)
        except (*_SERVER_TROUBLE, UnicodeError) as error:  # UnicodeError: a host name IDNA can't encode
            if server is not None:
                server.close()
            raise SendError(
                f"{_trouble(error)} Nothing was sent; it can be tried again.", permanent=False
            ) from error
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        # The body and its final dot are two writes; without this the dot would wait for an acknowledgement.
        _socket(server).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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


def _socket(server: smtplib.SMTP) -> socket.socket:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("not connected")
    return server.sock


def _deliver(server: smtplib.SMTP, content: bytes) -> Reply:
    """The body, then the dot. Until the dot a server must not deliver, so a failure before it is certain."""
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", content))
        gone = _peer_is_gone(_socket(server))
    except _SERVER_TROUBLE:
        gone = True
    if gone:
        raise refusal(Stage.DATA, Reply(LOST))

    def finish() -> tuple[int, bytes]:
        server.send(b".\r\n")
        return server.getreply()

    reply = ask(finish)
    require(Stage.BODY, reply)
    return reply


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
