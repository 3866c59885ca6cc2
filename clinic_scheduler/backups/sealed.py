"""A file that only its key opens, written and read as a stream; one that was cut short or changed is refused.

AES-256-GCM over chunks, each numbered and the last one marked (the STREAM construction), under a key derived for
this file alone. What is inside is compressed first.
"""

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"DAY84 BACKUP 1\n"
_SALT, _PREFIX, _TAG = 32, 7, 16
_CHUNK = 1 << 20


class SealBroken(Exception):
    """The file is no backup, is damaged or cut short, or was made with another key."""


@contextmanager
def sealing(out: BinaryIO, key: str) -> Iterator[BinaryIO]:
    """What is written within lands in `out`, compressed and encrypted; an error leaves a file that will not open."""
    head = MAGIC + os.urandom(_SALT + _PREFIX)
    out.write(head)
    writer = _Writer(out, _Nonces(head), _cipher(key, head))
    with gzip.GzipFile(fileobj=cast(BinaryIO, writer), mode="wb", mtime=0) as packed:
        yield cast(BinaryIO, packed)
    writer.finish()


@contextmanager
def opening(sealed: BinaryIO, key: str) -> Iterator[BinaryIO]:
    """What is in the file, as a stream. Raises SealBroken, at the latest where the damage is."""
    head = sealed.read(len(MAGIC) + _SALT + _PREFIX)
    if len(head) != len(MAGIC) + _SALT + _PREFIX or not head.startswith(MAGIC):
        raise SealBroken("This is not a backup of this service.")
    reader = io.BufferedReader(_Reader(sealed, _Nonces(head), _cipher(key, head)), _CHUNK)
    try:
        with gzip.GzipFile(fileobj=reader, mode="rb") as unpacked:
            yield cast(BinaryIO, unpacked)
    except (EOFError, gzip.BadGzipFile) as error:
        raise SealBroken("The backup ends too early.") from error


class _Nonces:
    """One for each chunk, never the same twice: a random start, the chunk's number, whether it is the last."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self._number = 0

    def next(self, last: bool) -> bytes:
        nonce = self.head[-_PREFIX:] + self._number.to_bytes(4, "big") + bytes([last])
        self._number += 1
        return nonce


def _cipher(key: str, head: bytes) -> AESGCM:
    salt = head[len(MAGIC) : len(MAGIC) + _SALT]
    derived = HKDF(hashes.SHA256(), length=32, salt=salt, info=b"backup").derive(key.encode())
    return AESGCM(derived)


class _Writer(io.RawIOBase):
    def __init__(self, out: BinaryIO, nonces: _Nonces, cipher: AESGCM) -> None:
        self._out, self._nonces, self._cipher = out, nonces, cipher
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = memoryview(data)  # type: ignore[arg-type]
        self._waiting += piece
        # One chunk is kept back: only at the end is it known to be the last.
        while len(self._waiting) > _CHUNK:
            self._put(bytes(self._waiting[:_CHUNK]), last=False)
            del self._waiting[:_CHUNK]
        return piece.nbytes

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, chunk: bytes, last: bool) -> None:
        self._out.write(self._cipher.encrypt(self._nonces.next(last), chunk, self._nonces.head))


class _Reader(io.RawIOBase):
    def __init__(self, sealed: BinaryIO, nonces: _Nonces, cipher: AESGCM) -> None:
        self._sealed, self._nonces, self._cipher = sealed, nonces, cipher
        self._next = sealed.read(_CHUNK + _TAG)
        self._open, self._done = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer)  # type: ignore[arg-type]
        while not self._open and not self._done:
            self._open = self._chunk()
        piece, self._open = self._open[: len(target)], self._open[len(target) :]
        target[: len(piece)] = piece
        return len(piece)

    def _chunk(self) -> bytes:
        chunk, self._next = self._next, self._sealed.read(_CHUNK + _TAG)
        self._done = not self._next
        try:
            return self._cipher.decrypt(self._nonces.next(self._done), chunk, self._nonces.head)
        except InvalidTag as error:
            raise SealBroken(
                "The backup cannot be opened: BACKUP_KEY is another than it was made with, or the file is damaged."
            ) from error
