"""Contacts from the due list in two presses: logged, resting, taken back, counted, decided upon; order and file."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, ContactAttempt, Course
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


def press(desk: Visitor, cast: factories.Cast, what: str = "phone:no_answer", **more: str) -> str:
    """The list afterwards, in words."""
    fields = {"hide_until": "2026-11-28", "note": ""} | more
    answer = desk.post(f"/courses/{cast.course_id}/contact?tab=to_book", press=what, **fields)
    assert answer.status_code == 302, words(answer)
    return words(desk.get(answer.location))


def test_one_press_hides_the_row_until_its_day(
    desk: Visitor, cast: factories.Cast, clock: FrozenClock
) -> None:
    panel = desk.get(f"/courses/{cast.course_id}/contact")
    assert 'value="2026-11-28"' in panel.text  # the clinic's five days of rest
    assert "+12065550123" in panel.text
    assert "0 of 4 tries" in words(panel)
    listed = press(desk, cast, "phone:left_message", note="A sister answered")
    assert "Contact logged Undo" in listed
    assert "To book 0" in listed
    assert "Contacted 1" in listed
    contacted = words(desk.get("/due?tab=contacted"))
    assert "Phone, left a message 23-Nov-2026 09:00 , back on 28-Nov-2026 1 of 4 tries" in contacted
    clock.move(timedelta(days=5))
    desk.sign_in()
    assert "To book 1" in words(desk.get("/due"))


def test_undo_takes_the_contact_back_and_keeps_it_on_record(
    desk: Visitor, app: Flask, cast: factories.Cast
) -> None:
    press(desk, cast, hide_until="2026-11-25")
    press(desk, cast, "text:left_message", hide_until="2026-12-20")
    contacted = words(desk.get("/due?tab=contacted"))
    assert "2 of 4 tries" in contacted
    assert "back on 20-Dec-2026" in contacted
    assert desk.post("/contacts/1/undo").status_code == 409  # the second stands on it
    assert "Contact taken back" in words(desk.get(desk.post("/contacts/2/undo?tab=contacted").location))
    contacted = words(desk.get("/due?tab=contacted"))
    assert "1 of 4 tries" in contacted
    assert "back on 25-Nov-2026" in contacted
    desk.post("/contacts/2/undo")
    desk.post("/contacts/1/undo")
    listed = words(desk.get("/due"))
    assert "To book 1" in listed
    assert "Not contacted" in listed
    assert "Taken back" in words(desk.get(f"/patients/{cast.patient_id}"))
    with app.app_context():
        assert len(db.session.scalars(select(ContactAttempt)).all()) == 2
        undone = select(AuditEvent).where(AuditEvent.action == "contact_undone")
        assert len(db.session.scalars(undone).all()) == 2


def test_a_form_sent_twice_logs_once_and_one_gone_back_to_logs_what_is_said_then(
    desk: Visitor, cast: factories.Cast
) -> None:
    desk.get(f"/courses/{cast.course_id}/contact")
    key = desk.key
    assert len(key) > 20
    for _ in range(2):
        press(desk, cast, key=key)
    assert "1 of 4 tries" in words(desk.get("/due?tab=contacted"))
    desk.post("/contacts/1/undo")
    press(desk, cast, key=key)
    press(desk, cast, "phone:left_message", key=key)
    assert "2 of 4 tries" in words(desk.get("/due?tab=contacted"))


def test_whoever_wants_to_book_is_taken_to_the_times(desk: Visitor, cast: factories.Cast) -> None:
    answer = desk.post(
        f"/courses/{cast.course_id}/contact", press="phone:wants_to_book", hide_until="2026-11-28"
    )
    assert answer.location == f"/courses/{cast.course_id}/book"
    assert "To book 1" in words(desk.get("/due"))


@pytest.mark.parametrize(
    "wrong",
    [{"press": "pigeon:declined"}, {"press": ""}, {"hide_until": "2026-11-22"}, {"hide_until": "2030-01-01"}],
)
def test_a_contact_without_sense_is_not_kept(
    desk: Visitor, cast: factories.Cast, wrong: dict[str, str]
) -> None:
    sound = {"press": "phone:no_answer", "hide_until": "2026-11-28"}
    answer = desk.post(f"/courses/{cast.course_id}/contact", **{**sound, **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    assert "Contacted 0" in words(desk.get("/due"))


def test_after_the_limit_staff_decide(desk: Visitor, cast: factories.Cast) -> None:
    for _ in range(3):
        press(desk, cast, hide_until="")
    assert "Staff decision 0" in words(desk.get("/due"))
    assert "Staff decision 1" in press(desk, cast)
    listed = words(desk.get("/due?tab=staff_decision&sort=name"))
    assert "4 of 4 tries Staff decision" in listed
    panel = words(desk.get(f"/courses/{cast.course_id}/contact"))
    assert "Try again later Keep on the list Stop the course" in panel
    decision = f"/courses/{cast.course_id}/decision?tab=staff_decision"
    assert desk.post(decision, decision="try_later", hide_until="").status_code == 422
    assert desk.post(decision, decision="nothing", hide_until="2026-12-24").status_code == 422
    answer = desk.post(decision, decision="try_later", hide_until="2026-12-24")
    assert answer.location == "/due?tab=staff_decision"
    assert "Staff decision 0" in words(desk.get(answer.location))
    contacted = words(desk.get("/due?tab=contacted"))
    assert "Staff decision, try again later 23-Nov-2026 09:00 , back on 24-Dec-2026" in contacted


def test_kept_on_the_list_a_row_is_there_at_once_and_counted_anew(
    desk: Visitor, cast: factories.Cast
) -> None:
    for _ in range(4):
        press(desk, cast)
    desk.post(f"/courses/{cast.course_id}/decision", decision="keep_on_list", hide_until="2026-12-24")
    listed = words(desk.get("/due"))
    assert "To book 1" in listed
    assert "Staff decision 0" in listed
    press(desk, cast)
    assert "1 of 4 tries" in words(desk.get("/due?tab=contacted"))


def test_a_booking_or_treatment_begins_the_count_anew(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    press(desk, cast, hide_until="")
    clock.move(timedelta(minutes=1))
    desk.get(f"/courses/{cast.course_id}/book")
    booked = {"provider": str(cast.provider_id), "day": "2026-11-24", "at": "09:00", "key": desk.key}
    assert desk.post(f"/courses/{cast.course_id}/book", **booked).status_code == 302
    assert "0 of 4 tries" in words(desk.get(f"/courses/{cast.course_id}/contact"))
    desk.post("/appointments/1/undo")
    assert "1 of 4 tries" in words(desk.get(f"/courses/{cast.course_id}/contact"))
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, cast.course_id)
        factories.treat(session, cast.actor, clock.now(), course, factories.local_day(clock.now()))
    assert "0 of 4 tries" in words(desk.get(f"/courses/{cast.course_id}/contact"))


def test_another_clinics_contact_is_not_found_and_readers_log_nothing(
    visitor: Visitor, app: Flask, cast: factories.Cast, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    visitor.sign_in()
    press(visitor, cast)
    theirs = other_cast.course_id
    assert visitor.post(f"/courses/{theirs}/contact", press="phone:no_answer").status_code == 404
    assert visitor.post(f"/courses/{theirs}/decision", decision="keep_on_list").status_code == 404
    assert visitor.post("/contacts/999/undo").status_code == 404
    reader = Visitor(app.test_client())
    reader.sign_in("read_only")
    assert "/contact?" not in reader.get("/due?tab=all").text
    assert reader.post("/contacts/1/undo").status_code == 403
    assert reader.get("/due.csv").status_code == 403


def test_the_order_stays_in_the_address_and_puts_rows_in_order(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    now = clock.now()
    with app.app_context(), unit_of_work() as session:
        for name, days in (("Abbott", 84), ("Zimmer", 90)):
            patient = factories.person(session, cast.actor, now, mrn=name, family_name=name)
            course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
            factories.treat(session, cast.actor, now, course, factories.local_day(now) - timedelta(days))
    press(desk, cast, hide_until="")

    def order(address: str) -> list[str]:
        page = desk.get(address).text
        return sorted(["ABBOTT", "OKONKWO", "ZIMMER"], key=page.index)

    assert order("/due") == ["ZIMMER", "OKONKWO", "ABBOTT"]
    assert order("/due?sort=name") == ["ABBOTT", "OKONKWO", "ZIMMER"]
    assert order("/due?sort=due") == ["ZIMMER", "OKONKWO", "ABBOTT"]
    assert order("/due?sort=contact") == ["ZIMMER", "ABBOTT", "OKONKWO"]
    page = desk.get(f"/due?sort=name&provider={cast.provider_id}").text
    assert f"/due?tab=all&amp;provider={cast.provider_id}&amp;sort=name" in page
    assert "To book , 3 courses on Mon 23-Nov-2026. Dr Amara Reid; name." in words(
        desk.get(f"/due?sort=name&provider={cast.provider_id}")
    )
    assert desk.get("/due?sort=nonsense&contact_id=3&course_id=x").status_code == 200


def test_the_file_has_the_tabs_rows_and_is_on_record(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        patient = factories.person(session, cast.actor, clock.now(), mrn="=1+1", family_name="@Sum")
        today = factories.local_day(clock.now())
        factories.migraine(session, cast.actor, clock.now(), patient, started_on=today)
    press(desk, cast, hide_until="")
    answer = desk.get("/due.csv?tab=to_book&sort=name")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="due-list.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["MRN"] for row in rows] == ["'=1+1", "A-100"]
    assert rows[0]["Last Name"] == "'@Sum"
    assert rows[1]["Due"] == "2026-11-23"
    assert rows[1]["Last contact"] == "Phone, no answer"
    assert rows[1]["Tries"] == "1"
    assert rows[1]["Last units"] == "155"
    assert len(desk.get("/due.csv?tab=lapsed").data.decode("utf-8-sig").splitlines()) == 1
    with app.app_context():
        kept = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "exported").order_by(AuditEvent.id)
        ).all()
        assert [event.details["tab"] for event in kept] == ["to_book", "lapsed"]
