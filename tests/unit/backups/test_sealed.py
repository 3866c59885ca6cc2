"""A sealed file opens whole with its key, and in no other case."""

import io
import os
from pathlib import Path

import pytest

from clinic_scheduler.backups.sealed import MAGIC, SealBroken, opening, sealing

KEY = "k" * 64
MEBIBYTE = 1 << 20


def sealed(content: bytes, key: str = KEY) -> bytes:
    out = io.BytesIO()
    with sealing(out, key) as inside:
        inside.write(content)
    return out.getvalue()


def opened(file: bytes, key: str = KEY) -> bytes:
    with opening(io.BytesIO(file), key) as inside:
        return inside.read()


# At random, so that compressing leaves them as long as they are: around the length of one chunk, and several.
@pytest.mark.parametrize("length", [0, 1, MEBIBYTE - 400, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE + 7])
def test_what_was_written_comes_back(length: int) -> None:
    content = os.urandom(length)
    assert opened(sealed(content)) == content


def test_two_files_of_the_same_share_nothing_but_their_beginning() -> None:
    first, second = sealed(b"the same"), sealed(b"the same")
    assert first != second
    assert first[: len(MAGIC)] == second[: len(MAGIC)] == MAGIC


def test_nothing_of_what_is_inside_can_be_read() -> None:
    assert b"OKONKWO" not in sealed(b"OKONKWO" * 100)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken, match="BACKUP_KEY"):
        opened(sealed(b"rows"), "j" * 64)


def test_a_changed_byte_anywhere_is_noticed() -> None:
    file = sealed(os.urandom(2 * MEBIBYTE))
    for place in (0, len(MAGIC), len(MAGIC) + 33, 100, len(file) // 2, len(file) - 1):
        changed = bytearray(file)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            opened(bytes(changed))


def test_a_file_cut_short_anywhere_is_noticed() -> None:
    file = sealed(os.urandom(2 * MEBIBYTE))
    whole_chunk = len(MAGIC) + 39 + MEBIBYTE + 16
    for length in (0, 10, len(MAGIC) + 39, 100, whole_chunk, whole_chunk + 1, len(file) - 1):
        with pytest.raises(SealBroken):
            opened(file[:length])


def test_chunks_in_another_order_or_from_another_file_are_noticed() -> None:
    file, other = sealed(os.urandom(3 * MEBIBYTE)), sealed(os.urandom(3 * MEBIBYTE))
    head, size = len(MAGIC) + 39, MEBIBYTE + 16
    first, second = file[head : head + size], file[head + size : head + 2 * size]
    rest = file[head + 2 * size :]
    for mixed in (second + first + rest, first + other[head + size : head + 2 * size] + rest):
        with pytest.raises(SealBroken):
            opened(file[:head] + mixed)


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(SealBroken, match="not a backup"):
        opened(b"PK\x03\x04" + bytes(200))
