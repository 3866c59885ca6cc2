"""Web and worker under mixed traffic for a while: memory and descriptors stay flat, and no page fails."""

import socket
import statistics
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path

from benchmarks._booking_client import Desk
from clinic_scheduler.clock import SystemClock
from clinic_scheduler.db import unit_of_work
from tests import databases, factories
from tests.chaos.figures import Figures
from tests.chaos.place import Place
from tests.integration.outbox.rig import START
from tests.integration.outbox.world import crowd, open_world

NAME = "steady traffic"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 300
SECONDS, LEAST = 90, 40
PAGES = (
    "/due",
    "/schedule",
    "/patients",
    "/messages",
    "/work-list",
    "/patients/1",
    "/courses.csv",
    "/nowhere",
)
# Of the middle against the end; what a process takes at first does not count.
GROWTH, DESCRIPTORS = 1.10, 8
DESKS = 4


def run(place: Place) -> Figures:
    seconds = max(LEAST, place.options.get("minutes", 0) * 60 or SECONDS)
    with databases.opened(place.address, place.folder / "made") as app:
        world = open_world(app)
        crowd(world, MESSAGES - 1)
        with app.app_context(), unit_of_work() as session:
            factories.staff(session, world.actor, SystemClock().now(), "front_desk")
    place.set_clock(START)
    port = free_port()
    with place.mail():
        url = f"http://127.0.0.1:{port}"
        gunicorn = ("-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4")
        place.process(
            [sys.executable, *gunicorn, "--no-control-socket", "--bind", f"127.0.0.1:{port}", "wsgi:app"],
            BASE_URL=url,
        )
        place.worker(BASE_URL=url)
        answers, sizes = Counter[int](), list[tuple[int, int]]()
        place.until(lambda: answered(url), 60)
        end = time.monotonic() + seconds
        desks = [threading.Thread(target=work, args=(url, number, end, answers)) for number in range(DESKS)]
        for desk in desks:
            desk.start()
        while time.monotonic() < end:
            sizes.append(sizes_of(place))
            time.sleep(1)
        for desk in desks:
            desk.join()
        figures = place.quiet(MESSAGES, 60)
    return figures.noted(said(answers, sizes), wrong=grown(answers, sizes))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(url: str) -> bool:
    with suppress(OSError, HTTPException):
        return Desk(url).ask("GET", "/sign-in") == 200
    return False


def work(url: str, number: int, end: float, answers: Counter[int]) -> None:
    """One desk: pages in turn, and a booking now and then that may be refused for good reasons."""
    desk = Desk(url)
    desk.sign_in("front_desk@example.org", factories.PASSWORD)
    asked = number
    while time.monotonic() < end:
        asked += 1
        if asked % 10:
            answers[desk.ask("GET", PAGES[asked % len(PAGES)])] += 1
        else:
            answers[desk.ask("POST", f"/courses/{1_000 + asked % (MESSAGES - 1)}/book", booking(asked))] += 1


def booking(asked: int) -> dict[str, str]:
    day = (SystemClock().now() + timedelta(days=7 + asked % 60)).date()
    at = f"{9 + asked % 8:02}:{5 * (asked % 12):02}"
    return {"provider": "1", "day": day.isoformat(), "at": at, "kind": "injection"}


def sizes_of(place: Place) -> tuple[int, int]:
    """(kilobytes in memory, open descriptors) of every process the place has started, and theirs."""
    pids = [pid for process in place.running for pid in family(process.pid)]
    memory = descriptors = 0
    for pid in pids:
        with suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            memory += int(status.partition("VmRSS:")[2].split()[0])
            descriptors += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return memory, descriptors


def family(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(each for child in children for each in family(int(child)))]
    return [pid]


def thirds(sizes: list[tuple[int, int]], which: int) -> tuple[float, float]:
    """The medians of the middle third (1) and of the last (2)."""
    third = len(sizes) // 3
    part = sizes[which * third : (which + 1) * third]
    return statistics.median(m for m, _ in part), statistics.median(d for _, d in part)


def said(answers: Counter[int], sizes: list[tuple[int, int]]) -> str:
    (memory, descriptors), (later, open_) = thirds(sizes, 1), thirds(sizes, 2)
    megabytes = f"{memory / 1024:.0f} to {later / 1024:.0f} MB"
    return f"{answers.total()} requests, {megabytes}, {descriptors:.0f} to {open_:.0f} descriptors"


def grown(answers: Counter[int], sizes: list[tuple[int, int]]) -> str:
    (memory, descriptors), (later, open_) = thirds(sizes, 1), thirds(sizes, 2)
    failed = sum(number for status, number in answers.items() if status >= 500)
    wrong = [f"{failed} answers of 500 and more"] if failed else []
    if later > memory * GROWTH:
        wrong.append("memory grows")
    if open_ > descriptors + DESCRIPTORS:
        wrong.append("descriptors grow")
    return "; ".join(wrong)
