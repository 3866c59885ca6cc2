"""Twilio's API for messages on this machine: it takes, lists and fails as a test tells it. No tests here."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .gateway import Answer, Gateway, running, status

ACCOUNT = "AC" + "0" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@dataclass
class TwilioApi:
    """`listed` is what a look-up finds; `fails` answers in place of the usual, `keeps` the text all the same."""

    listed: list[dict[str, Any]] = field(default_factory=list)
    fails: Answer | None = None
    keeps: bool = False
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self._answer)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.gateway.port}"

    @property
    def posted(self) -> list[dict[str, str]]:
        forms = [parse_qs(body.decode()) for _, _, body in self.gateway.requests if body]
        return [{name: values[0] for name, values in form.items()} for form in forms]

    def keep(self, to: str, body: str, **changes: Any) -> None:
        entry = {"sid": f"SM{len(self.listed):032}", "to": to, "body": body, "direction": "outbound-api"}
        self.listed.append(entry | {"date_created": "Fri, 20 Nov 2026 17:00:30 +0000"} | changes)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "POST" and (self.fails is None or self.keeps):
            form = self.posted[-1]
            self.keep(form["To"], form["Body"])
        if self.fails is not None:
            self.fails(handler)
        elif handler.command == "POST":
            status(201, json.dumps(self.listed[-1]).encode())(handler)
        else:
            to = parse_qs(urlsplit(handler.path).query)["To"][0]
            found = [entry for entry in self.listed if entry["to"] == to]
            page = {"messages": found, "next_page_uri": None, "page": 0, "page_size": 50}
            status(200, json.dumps(page).encode())(handler)


def refused(code: int, http: int = 400) -> Answer:
    said = {"code": code, "message": "about +16025550123", "more_info": "https://example.org", "status": http}
    return status(http, json.dumps(said).encode())


@contextmanager
def serving_twilio(api: TwilioApi, context: ssl.SSLContext) -> Iterator[TwilioApi]:
    with running(api.gateway, context):
        yield api
