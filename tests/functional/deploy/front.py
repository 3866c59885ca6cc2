"""nginx and gunicorn as deploy/ has them, on ports of their own, and clients that ask or never end asking."""

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import databases
from tests.functional.deploy.shipped import DEPLOY, ROOT, SITE, UNITS, Unit

HOST = "clinic.example.org"
START_SECONDS = 60
ANSWER_SECONDS = 30
# nginx's own file of Debian, in what matters here.
MAIN = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    access_log {folder}/nginx.access.log;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    include {folder}/day84.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Front:
    """Both servers while they run; everything they write is in `folder`."""

    folder: Path
    http: int
    https: int
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: Sequence[str], log: str, **environ: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as file:
            kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
            started = subprocess.Popen(command, cwd=ROOT, env=kept | environ, stdout=file, stderr=file)
        self.servers.append(started)
        return started

    def opened(self) -> ssl.SSLSocket:
        """A connection as a browser's, but to this machine."""
        trusting = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=ANSWER_SECONDS)
        return trusting.wrap_socket(plain, server_hostname=HOST)

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        named = {"Host": HOST, "Connection": "close"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection(HOST)) as connection:
            connection.sock = self.opened()
            return _answer(connection, method, path, body, named)

    def ask_without_tls(self, path: str) -> Answer:
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.http, timeout=ANSWER_SECONDS)
        ) as connection:
            return _answer(connection, "GET", path, b"", {"Host": HOST, "Connection": "close"})

    def half_sent(self, number: int) -> socket.socket:
        """A request that never ends: by turns in its head, in its body, and before its first byte."""
        if number % 3 == 2:
            return socket.create_connection(("127.0.0.1", self.https), timeout=ANSWER_SECONDS)
        half = self.opened()
        head = f"POST /sign-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n"
        half.sendall(head.encode() if number % 3 else f"{head}\r\nemail=".encode())
        return half

    def logs(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log"))}


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
) -> Answer:
    # A server that refuses a body by its length need not read it to the end.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, body or None, headers)
    got = connection.getresponse()
    return Answer(got.status, dict(got.headers), got.read().decode("utf-8", "replace"))


@contextmanager
def front(
    database_url: str, app: str = "wsgi:app", changed: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """Both servers, once a page has come through; `changed` says what else of the site is other than shipped.

    Skips the test where there is no nginx.
    """
    if not shutil.which("nginx") or not shutil.which("openssl"):
        databases.lacking(
            "nginx or openssl is missing: install them (Debian: apt-get install nginx openssl)."
        )
    folder = databases.socket_folder()
    made = Front(folder, *_free_ports())
    try:
        _certificate(folder)
        (folder / "day84.conf").write_text(_site(made, changed or {}), "utf-8")
        user = "user root root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), "utf-8")
        made.start(_web(folder, app), "gunicorn.log", **_environment(database_url, folder))
        made.start(["nginx", "-c", str(folder / "nginx.conf")], "nginx.log")
        _wait(made)
        yield made
    finally:
        for server in reversed(made.servers):
            server.terminate()
        for server in made.servers:
            server.wait(START_SECONDS)
        shutil.rmtree(folder)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _certificate(folder: Path) -> None:
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    kind = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *kind, *names, *files], capture_output=True, check=True)


def _site(made: Front, changed: Mapping[str, str]) -> str:
    """The shipped file but for where it listens and what lies where."""
    site = SITE.read_text("utf-8")
    moved = {
        "listen 80 ": f"listen 127.0.0.1:{made.http} ",
        "listen 443 ": f"listen 127.0.0.1:{made.https} ",
        "listen [::]:80 default_server;": "",
        "listen [::]:443 ssl default_server;": "",
        "/run/day84/": f"{made.folder}/",
        "/etc/ssl/day84/": f"{made.folder}/",
        "/var/log/nginx/": f"{made.folder}/",
        "/var/www/letsencrypt": f"{made.folder}/letsencrypt",
        "/opt/day84/": f"{ROOT}/",
    }
    for there, here in (moved | changed).items():
        assert there in site, f"{SITE.name} no longer says {there}"
        site = site.replace(there, here.replace("{folder}", str(made.folder)))
    return site


def _web(folder: Path, app: str) -> list[str]:
    program, *options = Unit(UNITS / "day84-web.service").command()
    assert program.endswith("/gunicorn")
    here = [option.replace("/run/day84", str(folder)) for option in options]
    return [sys.executable, "-m", "gunicorn", *here[:-1], app if here[-1] == "wsgi:app" else here[-1]]


def _environment(database_url: str, folder: Path) -> dict[str, str]:
    lines = (DEPLOY / "settings").read_text("utf-8").splitlines()
    shipped = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    del shipped["SECRET_KEY_FILE"]
    own = {"DATABASE_URL": database_url, "DATA_DIR": str(folder / "data"), "SECRET_KEY": "a test's own" * 3}
    return shipped | own


def _wait(made: Front) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError):
            if made.ask("/healthz").status == 200:
                return
        ended = [server.args for server in made.servers if server.poll() is not None]
        assert not ended, f"{ended} ended:\n{made.logs()}"
        assert time.monotonic() < deadline, f"no page came:\n{made.logs()}"
        time.sleep(0.05)
