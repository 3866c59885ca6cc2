"""What pages offer: their links and forms, each under the route it leads to; no tests here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

Fields = list[tuple[str, str]]
MOST_OF_ONE_ROUTE = 3


@dataclass(frozen=True)
class Offer:
    """One link or form: where it leads, what it sends, and the names of its fields that take a file."""

    path: str
    query: Fields
    fields: Fields
    files: tuple[str, ...] = ()


@dataclass
class Offers:
    """By (endpoint, method); `names` are those of all fields anywhere."""

    by_route: dict[tuple[str, str], list[Offer]] = field(default_factory=lambda: defaultdict(list))
    names: set[str] = field(default_factory=set)

    def add(self, route: tuple[str, str], offer: Offer) -> bool:
        known = self.by_route[route]
        self.names.update(name for name, _ in (*offer.query, *offer.fields))
        if len(known) >= MOST_OF_ONE_ROUTE or any(offer.path == each.path for each in known):
            return False
        known.append(offer)
        return True


class _Page(HTMLParser):
    """Collects (method, action, fields, file fields)."""

    def __init__(self) -> None:
        super().__init__()
        self.offers: list[tuple[str, str, Fields, list[str]]] = []
        self._form: tuple[str, str, Fields, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "a" and have.get("href"):
            self.offers.append(("GET", have["href"], [], []))
        elif tag == "form":
            self._form = (have.get("method", "get").upper(), have.get("action", ""), [], [])
            self.offers.append(self._form)
        elif self._form and have.get("name"):
            if have.get("type") == "file":
                self._form[3].append(have["name"])
            else:
                self._select = have["name"]
                if tag != "select":
                    self._form[2].append((have["name"], have.get("value", "")))
        elif self._form and tag == "option" and self._select:
            self._form[2].append((self._select, have.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def collect(app: Flask, client: FlaskClient, found: Offers, first: Iterable[str]) -> None:
    """What can be reached from there by links goes to what was `found` before, a few of each route."""
    waiting, adapter = [*first], app.url_map.bind("localhost")
    while waiting:
        at = waiting.pop(0)
        answer = client.get(at, follow_redirects=True, buffered=True)
        if answer.mimetype != "text/html":
            continue
        for method, offer in _offered(answer.text, at):
            try:
                endpoint, _ = adapter.match(offer.path, method)
            except (HTTPException, RequestRedirect):
                continue
            kept = Offer(offer.path, offer.query, offer.fields, offer.files)
            if found.add((endpoint, method), kept) and method == "GET":
                waiting.append(_address(kept))


def _offered(html: str, at: str) -> Iterator[tuple[str, Offer]]:
    page = _Page()
    page.feed(html)
    for method, action, fields, files in page.offers:
        parts = urlsplit(action or at)
        if parts.netloc or parts.scheme:
            continue
        query = parse_qsl(parts.query, keep_blank_values=True)
        sent = [pair for pair in fields if pair[0] != "csrf_token"]
        if method == "GET":
            query, sent = [*query, *sent], []
        yield method, Offer(parts.path or urlsplit(at).path, query, sent, tuple(files))


def _address(offer: Offer) -> str:
    return offer.path + (
        "?" + "&".join(f"{name}={value}" for name, value in offer.query) if offer.query else ""
    )
