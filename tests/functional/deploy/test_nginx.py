"""nginx as shipped: it holds off slow clients, says who asks and what it refuses, and keeps secrets out of logs."""

import contextlib
import logging
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from clinic_scheduler.redaction import RedactSecretPaths
from clinic_scheduler.web.errors import PAGES
from clinic_scheduler.web.policies import policy_of
from tests import databases
from tests.functional.deploy.front import HOST, Front, front
from tests.functional.deploy.shipped import DEPLOY, SITE

MEBIBYTE = 1024 * 1024
SLOW_CLIENTS = 200
# As long as the shortest that is made: 27 characters sign a link, after what it says.
TOKEN = "WzEyLDE3OTAwMDAwMDBd.QWxsIHlvdXIgdG9rZW5zIGFyZQ"
SECRET = ("/c/", "/v/", "/u/", "/set-password/", "/setup/", "/calendar/")
ASSETS = {"assets.asset", "static"}


@pytest.fixture(scope="module")
def running(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Both servers, for tests that leave them as they were."""
    file = shutil.copyfile(migrated_sqlite, tmp_path_factory.mktemp("front") / "clinic.sqlite")
    with front(databases.sqlite_address(file), "tests.functional.deploy.told:app") as started:
        yield started


@pytest.fixture
def servers(sqlite_url: str) -> Iterator[Front]:
    """Both servers, for a test that ends one or holds it up."""
    with front(sqlite_url, "tests.functional.deploy.told:app") as started:
        yield started


def test_pages_come_while_two_hundred_clients_send_half_a_request(running: Front) -> None:
    with contextlib.ExitStack() as held:
        for number in range(SLOW_CLIENTS):
            held.enter_context(running.half_sent(number))
        assert [running.ask("/sign-in").status for _ in range(20)] == [200] * 20


def test_half_sent_requests_that_reach_gunicorn_hold_its_threads(servers: Front) -> None:
    """What nginx is there for: the same without it, and the check above can fail."""
    half = f"POST /sign-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\nemail=".encode()
    with contextlib.ExitStack() as held:
        for _ in range(40):
            direct = held.enter_context(socket.socket(socket.AF_UNIX))
            direct.connect(str(servers.folder / "web.sock"))
            direct.sendall(half)
        with servers.opened() as asking:
            asking.settimeout(3)
            asking.sendall(f"GET /sign-in HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            with pytest.raises(TimeoutError):
                asking.recv(1)


def test_who_asks_is_who_connected_whatever_they_claim(running: Front) -> None:
    forged = {
        "X_Forwarded_For": "198.51.100.7",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "example.com",
    }
    told = running.ask("/told", **forged)
    assert (told.status, told.text) == (200, f'{{"address":"127.0.0.1","host":"{HOST}","scheme":"https"}}\n')
    assert running.ask("/told", Host="example.com").status == 400
    assert "Secure" in running.ask("/sign-in").headers["Set-Cookie"]


def test_without_tls_there_is_the_way_to_https_and_the_proof_of_the_name(running: Front) -> None:
    sent = running.ask_without_tls(f"/v/{TOKEN}?from=mail")
    assert (sent.status, sent.headers["Location"]) == (301, f"https://{HOST}/v/{TOKEN}?from=mail")
    place = running.folder / "letsencrypt" / ".well-known" / "acme-challenge"
    place.mkdir(parents=True)
    (place / "proof").write_text("it is ours")
    assert running.ask_without_tls("/.well-known/acme-challenge/proof").text == "it is ours"


def test_files_pass_up_to_their_limit_and_beyond_it_the_page_says_so(running: Front) -> None:
    form = {"Content_Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="log"; filename="log.csv"\r\n\r\n'
    largest = head + bytes(26 * MEBIBYTE) + b"\r\n--x--\r\n"
    for path in ("/imports", "/settings/providers/12/calendars/file"):
        assert running.ask(path, "POST", largest, **form).status == 400  # it lacks a form's token
        refused = running.ask(path, "POST", bytes(28 * MEBIBYTE), **form)
        assert (refused.status, PAGES[413][0] in refused.text) == (413, True)
    assert running.ask("/sign-in", "POST", bytes(2 * MEBIBYTE), **form).status == 413


def test_without_gunicorn_the_page_says_so_and_calendars_are_told_in_plain_text(servers: Front) -> None:
    servers.servers[0].terminate()
    servers.servers[0].wait()
    page, calendar = servers.ask("/due"), servers.ask(f"/calendar/{TOKEN}.ics")
    assert (page.status, PAGES[503][0] in page.text, "Retry-After" in page.headers) == (503, True, True)
    assert page.headers["Content-Type"].startswith("text/html")
    assert (calendar.status, calendar.headers["Content-Type"]) == (503, "text/plain")


def test_no_log_has_a_secret_address_or_a_query(servers: Front) -> None:
    spelled = [f"{prefix}{TOKEN}" for prefix in SECRET]
    odd = [f"/%63/{TOKEN}", f"//c/{TOKEN}", f"/V/{TOKEN}", f"/x/u/{TOKEN}", f"https://{HOST}/c/{TOKEN}"]
    asked = [*spelled, *odd, f"/calendar/{TOKEN}.ics", f"/c/{TOKEN}/stop", f"/due?next={TOKEN}"]
    for path in asked:
        servers.ask(path, Referer=f"https://{HOST}/c/{TOKEN}")
        servers.ask_without_tls(path)
    shutil.rmtree(servers.folder / "bodies")
    # A body that can't be kept: nginx says so, with the first line of the request.
    for path in (*spelled, *odd[:3], "/told"):
        assert servers.ask(path, "POST", bytes(100_000)).status == 500
    servers.servers[0].terminate()
    servers.servers[0].wait()
    for path in asked:
        assert servers.ask(path).status == 503
    with servers.opened() as malformed:
        malformed.sendall(f"GET /c/{TOKEN} HTTP/1.1\r\nHost: {HOST}\r\nbroken\r\n\r\n".encode())
        malformed.recv(1)
    logs = servers.logs()
    assert {name for name, text in logs.items() if TOKEN[21:] in text or "?" in text} == set()
    # Each is written for all that.
    written = logs["day84.access.log"]
    assert all(f" {prefix}... " in written for prefix in SECRET)
    assert re.search(r"^127\.0\.0\.1 .* GET /due ", written, re.MULTILINE)
    patients = [line for line in written.splitlines() if re.search(r" /(?:[cuv]|calendar)/", line)]
    assert {line.split()[0] for line in patients} == {"-"}
    assert logs["nginx.access.log"] == ""


def test_an_error_log_of_nginx_would_have_them(sqlite_url: str) -> None:
    """Why there is none; and the check above can fail."""
    with front(
        sqlite_url, changed={"error_log /dev/null;": "error_log {folder}/day84.error.log crit;"}
    ) as servers:
        servers.servers[0].terminate()
        servers.servers[0].wait()
        assert servers.ask(f"/v/{TOKEN}").status == 503
        assert f"GET /v/{TOKEN} " in servers.logs()["day84.error.log"]


def test_every_address_that_is_a_key_is_known_to_nginx_and_to_the_other_logs(app: Flask) -> None:
    """A public page whose address has a part of its own is reached by knowing that part."""
    keys = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.arguments and not policy_of(app, rule.endpoint) and rule.endpoint not in ASSETS
    ]
    concealed = _regex(r'"~\*(\^\(\?<secret>.*?)" ')
    assert len(keys) > len(SECRET)
    assert [path for path in keys if not re.match(concealed.replace("?<", "?P<"), path)] == []
    assert [path for path in keys if _written(re.sub("<[^>]+>", TOKEN, path)).endswith(TOKEN)] == []
    assert {path for path in SECRET if not any(rule.startswith(path) for rule in keys)} == set()


def _written(path: str) -> str:
    """As a server's own log would have it."""
    record = logging.makeLogRecord({"msg": path})
    RedactSecretPaths().filter(record)
    return record.getMessage()


def test_addresses_of_pages_are_logged_whole(app: Flask) -> None:
    plain = re.compile(_regex(r'"~(\^\(\?<plain>.*?)" ').replace("?<", "?P<"))
    pages = [re.sub(r"<[^>]+>", "12", rule.rule) for rule in app.url_map.iter_rules()]
    assert [path for path in pages if not plain.match(path)] == []
    assert plain.match("/patients/12?next=x")["plain"] == "/patients/12"
    assert not plain.match(f"/x/{TOKEN}")


def _regex(pattern: str) -> str:
    found = re.search(pattern, SITE.read_text("utf-8"))
    assert found
    return found[1]


@pytest.mark.parametrize("status", [413, 429, 503])
def test_what_nginx_says_is_what_the_service_says(status: int) -> None:
    page = (DEPLOY / "nginx" / "pages" / f"{status}.html").read_text("utf-8")
    assert all(f">{words}<" in page for words in PAGES[status])
