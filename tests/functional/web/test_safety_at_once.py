"""The desk and a provider at the same patients at once, on PostgreSQL: nothing fails, and DD-18 holds all along."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.db import db
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import SHIPPED
from clinic_scheduler.models import Appointment, Course, Hold, OverrideRequest, Patient, Treatment
from clinic_scheduler.senders.memory import MemorySender
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor
from tests.functional.web.test_treatments import marks
from tests.integration.safety.invariant import faults
from tests.integration.safety.world import MONDAY, TODAY, World, opened
from tests.shared import Shared, lent

SECONDS = float(os.environ.get("MACHINE_SECONDS", "6"))
# What each does at least, however busy the machine; who has not come to it by then never will.
AT_LEAST = 3
PATIENCE_SECONDS = 60
Post = tuple[str, dict[str, Any]]
REASONS = {f"reason-{name}": next(iter(SHIPPED[name])) for name in Against}


@pytest.fixture
def world(shared_postgresql: Shared, tmp_path: Path) -> Iterator[World]:
    senders = {channel: MemorySender(channel) for channel in ("email", "sms")}
    app = shared_postgresql.emptied()
    with lent(app, tmp_path / "data", clock=FrozenClock(MONDAY), senders=senders):
        yield opened(app)


@dataclass
class User:
    """One browser, and what is done in it at random, by what there is at that moment."""

    world: World
    role: str
    chance: random.Random
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def works(self, until: float, begin: threading.Barrier) -> None:
        browser = Visitor(self.world.app.test_client())
        assert browser.sign_in(self.role).status_code == 302
        begin.wait(30)
        while time.monotonic() < until or self._is_behind(until):
            post = self.chance.choice(POSTED)(self)
            if post is None:
                continue
            address, fields = post
            try:
                answer = browser.post(address, **fields)
                if address.endswith("/treatments") and answer.status_code == 409:
                    answer = browser.post(address, **fields, seen=marks(answer.text))
            except Exception as error:
                self.wrong.append(f"{address} {fields}: {type(error).__name__}: {str(error)[:400]}")
                continue
            self.answers[f"{address.rpartition('/')[2]} {answer.status_code}"] += 1
            if answer.status_code >= 500:
                self.wrong.append(f"{address} {fields}: {answer.status_code}")

    def _is_behind(self, until: float) -> bool:
        return self.done < AT_LEAST and time.monotonic() < until + PATIENCE_SECONDS

    @property
    def done(self) -> int:
        """What was let through: a page follows."""
        return sum(number for what, number in self.answers.items() if what.endswith(" 302"))

    def one_of(self, column: Any, *where: Any) -> int | None:
        found = self.world.look(lambda s: s.scalars(select(column).where(*where).order_by(column)).all())
        return self.chance.choice(found) if found else None

    def pick(self, options: Sequence[Any]) -> Any:
        return self.chance.choice(options)

    def day(self) -> str:
        return (TODAY + timedelta(self.pick((0, 1, 2, 3, 20, 84, 85, 100)))).isoformat()

    def time(self) -> dict[str, Any]:
        """Few hours, so that the two often want the same."""
        provider = self.pick(self.world.providers)
        return {"provider": provider, "day": self.day(), "at": self.pick(("10:00", "10:15", "14:00"))}

    def decided(self) -> dict[str, str]:
        return self.pick(({}, REASONS, REASONS))


# --- what is posted: None where there is nothing to do it to -------------------------------------------------


def book(user: User) -> Post | None:
    asked = user.pick(({}, {}, {"ask": user.world.providers[0], "question": "please"}))
    form = {"kind": "injection", "key": f"k{user.chance.random()}"}
    return f"/courses/{user.one_of(Course.id)}/book", {**user.time(), **form, **asked, **user.decided()}


def book_slot(user: User) -> Post | None:
    return f"/courses/{user.one_of(Course.id)}/book-slot", {**slot(user), **user.decided()}


def slot(user: User) -> dict[str, str]:
    wanted = user.time()
    return {"slot": f"{wanted['provider']}_{wanted['day']}_{wanted['at']}:00", "view": "day"}


def _to_visit(action: str, /, **fields: Any) -> Callable[[User], Post | None]:
    def post(user: User) -> Post | None:
        visit = user.one_of(Appointment.id)
        chosen = {name: user.pick(value) for name, value in fields.items()}
        return None if visit is None else (f"/appointments/{visit}/{action}", {**chosen, **user.decided()})

    return post


def move(user: User) -> Post | None:
    visit = user.one_of(Appointment.id, Appointment.state == "booked")
    asked = user.pick(({}, {}, {"ask": user.world.providers[0], "question": "please"}))
    return (
        None if visit is None else (f"/appointments/{visit}/move", {**user.time(), **asked, **user.decided()})
    )


def answer(user: User) -> Post | None:
    waiting = user.one_of(OverrideRequest.id, OverrideRequest.state == "waiting")
    ending = user.pick(("allow", "allow", "decline", "withdraw"))
    fields = {"decline-note": "no", **REASONS}
    return None if waiting is None else (f"/requests/{waiting}/{ending}", fields)


def move_here(user: User) -> Post | None:
    visit = user.one_of(Appointment.id, Appointment.state == "booked")
    return None if visit is None else (f"/appointments/{visit}/move-here", {**slot(user), **user.decided()})


def _to_course(action: str, /, **fields: Any) -> Callable[[User], Post | None]:
    def post(user: User) -> Post | None:
        chosen = {name: user.pick(value) for name, value in fields.items()}
        return f"/courses/{user.one_of(Course.id)}/{action}", chosen

    return post


def record(user: User) -> Post | None:
    given = (TODAY - timedelta(user.pick((0, 1, 84, 90, 100, 112)))).isoformat()
    fields = {"given_on": given, "provider": user.world.providers[0], "product": "onabotulinumtoxinA"}
    more = {"units": user.pick(("155", "0", "300")), "outcome": "complete", "kind": "cycle"}
    key = {"key": f"t{user.chance.random()}", "accept_reason": "provider_decision"}
    return f"/courses/{user.one_of(Course.id)}/treatments", {**fields, **more, **key}


def release(user: User) -> Post | None:
    held = user.one_of(Hold.id)
    return None if held is None else (f"/holds/{held}/release", {})


def void(user: User) -> Post | None:
    given = user.one_of(Treatment.id, Treatment.voided_at.is_(None))
    return None if given is None else (f"/treatments/{given}/void", {"reason": "wrong_details"})


def undo_void(user: User) -> Post | None:
    given = user.one_of(Treatment.id, Treatment.voided_at.is_not(None))
    return None if given is None else (f"/treatments/{given}/void/undo", {})


def open_course(user: User) -> Post | None:
    fields = {
        "indication": user.pick(("chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb")),
        "product": user.pick(("onabotulinumtoxinA", "abobotulinumtoxinA")),
        "started_on": TODAY.isoformat(),
        "planned_units": user.pick(("100", "155", "300")),
        "provider": 0,
    }
    return f"/patients/{user.one_of(Patient.id)}/courses/new", fields


def merge(user: User) -> Post | None:
    return f"/patients/{user.one_of(Patient.id)}/merge/{user.one_of(Patient.id)}", {}


def unmerge(user: User) -> Post | None:
    other = user.one_of(Patient.id, Patient.merged_into_id.is_not(None))
    if other is None:
        return None
    keep = user.one_of(Patient.merged_into_id, Patient.id == other)
    return f"/patients/{keep}/merge/{other}/undo", {}


def moved_away(user: User) -> Post | None:
    ending = user.pick(("moved", "moved/undo", "moved/undo"))
    return f"/patients/{user.one_of(Patient.id)}/{ending}", {"on": TODAY.isoformat()}


POSTED: tuple[Callable[[User], Post | None], ...] = (
    *(book, book, book, book_slot, book_slot, move, move, move_here, answer, answer),
    *(
        _to_visit("arrived"),
        _to_visit("allow"),
        _to_visit("no-show"),
        _to_visit("cancel", reason=("illness",)),
    ),
    _to_visit("undo", what=("arrived", "noshow", "cancelled", "moved", "booked")),
    _to_visit("undo", what=("cancelled", "moved")),
    *(record, void, undo_void, open_course, merge, unmerge, moved_away),
    _to_course("hold", starts_on=(TODAY.isoformat(),), ends_on=("",), reason=("infection",)),
    *(release, release),
    _to_course("stop", stopped_on=(TODAY.isoformat(),), reason=("no benefit",)),
    _to_course(
        "plan", provider=(0,), planned_units=("100", "155", "401"), authorization_required=("", "yes")
    ),
)


# --- the test ------------------------------------------------------------------------------------------------


def faults_now(world: World) -> list[str]:
    """As of one moment, between two commits."""
    with world.app.app_context():
        session = db.session()
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return faults(session, world.now)


def test_two_users_at_once(world: World) -> None:
    seed = random.randrange(10**6)
    until = time.monotonic() + SECONDS
    users = [User(world, role, random.Random(seed + n)) for n, role in enumerate(("front_desk", "provider"))]
    begin, seen = threading.Barrier(len(users)), []
    with ThreadPoolExecutor(len(users)) as threads:
        working = [threads.submit(user.works, until, begin) for user in users]
        while not all(each.done() for each in working):
            seen += faults_now(world)
            time.sleep(0.25)
        for each in working:
            each.result()
    assert [user.wrong for user in users] == [[], []], f"seed {seed}"
    assert seen == [], f"seed {seed}"
    assert faults_now(world) == [], f"seed {seed}"
    assert all(user.done >= AT_LEAST for user in users), [user.answers for user in users]
