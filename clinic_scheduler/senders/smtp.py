"""Handing e-mail to an SMTP server, command by command, so that each failure is known for what it is.

How a message is written is in mime.py, what an answer means in smtp_replies.py.
"""

import re
import selectors
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError
from .mime import Outgoing, mailbox, outgoing
from .smtp_replies import LOST, Reply, Stage, refusal

_QUIT_SECONDS = 2.0
_SERVER_TROUBLE = (OSError, smtplib.SMTPException)


class SmtpSender:
    """One connection, kept for as long as all goes well; any error drops it and the next send makes another.

    `timeout` (seconds) holds for each single answer. `from_address` receives bounces. `security` "none" is
    for a relay on the same machine or a trusted network, and never signs in.
    """

    channel = "email"
    name = "smtp"
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
    ) -> None:
        if security not in ("starttls", "tls", "none"):
            raise ValueError("The SMTP security must be starttls, tls or none.")
        if username and security == "none":
            raise ValueError("An SMTP password is never sent unencrypted. Set security to starttls or tls.")
        mailbox(from_address, "The sender's address")
        self._host, self._port, self._security = host, port, security
        self._username, self._password = username, password
        self._from_address, self._timeout, self._local_hostname = from_address, timeout, local_hostname
        self._context = ssl_context or ssl.create_default_context()
        self._server: smtplib.SMTP | None = None

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        """MAIL, RCPT, DATA; `hand_over` after the server's 354; then the body and its dot."""
        message = outgoing(envelope, self._from_address)
        try:
            server = self._begin(message)
            _require(Stage.RCPT, _ask(lambda: server.rcpt(message.recipient)))
            _require(Stage.DATA, _ask(lambda: server.docmd("DATA")), accepted=354)
            if not hand_over():
                raise HandOverRefused
            reply = _deliver(server, message.content)
        except BaseException:
            # After 354, hanging up is the only way not to send; after other failures a fresh start is safest.
            self._hang_up()
            raise
        return Receipt(provider_id=reply.queue_id, detail=f"accepted by the mail server ({reply.label})")

    def close(self) -> None:
        """Say goodbye; a server that doesn't answer is left after two seconds."""
        if self._server is not None and self._server.sock is not None:
            with suppress(*_SERVER_TROUBLE):
                self._server.sock.settimeout(min(self._timeout, _QUIT_SECONDS))
                self._server.quit()
        self._hang_up()

    def _begin(self, message: Outgoing) -> smtplib.SMTP:
        """MAIL over the kept connection; where that has gone stale or full, once more over a new one."""
        if self._server is not None:
            server = self._server
            if _ask(server.rset).accepted and _start(server, message).accepted:
                return server
            self._hang_up()
        self._server = server = self._connect()
        _require(Stage.MAIL, _start(server, message))
        return server

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


def _ask(command: Callable[[], tuple[int, bytes]]) -> Reply:
    """One command and its answer. smtplib's made-up codes for an unreadable answer count as none."""
    try:
        code, text = command()
    except _SERVER_TROUBLE:
        return Reply(LOST)
    return Reply(code, text.decode("ascii", "replace")) if 200 <= code <= 599 else Reply(LOST)


def _require(stage: Stage, reply: Reply, accepted: int | None = None) -> None:
    if reply.code != accepted if accepted else not reply.accepted:
        raise refusal(stage, reply)


def _start(server: smtplib.SMTP, message: Outgoing) -> Reply:
    """MAIL FROM with the size and, for an address outside ASCII, SMTPUTF8 (RFC 1870, RFC 6531)."""
    options = [f"SIZE={len(message.content)}"] if server.has_extn("size") else []
    if message.needs_smtputf8:
        if not server.has_extn("smtputf8"):
            raise SendError(
                "The mail server can't deliver to an address outside plain letters. Nothing was sent.",
                permanent=True,
            )
        options.append("SMTPUTF8")
    return _ask(lambda: server.mail(message.sender, options))


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

    reply = _ask(finish)
    _require(Stage.BODY, reply)
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
