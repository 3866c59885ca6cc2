"""Books over a few kept connections: `python -m benchmarks._booking_client URL FILE [EMAIL PASSWORD]`; prints JSON.

FILE holds the requests, each {"path": ..., "fields": {...}}. With EMAIL, each connection signs in first, uncounted.
"""

import json
import re
import sys
import threading
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any
from urllib.parse import urlencode, urlsplit

CONNECTIONS = 8
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Desk:
    """One kept connection, with its cookies and the token of its forms."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> int:
        """The status of the answer."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields | {"csrf_token": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = TOKEN.search(text)
        self.token = found[1] if found else self.token
        return answer.status

    def sign_in(self, email: str, password: str) -> None:
        self.ask("GET", "/sign-in")
        assert self.ask("POST", "/sign-in", {"email": email, "password": password}) == 302
        self.ask("GET", "/patients")


def work(desk: Desk, waiting: "SimpleQueue[dict[str, Any]]", answers: Counter[int]) -> None:
    while True:
        try:
            each = waiting.get_nowait()
        except Empty:
            return
        answers[desk.ask("POST", each["path"], each["fields"])] += 1


def main(url: str, file: str, *account: str) -> None:
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    for each in json.loads(Path(file).read_text()):
        waiting.put(each)
    desks = [Desk(url) for _ in range(CONNECTIONS)]
    for desk in desks:
        if account:
            desk.sign_in(*account)
    answers = [Counter[int]() for _ in desks]
    started = perf_counter()
    threads = [
        threading.Thread(target=work, args=(desk, waiting, own))
        for desk, own in zip(desks, answers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": perf_counter() - started, "answers": sum(answers, Counter[int]())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
