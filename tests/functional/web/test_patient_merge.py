"""Merging records: find the other, see what moves, confirm."""

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def twin(app: Flask, cast: factories.Cast, clock: FrozenClock) -> int:
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        patient = factories.person(session, cast.actor, now, mrn="A-999", given_name="Ada")
        factories.migraine(session, cast.actor, now, patient)
        return patient.id


def test_the_other_record_is_offered_looked_at_and_merged(
    desk: Visitor, cast: factories.Cast, twin: int
) -> None:
    address = f"/patients/{cast.patient_id}/merge"
    offered = desk.get(address)
    assert "OKONKWO, Ada 14-Mar-1978 A-999 Same date of birth and a similar name" in words(offered)
    assert f'href="{address}/{twin}"' in offered.text
    look = words(desk.get(f"{address}/{twin}"))
    assert "Courses 1" in look
    assert "Chronic migraine, Botox (onabotulinumtoxinA): both have this course" in look
    for _ in range(2):  # sent twice, merged once
        assert desk.post(f"{address}/{twin}").location == f"/patients/{cast.patient_id}"
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Records merged" in page
    assert desk.get(f"/patients/{twin}").location == f"/patients/{cast.patient_id}"
    found = words(desk.post("/patients", q="A-999"))
    assert "OKONKWO, Adaeze" in found
    assert "OKONKWO, Ada " not in found


def test_any_other_record_can_be_searched_for(desk: Visitor, cast: factories.Cast, twin: int) -> None:
    address = f"/patients/{cast.patient_id}/merge"
    found = words(desk.post(address, q="okonkwo"))
    assert "A-999 Found by your search" in found
    assert found.count("OKONKWO, Adaeze") == 1  # the banner: nobody is merged with themselves
    assert "Nobody else was found" in words(desk.post(address, q="zzz"))


def test_what_stands_in_the_way_is_said_and_nothing_is_merged(
    desk: Visitor, cast: factories.Cast, twin: int, booked: int
) -> None:
    desk.post(f"/patients/{twin}/deceased", on="2026-11-23")
    address = f"/patients/{cast.patient_id}/merge/{twin}"
    shown = desk.get(address)
    assert "One record says that the patient has died (23-Nov-2026)" in words(shown)
    assert "the one with the MRN A-100 has a visit on 24-Nov-2026 10:15; correct one of the two" in words(
        shown
    )
    assert "Merge the records" not in shown.text
    assert desk.post(address).status_code == 409
    assert desk.get(f"/patients/{twin}").status_code == 200


def test_a_record_is_not_merged_with_itself_or_another_clinics(
    desk: Visitor, cast: factories.Cast, other_cast: factories.Cast
) -> None:
    own = f"/patients/{cast.patient_id}/merge/{cast.patient_id}"
    assert desk.post(own).status_code == 409
    for address in (
        f"/patients/{cast.patient_id}/merge/{other_cast.patient_id}",
        f"/patients/{other_cast.patient_id}/merge/{cast.patient_id}",
    ):
        assert desk.get(address).status_code == 404
        assert desk.post(address).status_code == 404


def test_a_merge_is_undone_until_the_record_is_worked_with(
    desk: Visitor, cast: factories.Cast, twin: int, other_cast: factories.Cast
) -> None:
    kept = f"/patients/{cast.patient_id}"
    assert desk.get(f"{kept}/merge/undo").status_code == 404
    desk.post(f"{kept}/merge/{twin}")
    assert "Undo merge" in words(desk.get(kept))
    assert "go back to the record they came from" in words(desk.get(f"{kept}/merge/undo"))
    for _ in range(2):  # sent twice, undone once
        assert desk.post(f"{kept}/merge/{twin}/undo").location == kept
    assert desk.get(f"/patients/{twin}").status_code == 200
    assert "Undo merge" not in words(desk.get(kept))
    desk.post(f"{kept}/merge/{twin}")
    desk.post(f"/courses/{cast.course_id}/contact", press="phone:no_answer", hide_until="")
    assert "A contact was added or sent since." in words(desk.get(f"{kept}/merge/undo"))
    assert desk.post(f"{kept}/merge/{twin}/undo").status_code == 409
    assert desk.get(f"/patients/{twin}").status_code == 302
    assert desk.get(f"/patients/{other_cast.patient_id}/merge/undo").status_code == 404
