"""How soon pages come while 200 clients send half a request each: `python -m benchmarks.slow_clients [--clients N]`.

nginx and gunicorn as deploy/ has them, on one machine with the clients. The sign-in page and /healthz are asked for in
turn by new connections, without the slow clients and beside them; whoever nginx lets go comes again at once. Status 1
where the slowest of a hundred answers took a second or more, or a page did not come.
"""

import argparse
import contextlib
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from tests import databases
from tests.functional.deploy.front import Front, front

ASKED = 300
PAGES = ("/sign-in", "/healthz")
MOST_SECONDS = 1.0


@contextmanager
def slow_clients(servers: Front, count: int) -> Iterator[None]:
    """As many as said, for the length of the block, from the moment the last has sent its half."""
    ended = threading.Event()
    begun = [threading.Event() for _ in range(count)]

    def hold(number: int) -> None:
        while not ended.is_set():
            with servers.half_sent(number) as half:
                begun[number].set()
                half.settimeout(0.2)
                held = True
                while held and not ended.is_set():
                    try:
                        held = bool(half.recv(4096))
                    except TimeoutError:
                        continue
                    except OSError:
                        held = False

    threads = [threading.Thread(target=hold, args=[number]) for number in range(count)]
    try:
        for thread in threads:
            thread.start()
        for each in begun:
            each.wait()
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def measure(servers: Front, name: str) -> bool:
    took = []
    failed = 0
    for number in range(ASKED):
        began = time.perf_counter()
        failed += servers.ask(PAGES[number % len(PAGES)]).status != 200
        took.append(time.perf_counter() - began)
    slowest = quantiles(took, n=100)[98]
    well = slowest < MOST_SECONDS and not failed
    figures = (
        f"median {median(took) * 1000:5.0f} ms, p99 {slowest * 1000:5.0f} ms, most {max(took) * 1000:5.0f} ms"
    )
    print(f"{name:<22}{ASKED} pages, {failed} failed: {figures}  {'ok' if well else 'TOO SLOW'}")
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    count = parser.parse_args().clients
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as held:
        databases.migrate_sqlite_in(Path(name))
        servers = held.enter_context(front(databases.sqlite_address(Path(name) / databases.SQLITE_FILE)))
        alone = measure(servers, "no slow clients")
        held.enter_context(slow_clients(servers, count))
        beside = measure(servers, f"beside {count} of them")
    return 0 if alone and beside else 1


if __name__ == "__main__":
    sys.exit(main())
