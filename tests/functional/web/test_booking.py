"""From the due list to a booked visit and back: book, refuse, override, move, cancel, undo."""

from datetime import timedelta

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

MORNING = {"day": "2026-11-24", "at": "09:00"}


def visits(app: Flask) -> list[tuple[str, str]]:
    """(state, local start) of every visit, oldest first."""
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Appointment).order_by(Appointment.id)
        return [(row.state, f"{row.local_date} {row.local_time:%H:%M}") for row in rows]


def test_the_desk_home_is_the_due_list(desk: Visitor, cast: factories.Cast) -> None:
    assert desk.get("/").location == "/due"
    page = words(desk.get("/due"))
    assert "To book 1" in page
    assert "OKONKWO, Adaeze" in page
    assert "Due now" in page
    assert "23-Nov to 30-Nov Due 23-Nov-2026" in page
    assert "155 U 31-Aug-2026" in page


def test_a_suggested_time_books_with_one_press_and_undo_takes_it_back(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    page = desk.get(f"/courses/{cast.course_id}/book")
    assert "Mon 23-Nov-2026 09:15, Dr Amara Reid" in words(page)
    assert page.text.count('class="good"') == 5
    assert 'class="blk' not in page.text
    answer = desk.post(
        f"/courses/{cast.course_id}/book",
        provider=cast.provider_id,
        day="2026-11-23",
        at="09:15",
        key=desk.key,
    )
    assert answer.location == "/due"
    listed = desk.get("/due")
    assert "Booked OKONKWO, Adaeze, Mon 23-Nov-2026 09:15" in words(listed)
    assert "To book 0" in words(listed)
    assert "Booked 1" in words(listed)
    assert "OKONKWO" not in desk.get("/due").text  # the line is shown once
    assert desk.post("/appointments/1/undo").location == "/due"
    assert "Booking taken back" in words(desk.get("/due"))
    assert visits(app) == [("cancelled", "2026-11-23 09:15")]


def test_the_same_form_sent_twice_books_once(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    desk.get(f"/courses/{cast.course_id}/book")
    for _ in range(2):
        answer = desk.post(
            f"/courses/{cast.course_id}/book", provider=cast.provider_id, key="one-form", **MORNING
        )
        assert answer.status_code == 302
    assert visits(app) == [("booked", "2026-11-24 09:00")]


def test_beside_an_open_visit_no_time_is_offered_but_its_move(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/book"
    desk.post(address, provider=cast.provider_id, key="one-form", **MORNING)
    page = desk.get(address)
    assert "Booked already Tue 24-Nov-2026 09:00, Dr Amara Reid" in words(page)
    assert 'href="/appointments/1/move"' in page.text
    assert "Suggested times" not in words(page)
    assert "Suggested times" in words(desk.get(f"{address}?kind=consultation"))


def test_a_year_that_is_a_slip_of_the_finger_is_said_to_be_one(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/book"
    typed = {"provider": cast.provider_id, "day": "9999-12-31", "at": "09:00"}
    answer = desk.post(address, key="one-form", **typed)
    assert (answer.status_code, "Check the year of this date" in words(answer)) == (422, True)
    assert desk.get(f"{address}?day=9999-12-31&at=09:00&provider={cast.provider_id}").status_code == 200
    answer = desk.post(address, key="one-form", **typed | {"day": "2126-11-24"})
    assert (answer.status_code, "Check the year. " in words(answer)) == (409, True)


def test_a_form_sent_again_after_undo_is_no_success(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    address = f"/courses/{cast.course_id}/book"
    desk.post(address, provider=cast.provider_id, key="one-form", **MORNING)
    desk.post("/appointments/1/undo")
    again = desk.post(address, provider=cast.provider_id, key="one-form", **MORNING)
    assert again.status_code == 409
    assert "Nothing was booked" in words(again)
    fresh = desk.post(address, provider=cast.provider_id, key="another", **MORNING)
    assert fresh.status_code == 302
    assert [state for state, _ in visits(app)] == ["cancelled", "booked"]


def test_a_taken_time_is_refused_with_what_was_typed_kept(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        other = factories.person(
            session, cast.actor, clock.now(), mrn="A-200", family_name="Harris", given_name="Tom"
        )
        course = factories.migraine(
            session,
            cast.actor,
            clock.now(),
            other,
            provider_id=cast.provider_id,
            started_on=factories.local_day(clock.now()),
        )
        other_course = course.id
    desk.post(f"/courses/{other_course}/book", provider=cast.provider_id, **MORNING)
    answer = desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, **MORNING)
    assert answer.status_code == 409
    assert "<title>Error: Book a visit" in answer.text
    page = words(answer)
    assert "There is a problem" in page
    assert "09:00 on 24-Nov-2026 is taken. Nothing was booked. Choose another time." in page
    assert "Tue 24-Nov-2026 09:30, Dr Amara Reid" in page  # an alternative
    assert 'value="2026-11-24"' in answer.text
    assert 'value="09:00"' in answer.text


WRONG = [
    ({"day": "2026-11-24", "at": ""}, "Enter a time, such as 10:30"),
    ({"day": "soon", "at": "09:00"}, "Not a valid date value"),
    ({"day": "2026-11-24", "at": "09:00", "provider": "99"}, "Not a valid choice"),
    ({"day": "2026-11-24", "at": "09:00", "provider": "x"}, "Invalid Choice"),
]


def test_a_form_filled_in_wrongly_says_so_beside_the_field(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    for fields, message in WRONG:
        answer = desk.post(f"/courses/{cast.course_id}/book", **{"provider": str(cast.provider_id), **fields})
        assert answer.status_code == 422, fields
        assert words(answer).count(message) == 2, fields  # in the summary and beside the field
        assert 'aria-invalid="true"' in answer.text, fields
    assert visits(app) == []


EARLY = {"day": "2026-11-24", "at": "10:00"}


def too_early(cast: factories.Cast, app: Flask, clock: FrozenClock) -> int:
    """A second patient's course, treated only a month ago."""
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        patient = factories.person(session, cast.actor, now, mrn="A-300", family_name="Lee", given_name="Min")
        course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
        factories.treat(session, cast.actor, now, course, factories.local_day(now).replace(month=10))
        return course.id


def test_the_desk_may_not_book_before_the_earliest_date(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    course_id = too_early(cast, app, clock)
    answer = desk.post(f"/courses/{course_id}/book", provider=cast.provider_id, **EARLY)
    assert answer.status_code == 409
    said = words(answer)
    assert "1 thing stops a visit on Tue 24-Nov-2026 Too early" in said
    assert "The earliest is Friday, January 15, 2027: 12 weeks (84 days) after 23-Oct-2026" in said
    assert "The first good day is Friday, January 15, 2027." in said
    assert "Fri 15-Jan-2027 09:00, Dr Amara Reid" in said
    assert "DD-" not in said
    assert 'name="reason-too_early"' not in answer.text
    assert 'name="ask"' in answer.text
    forced = desk.post(
        f"/courses/{course_id}/book",
        **{"provider": cast.provider_id, "reason-too_early": "travel", **EARLY},
    )
    assert forced.status_code == 409
    assert "Only a provider may override" in words(forced)
    assert visits(app) == []


def test_a_provider_overrides_by_name_with_a_coded_reason(
    provider: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    address = f"/courses/{too_early(cast, app, clock)}/book"
    wanted = {"provider": cast.provider_id, **EARLY}
    without = provider.post(address, **wanted)
    assert without.status_code == 409
    assert 'name="reason-too_early"' in without.text
    assert "Allow and book, as" in words(without)
    other_name = provider.post(address, **wanted, **{"reason-on_hold": "reason_ended"})
    assert other_name.status_code == 409
    unknown = provider.post(address, **wanted, **{"reason-too_early": "hurry", "note-too_early": "Flies out"})
    assert unknown.status_code == 422
    assert 'value="Flies out"' in unknown.text
    assert visits(app) == []
    reason = {"reason-too_early": "travel", "note-too_early": "Flies out"}
    answer = provider.post(address, **wanted, **reason)
    assert answer.status_code == 302
    assert "Booked 24-Nov-2026" in words(provider.get("/due?tab=booked"))
    day = words(provider.get("/schedule?day=2026-11-24"))
    assert "Booked on day 32: Travel. Flies out (Provider)" in day


def test_the_desk_asks_and_the_time_is_held(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    course_id = too_early(cast, app, clock)
    asked = desk.post(
        f"/courses/{course_id}/book",
        provider=cast.provider_id,
        ask=cast.provider_id,
        question="Flies out on Friday",
        **EARLY,
    )
    assert asked.status_code == 302
    assert visits(app) == [("proposed", "2026-11-24 10:00")]
    assert "Held until the provider answers" in words(desk.get("/due"))
    taken = desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, **EARLY)
    assert taken.status_code == 409


def test_a_visit_is_moved(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, **MORNING)
    panel = desk.get("/appointments/1/move")
    assert "Now booked Tue 24-Nov-2026 09:00, Dr Amara Reid" in words(panel)
    refused = desk.post("/appointments/1/move", provider=cast.provider_id, day="2026-11-24", at="03:00")
    assert refused.status_code == 409
    assert "does not inject at that time" in words(refused)
    answer = desk.post("/appointments/1/move", provider=cast.other_provider_id, day="2026-11-25", at="14:00")
    assert answer.location == "/schedule?day=2026-11-25"
    assert "Moved OKONKWO, Adaeze" in words(desk.get(answer.location))
    assert visits(app) == [("booked", "2026-11-25 14:00")]


def test_a_visit_is_cancelled_for_a_reason(desk: Visitor, cast: factories.Cast, app: Flask) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, **MORNING)
    assert "Cancel Tue 24-Nov-2026 09:00" in words(desk.get("/appointments/1/cancel"))
    assert desk.post("/appointments/1/cancel", reason="whim").status_code == 422
    answer = desk.post("/appointments/1/cancel", reason="illness")
    assert "Cancelled OKONKWO, Adaeze" in words(desk.get(answer.location))
    assert visits(app) == [("cancelled", "2026-11-24 09:00")]
    again = desk.post("/appointments/1/cancel", reason="illness")
    assert again.status_code == 409
    assert "already cancelled" in words(again)


def test_a_day_shows_who_is_here_and_who_did_not_come(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-23", at="09:15")
    day = desk.get("/schedule?day=2026-11-23&visit=1")
    assert "Mon 23-Nov-2026" in words(day)
    assert "Did not attend" not in words(day)  # not before its time
    assert desk.post("/appointments/1/no-show").status_code == 409
    assert "Arrived 09:00" in words(desk.post("/appointments/1/arrived", follow_redirects=True))
    assert visits(app) == [("arrived", "2026-11-23 09:15")]
    assert "Mon 23-Nov-2026" in words(desk.get("/schedule?day=nonsense"))  # today, rather than a failure


def test_a_visit_whose_time_came_may_be_a_no_show(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-23", at="09:15")
    clock.move(timedelta(minutes=20))
    assert "Did not attend" in words(desk.get("/schedule?visit=1"))
    answer = desk.post("/appointments/1/no-show")
    assert "Did not attend OKONKWO, Adaeze" in words(desk.get(answer.location))
    assert visits(app) == [("noshow", "2026-11-23 09:15")]


def test_a_number_beyond_every_column_is_refused_in_words(
    desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    """No row has such a number: it is no provider, and the page about no treatment is the course's own."""
    beyond = str(10**20)
    booking = desk.post(f"/courses/{cast.course_id}/book", **MORNING, provider=beyond)
    assert booking.status_code == 422
    assert "Not booked" in words(booking)
    assert desk.get(f"/courses/{cast.course_id}/next?treatment={beyond}").status_code == 200
    assert visits(app) == []
