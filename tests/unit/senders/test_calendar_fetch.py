"""Reading a calendar from an address somebody typed: only public, only https, small and soon; redirects likewise."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clinic_scheduler.domain.calendars.remote_url import CalendarAddress, read_address
from clinic_scheduler.senders.base import CalendarNotFetched
from clinic_scheduler.senders.calendar_fetch import CalendarFetcher, is_public

from .certificates import serving, trusting

SECRET = "token-7f3a"
ADDRESS = f"https://rota.example.org/{SECRET}.ics"
ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class Rota(ThreadingHTTPServer):
    """A calendar's server on this machine; `answer` writes what it says."""

    daemon_threads = True

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.socket = serving(certificate).wrap_socket(self.socket, server_side=True)
        self.asked: list[tuple[str, str, str | None]] = []
        self.answer: Callable[[Request], None] = lambda request: request.say(200, ICS, ETag='"1"')

    def handle_error(self, *_about: object) -> None:
        """Who hung up is no error here."""


class Request(BaseHTTPRequestHandler):
    server: Rota

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Host"], self.path, self.headers["If-None-Match"]))
        self.server.answer(self)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Quiet."""


@pytest.fixture
def rota(certificate: Path) -> Iterator[Rota]:
    server = Rota(certificate)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(rota: Rota, certificate: Path) -> CalendarFetcher:
    """The product's own, but that this machine's port and address pass for public ones."""

    def on_this_port(text: str) -> CalendarAddress:
        return replace(read_address(text), port=rota.server_port)

    return CalendarFetcher(
        on_this_port,
        look_up=lambda _host, _port: ["127.0.0.1"],
        is_public=lambda address: address == "127.0.0.1",
        tls=lambda: trusting(certificate),
        seconds=5,
    )


def refusal(fetch: CalendarFetcher, url: str = ADDRESS) -> str:
    with pytest.raises(CalendarNotFetched) as refused:
        fetch(url)
    words = str(refused.value)
    assert SECRET not in words
    assert len(words) <= 120
    return words


def test_it_asks_by_name_and_is_told_when_nothing_changed(rota: Rota, fetch: CalendarFetcher) -> None:
    answer = fetch(ADDRESS)
    assert (answer.content, answer.etag) == (ICS, '"1"')
    assert "VCALENDAR" not in repr(answer)
    rota.answer = lambda request: request.say(304)
    assert fetch(ADDRESS, '"1"').content is None
    host = f"rota.example.org:{rota.server_port}"
    assert rota.asked == [(host, f"/{SECRET}.ics", None), (host, f"/{SECRET}.ics", '"1"')]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::", "::1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
        *("64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1"),
    ],
)
def test_addresses_within_a_house_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_a_name_with_any_address_within_the_house_is_never_asked(rota: Rota, fetch: CalendarFetcher) -> None:
    inward = replace(fetch, look_up=lambda _host, _port: ["127.0.0.1", "10.0.0.8"])
    assert "public internet" in refusal(inward)
    assert "public internet" in refusal(replace(fetch, is_public=is_public))
    assert rota.asked == []


def test_a_name_that_points_elsewhere_a_moment_later_changes_nothing(
    rota: Rota, fetch: CalendarFetcher
) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    assert replace(fetch, look_up=rebinding)(ADDRESS).content == ICS
    assert asked == ["rota.example.org"]  # once: what was checked is what is spoken to


def test_a_redirect_is_followed_and_checked_like_the_first_address(
    rota: Rota, fetch: CalendarFetcher
) -> None:
    def moved(request: Request) -> None:
        if request.path == "/new.ics":
            request.say(200, ICS)
        else:
            request.say(302, Location="/new.ics")

    rota.answer = moved
    assert fetch(ADDRESS).content == ICS

    def inside(host: str, _port: int) -> list[str]:
        return ["10.0.0.8"] if host == "intranet.example.org" else ["127.0.0.1"]

    guarded = replace(fetch, look_up=inside)
    for target, words in [
        ("https://intranet.example.org/a.ics", "public internet"),
        ("http://rota.example.org/a.ics", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
        ("https://a:b@rota.example.org/", "no password"),
    ]:
        rota.answer = lambda request, target=target: request.say(302, Location=target)  # type: ignore[misc]
        assert words in refusal(guarded)


def test_redirects_in_a_ring_end(rota: Rota, fetch: CalendarFetcher) -> None:
    rota.answer = lambda request: request.say(307, Location=ADDRESS)
    assert "from address to address" in refusal(fetch)
    assert len(rota.asked) == 4


def test_what_is_too_large_is_given_up_early(rota: Rota, fetch: CalendarFetcher) -> None:
    def endless(request: Request) -> None:
        request.say(200)
        while True:
            request.wfile.write(b"x" * 65536)

    rota.answer = endless
    assert "larger than 5 MB" in refusal(fetch)


@pytest.mark.parametrize("drip", [b"x", b"X-Slow: 1\r\n"], ids=["body", "headers"])
def test_an_answer_that_trickles_ends_when_its_time_is_up(
    rota: Rota, fetch: CalendarFetcher, drip: bytes
) -> None:
    def trickle(request: Request) -> None:
        if drip == b"x":
            request.say(200)
        else:
            request.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while True:
            request.wfile.write(drip)
            time.sleep(0.05)

    rota.answer = trickle  # which never ends by itself
    assert "took too long" in refusal(replace(fetch, seconds=0.6))


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (403, {}, "refuses to show it (403)"),
        (410, {}, "no calendar at that address any more (410)"),
        (500, {}, "answers with an error (500)"),
        (200, {"Content_Encoding": "gzip"}, "not asked for"),
        (200, {"Content_Length": "9000"}, "could not be reached"),  # cut off in the middle
    ],
)
def test_other_answers_are_failures_in_plain_words(
    rota: Rota, fetch: CalendarFetcher, status: int, headers: dict[str, str], words: str
) -> None:
    rota.answer = lambda request: request.say(status, ICS, **headers)
    assert words in refusal(fetch)


def test_a_certificate_nobody_vouches_for_is_refused(rota: Rota, certificate: Path) -> None:
    plain = CalendarFetcher(
        lambda text: replace(read_address(text), port=rota.server_port),
        look_up=lambda _host, _port: ["127.0.0.1"],
        is_public=lambda _address: True,
    )
    assert "no valid certificate" in refusal(plain)
    assert rota.asked == []


def test_a_server_that_is_not_there_and_a_name_nobody_has_are_failures(
    rota: Rota, fetch: CalendarFetcher
) -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    assert "could not be reached" in refusal(replace(fetch, look_up=unknown))
    closed = replace(fetch, read_address=lambda text: replace(read_address(text), port=1))
    assert "could not be reached" in refusal(closed)
