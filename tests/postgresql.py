"""PostgreSQL as it is run: a network that can go silent, a pooler, and servers that restart and are promoted."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import URL

from tests import databases

HERE = "127.0.0.1"
SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


def address_of(parameters: Mapping[str, Any], **others: Any) -> str:
    """What libpq knows of a database, as one address; `others` replace some of it."""
    known = {**parameters, **others}
    user, password, host, port, name = (
        known.pop(key, None) for key in ("user", "password", "host", "port", "dbname")
    )
    url = URL.create(
        "postgresql",
        user,
        password,
        host,
        int(port) if port else None,
        name,
        {k: str(v) for k, v in known.items()},
    )
    return url.render_as_string(hide_password=False)


# --- the network ------------------------------------------------------------------------------------------


class Network:
    """Carries bytes between clients and a server, until it is told to go silent: then it says nothing."""

    def __init__(self, address: str) -> None:
        self._server = conninfo_to_dict(databases.without_driver(address))
        self._listener = socket.create_server((HERE, 0))
        self._port = self._listener.getsockname()[1]
        self._speaks = threading.Event()
        self._speaks.set()
        self._open: list[socket.socket] = []
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return address_of(self._server, host=HERE, port=self._port)

    def go_silent(self) -> None:
        self._speaks.clear()

    def speak_again(self) -> None:
        """To whoever connects anew: what was said into the silence is lost, and so are its connections."""
        self._cut()
        self._speaks.set()

    def close(self) -> None:
        self._closed = True
        # Closing alone would let the thread that waits there take one more.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()
        self._speaks.set()

    def _cut(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            if self._speaks.is_set():
                self._carry(client)

    def _carry(self, client: socket.socket) -> None:
        server = self._dialled()
        self._open.append(server)
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _dialled(self) -> socket.socket:
        host, port = self._server.get("host") or HERE, self._server.get("port") or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, int(port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._speaks.is_set():
                    return
                target.sendall(data)
        if self._speaks.is_set():
            for each in (source, target):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


@contextmanager
def network(address: str) -> Iterator[Network]:
    """A way to the database at this address that can go silent."""
    between = Network(address)
    try:
        yield between
    finally:
        between.close()


# --- the pooler -------------------------------------------------------------------------------------------

POOLER = """
[databases]
pooled = {database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pgbouncer(address: str, size: int) -> Iterator[str]:
    """PgBouncer in transaction mode before this database, with so many connections to it."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if not program:
        databases.lacking("PgBouncer is missing: install it (Debian: apt-get install pgbouncer).")
    known = conninfo_to_dict(databases.without_driver(address))
    port = free_port()
    # It knows no search_path among what a client says at first; the schema of the tests is told to its connections.
    schema = str(known.get("options", "")).rpartition("search_path=")[2]
    parts = {key: known[key] for key in ("host", "port", "dbname", "user", "password") if key in known}
    database = " ".join(f"{key}={value}" for key, value in parts.items())
    if schema:
        database += f" connect_query='SET search_path = {schema}'"
    folder = databases.socket_folder()
    account = databases.unprivileged_account() if os.geteuid() == 0 else {}
    settings = folder / "pgbouncer.ini"
    settings.write_text(POOLER.format(database=database, port=port, size=size, folder=folder))
    if account:
        for path in (folder, settings):
            os.chown(path, account["user"], account["group"])
    process = subprocess.Popen(
        [program, "-q", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account
    )
    try:
        pooled = f"postgresql://{known.get('user', '')}@{HERE}:{port}/pooled"
        wait_for(pooled)
        yield pooled
    finally:
        process.terminate()
        process.wait(SECONDS)
        shutil.rmtree(folder)


def wait_for(address: str, statement: str = "SELECT 1") -> None:
    """Until a server answers there as it should."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(statement)
            return
        except psycopg.Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


# --- servers of a test's own ------------------------------------------------------------------------------


class Cluster:
    """A server that a test may stop, start and promote, on a port of this machine."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self.folder, self.port = binaries, folder, free_port()
        self._account = databases.unprivileged_account() if os.geteuid() == 0 else {}

    def address(self, name: str = "postgres") -> str:
        return f"postgresql://clinic@{HERE}:{self.port}/{name}"

    def make(self) -> None:
        self._run("initdb", "--pgdata", self._data, *databases.INITDB_OPTIONS)

    def copy(self, other: "Cluster") -> None:
        """Become a stand-by of the other."""
        self._run(
            "pg_basebackup", "-D", self._data, "-d", other.address(), "-R", "-X", "stream", "-c", "fast"
        )

    def start(self) -> None:
        settings = databases.SERVER_SETTINGS | {
            "listen_addresses": HERE,
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._control("start", "-w", "-o", options, "-l", self.folder / "log")

    def stop(self) -> None:
        self._control("stop", "-m", "immediate", "-w")

    def restart(self) -> None:
        self._control("restart", "-m", "fast", "-w")

    def promote(self) -> None:
        self._control("promote", "-w")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _control(self, *command: object) -> None:
        self._run("pg_ctl", "-D", self._data, *command)

    def _run(self, program: str, *arguments: object) -> None:
        with (self.folder / "output").open("wb") as output:
            done = subprocess.run(
                [str(self._binaries / program), *map(str, arguments)],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                **self._account,
            )
        assert done.returncode == 0, f"{program}:\n{(self.folder / 'output').read_text()}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server's place, emptied afterwards; whoever asks for it makes it and starts it."""
    binaries = databases.server_binaries()
    if binaries is None:
        databases.lacking("PostgreSQL is missing: install a server (Debian: apt-get install postgresql).")
    folder = databases.socket_folder()
    account = databases.unprivileged_account() if os.geteuid() == 0 else {}
    if account:
        os.chown(folder, account["user"], account["group"])
    own = Cluster(binaries, folder)
    try:
        yield own
    finally:
        with suppress(AssertionError):
            own.stop()
        shutil.rmtree(folder)
