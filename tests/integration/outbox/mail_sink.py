"""A mail server for storms, a process of its own: it keeps the Message-ID of all it took in a file. No tests here.

Arguments: the file, and how many milliseconds pass before it says that it has a message, as where servers store it.
Prints its port and ends with its standard input.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

GREETING = b"220 sink.example.org ESMTP\r\n"
EHLO = b"250-sink.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
OK, GO_ON, TAKEN, BYE = b"250 OK\r\n", b"354 go on\r\n", b"250 OK: queued as 1\r\n", b"221 bye\r\n"
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*(<[^>]+>)")


class Sink(asyncio.Protocol):
    """One connection. A message counts as taken at its dot; where the connection ends before, it never came."""

    def __init__(self, log: int, seconds: float) -> None:
        self._log, self._seconds = log, seconds
        self._rest, self._in_body = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (found := self._next()) is not None:
            self._out.write(found)

    def _next(self) -> bytes | None:
        end = b"\r\n.\r\n" if self._in_body else b"\r\n"
        part, ended, rest = self._rest.partition(end)
        if not ended:
            return None
        self._rest = rest
        return self._take(part) if self._in_body else self._answer(part[:4].upper())

    def _take(self, content: bytes) -> bytes:
        self._in_body = False
        named = MESSAGE_ID.search(content)
        assert named
        os.write(self._log, named[1] + b"\n")
        if not self._seconds:
            return TAKEN
        asyncio.get_running_loop().call_later(self._seconds, self._out.write, TAKEN)
        return b""

    def _answer(self, verb: bytes) -> bytes:
        self._in_body = verb == b"DATA"
        return {b"EHLO": EHLO, b"DATA": GO_ON, b"QUIT": BYE}.get(verb, OK)


async def main(log: Path, milliseconds: int) -> None:
    loop = asyncio.get_running_loop()
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    server = await loop.create_server(lambda: Sink(file, milliseconds / 1000), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
