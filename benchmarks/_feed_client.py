"""Asks one address over a few kept connections: `python -m benchmarks._feed_client URL SECONDS [ETAG]`; prints JSON.

Requests come from many readers' addresses, as a proxy in front would tell, so that none meets the limiter.
"""

import json
import sys
import threading
from collections import Counter
from http.client import HTTPConnection
from itertools import count
from time import perf_counter
from urllib.parse import urlsplit

CONNECTIONS = 8
READERS = 256


def ask(
    url: str, until: float, headers: dict[str, str], numbers: "count[int]", answers: Counter[str]
) -> None:
    """Ask until then, and count answers by status and by bytes of their bodies."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    while perf_counter() < until:
        headers["X-Forwarded-For"] = f"10.0.0.{next(numbers) % READERS}"
        connection.request("GET", parts.path, headers=headers)
        answer = connection.getresponse()
        answers[f"{answer.status} {len(answer.read())}"] += 1
    connection.close()


def main(url: str, seconds: str, etag: str = "") -> None:
    headers = {"If-None-Match": etag} if etag else {}
    numbers, answers = count(), [Counter[str]() for _ in range(CONNECTIONS)]
    started = perf_counter()
    until = started + float(seconds)
    threads = [
        threading.Thread(target=ask, args=(url, until, dict(headers), numbers, own)) for own in answers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = sum(answers, Counter[str]())
    print(json.dumps({"seconds": perf_counter() - started, "answers": total}))


if __name__ == "__main__":
    main(*sys.argv[1:])
