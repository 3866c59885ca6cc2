"""A real SMTP server on this machine that fails where a test tells it to."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Fault:
    """At its stage: wait, then cut the connection, or answer `reply` in place of the usual answer."""

    reply: str | None = None
    cut: bool = False
    wait: float = 0.0
    keep: bool = False  # at END: the message counts as received all the same
    times: int = 1_000


@dataclass
class Relay:
    """Stages: GREETING, EHLO, MAIL, RCPT, DATA (the 354), END (the dot), RSET, QUIT."""

    faults: dict[str, Fault] = field(default_factory=dict)
    received: list[Envelope] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    port: int = 0
    pipelining: bool = False
    live: list["FaultySMTP"] = field(default_factory=list)

    @property
    def connections(self) -> int:
        return self.stages.count("GREETING")

    async def act(self, server: SMTP, stage: str, usual: str) -> str:
        self.stages.append(stage)
        fault = self.faults.get(stage)
        if fault is None or self.stages.count(stage) > fault.times:
            return usual
        await asyncio.sleep(fault.wait)
        if fault.cut:
            server.transport.abort()
            await asyncio.sleep(60)  # ended by the loss of the connection
        return fault.reply or usual

    # The hooks' names and arguments are aiosmtpd's.

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        usual = responses[-1]
        extra = ["250-PIPELINING"] if self.pipelining else []
        return [*responses[:-1], *extra, await self.act(server, "EHLO", usual)]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from, envelope.mail_options = address, options
        return await self.act(server, "MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self.act(server, "RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self.faults.get("END")
        if fault is None or fault.keep or self.stages.count("END") >= fault.times:
            self.received.append(envelope)
        return await self.act(server, "END", "250 2.0.0 OK: queued as 4Bx7Q")

    async def handle_RSET(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self.act(server, "RSET", "250 OK")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self.act(server, "QUIT", "221 Bye")


class FaultySMTP(SMTP):
    """The server's own answers, for the two stages that have no hook."""

    greeted = False

    async def push(self, status: Any) -> None:
        relay: Relay = self.event_handler
        if not self.greeted:
            self.greeted = True
            relay.live.append(self)
            status = await relay.act(self, "GREETING", status)
        elif isinstance(status, str) and status.startswith("354"):
            status = await relay.act(self, "DATA", status)
        await super().push(status)


def only_the_right_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = LoginPassword(login=b"clinic", password=b"right")
    return AuthResult(success=data == right, handled=False)


@contextmanager
def running(relay: Relay, implicit_tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[Relay]:
    """Serve on a free port until the block ends; `options` are aiosmtpd's."""
    loop = asyncio.new_event_loop()
    # A connection cut on purpose isn't worth a line in the log.
    loop.set_exception_handler(lambda loop, context: None)

    def protocol() -> FaultySMTP:
        return FaultySMTP(relay, hostname="relay.example.org", loop=loop, **options)

    # In its own thread from the start: in this one the browser's loop may be running already.
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        listening = loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit_tls)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result(5)
        relay.port = server.sockets[0].getsockname()[1]
        try:
            yield relay
        finally:
            asyncio.run_coroutine_threadsafe(_stop(server, relay), loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _stop(server: asyncio.Server, relay: Relay) -> None:
    server.close()
    for connection in relay.live:
        if connection.transport is not None:
            connection.transport.abort()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.sleep(0)
