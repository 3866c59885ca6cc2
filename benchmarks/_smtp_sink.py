"""A mail server that takes everything and keeps nothing, as a process of its own: the far end of sending.py.

Prints its port; answers each line it is sent on standard input with how many messages it took since. Its argument
is how many milliseconds it takes before it says that it has a message, as servers do that look into it or store it.
"""

import asyncio
import sys

GREETING = b"220 sink.example.org ESMTP\r\n"
EHLO = b"250-sink.example.org\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n"
OK, GO_ON, TAKEN, BYE = b"250 OK\r\n", b"354 go on\r\n", b"250 OK: queued as 1\r\n", b"221 bye\r\n"


class Sink(asyncio.Protocol):
    """One connection, reading command by command; a body ends with its dot."""

    taken = 0
    wait = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out, self._rest, self._in_body = transport, b"", False
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        self._out.write(b"".join(answers))

    def _next(self) -> bytes | None:
        if self._in_body:
            _, dot, rest = self._rest.partition(b"\r\n.\r\n")
            if not dot:
                return None
            self._rest, self._in_body = rest, False
            Sink.taken += 1
            if Sink.wait:
                asyncio.get_running_loop().call_later(Sink.wait, self._out.write, TAKEN)
                return b""
            return TAKEN
        line, end, rest = self._rest.partition(b"\r\n")
        if not end:
            return None
        self._rest = rest
        return self._answer(line[:4].upper())

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return EHLO
        if verb == b"DATA":
            self._in_body = True
            return GO_ON
        return BYE if verb == b"QUIT" else OK


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Sink.taken, flush=True)
        Sink.taken = 0


if __name__ == "__main__":
    Sink.wait = int(sys.argv[1]) / 1000 if sys.argv[1:] else 0.0
    asyncio.run(main())
