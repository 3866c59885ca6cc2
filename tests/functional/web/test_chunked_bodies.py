"""Bodies of no declared length, at the documented server: what is past the limit is refused in words."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_scheduler.importing.files.limits import MAX_UPLOAD_BYTES

ROOT = Path(__file__).parents[3]
CHUNK = 256 * 1024
FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """(port, its log) of gunicorn as docs/production.md starts it."""
    folder = tmp_path_factory.mktemp("chunked")
    database = folder / "clinic.sqlite"
    database.write_bytes(migrated_sqlite.read_bytes())
    log = folder / "log"
    command = ["gunicorn", "--worker-class", "gthread", "--threads", "2", "--bind", "127.0.0.1:0", "wsgi:app"]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}", "DATA_DIR": str(folder / "data")}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        while not (said := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
        yield int(said[1]), log
    finally:
        process.terminate()
        process.wait(timeout=30)


def answer(port: int, path: str, kind: str, beginning: bytes, size: int) -> tuple[int, str]:
    """(status, page) for a body of `size` bytes and its beginning, sent in chunks until somebody says enough."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
            for part in [beginning, *[b"x" * CHUNK] * (size // CHUNK), b""]:
                connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        except OSError:
            pass  # it has answered and listens no more
        received = b""
        try:
            while got := connection.recv(65_536):
                received += got
        except ConnectionResetError:
            pass
    status = re.match(rb"HTTP/1\.[01] (\d{3})", received)
    assert status, received[:200]
    return int(status[1]), received.decode("utf-8", "replace")


FIELD = b"email=a"
FILE = b'--b\r\nContent-Disposition: form-data; name="log"; filename="l.csv"\r\n\r\n'


@pytest.mark.parametrize(
    "path", ["/sign-in", "/u/x", "/v/x", "/c/x/stop", "/hooks/sms", "/patients/new", "/nowhere"]
)
@pytest.mark.parametrize(("kind", "beginning"), [(FORM, FIELD), (FILES, FILE)], ids=["form", "file"])
def test_a_chunked_body_past_the_limit_is_refused(
    server: tuple[int, Path], path: str, kind: str, beginning: bytes
) -> None:
    port, log = server
    status, page = answer(port, path, kind, beginning, MAX_UPLOAD_BYTES + 2 * CHUNK)
    assert status in (413, 404, 405), page[:4000]
    if status == 413:
        assert "Nothing was changed" in page
    assert "Traceback" not in log.read_text()


def test_within_the_limit_it_is_read(server: tuple[int, Path]) -> None:
    status, page = answer(server[0], "/sign-in", FORM, FIELD, CHUNK)
    assert (status, "Traceback" in server[1].read_text()) == (400, False), page[:4000]
