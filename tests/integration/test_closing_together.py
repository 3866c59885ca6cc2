"""A day closed, for one provider or for all, while somebody books on it: one of the two knows of the other."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.queries.schedule.closed_days import visits_on_closed_days
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.closures import close_days
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests.integration.house import TODAY, House, at

FRIDAY = date(2026, 11, 27)
# Long enough that whoever does not wait is done; only a fault makes the test wait for less than this.
WAITS_SECONDS = 1.0


class Meanwhile(threading.Thread):
    """Somebody else's work; `refused` is what it was told, `done` whether it came to its end."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work, self.refused, self.done = work, "", False

    def run(self) -> None:
        try:
            self.work()
        except BookingRefused as refusal:
            self.refused = refusal.rule
        self.done = True

    def begun(self) -> "Meanwhile":
        self.start()
        self.join(WAITS_SECONDS)
        return self

    def ended(self) -> "Meanwhile":
        self.join(60)
        assert self.done
        return self


def close(house: House, session: Any, provider_id: int | None) -> None:
    close_days(
        Change(session, house.cast.actor, house.now), FRIDAY, FRIDAY, "Thanksgiving", provider_id=provider_id
    )


def book(house: House, session: Any) -> None:
    request = BookingRequest(house.cast.course_id, house.cast.provider_id, at(FRIDAY, 9))
    appointments.book(Change(session, house.cast.actor, house.now), request)


@pytest.fixture(params=["clinic", "provider"])
def whose(request: pytest.FixtureRequest, house: House) -> int | None:
    return house.cast.provider_id if request.param == "provider" else None


def test_who_books_meanwhile_finds_the_day_closed(house: House, whose: int | None) -> None:
    booking = Meanwhile(lambda: house.change(lambda session: book(house, session)))

    def closing(session: Any) -> None:
        close(house, session, whose)
        assert not booking.begun().done

    house.change(closing)
    assert booking.ended().refused == "closure"
    assert house.occupied() == []


def test_who_closes_meanwhile_finds_the_visit_on_the_list(house: House, whose: int | None) -> None:
    closing = Meanwhile(lambda: house.change(lambda session: close(house, session, whose)))

    def booking(session: Any) -> None:
        book(house, session)
        session.flush()
        assert not closing.begun().done

    house.change(booking)
    closing.ended()
    found = house.change(
        lambda session: [
            visit.local_date for visit, _ in visits_on_closed_days(session, house.cast.clinic_id, TODAY)
        ]
    )
    assert found == [FRIDAY]
