"""Saying that a patient has died, moved away or is not to be contacted, and taking it back."""

import pytest

from tests import factories
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def booked(desk: Visitor, cast: factories.Cast) -> str:
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-24", at="09:00")
    return f"/patients/{cast.patient_id}"


@pytest.mark.parametrize(
    ("ending", "tag", "button"),
    [("deceased", "Deceased 23-Nov-2026", "Has not died"), ("moved", "Moved away 23-Nov-2026", "Is back")],
)
def test_what_follows_is_said_before_and_visits_to_book_again_after(
    desk: Visitor, booked: str, ending: str, tag: str, button: str
) -> None:
    asked = words(desk.get(f"{booked}/{ending}"))
    assert "This visit is cancelled: Tue 24-Nov-2026 09:00, Dr Amara Reid" in asked
    assert desk.post(f"{booked}/{ending}", on="2026-11-23").location == booked
    page = words(desk.get(booked))
    assert tag in page
    assert button in page
    assert "OKONKWO" not in desk.get("/due?tab=all").text
    back = words(desk.post(f"{booked}/{ending}/undo"))
    assert "Visits to book again" in back
    assert "Tue 24-Nov-2026 09:00, Dr Amara Reid: Chronic migraine" in back
    assert tag not in words(desk.get(booked))
    assert "OKONKWO" in desk.get("/due?tab=all").text


def test_a_day_that_cannot_be_changes_nothing(desk: Visitor, booked: str) -> None:
    for on, message in (
        ("", "Enter the date"),
        ("2026-11-24", "24-Nov-2026 is in the future. Nothing was changed."),
    ):
        answer = desk.post(f"{booked}/deceased", on=on)
        assert answer.status_code == 422
        assert message in words(answer)
    assert "Deceased" not in words(desk.get(booked)).replace("Has died", "")


def test_without_visits_it_is_simply_taken_back(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/patients/{cast.patient_id}"
    desk.post(f"{address}/deceased", on="2026-11-23")
    assert desk.post(f"{address}/deceased/undo").location == address
    assert "Taken back" in words(desk.get(address))


def test_a_wish_not_to_be_contacted_is_kept_and_taken_back(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/patients/{cast.patient_id}"
    assert "Send this patient nothing?" in words(desk.get(f"{address}/do-not-contact"))
    assert desk.post(f"{address}/do-not-contact").location == address
    assert "May be contacted again" in words(desk.get(address))
    desk.post(f"{address}/contact")
    assert "May be contacted again" not in words(desk.get(address))


def test_another_clinics_patient_is_not_found(desk: Visitor, other_cast: factories.Cast) -> None:
    address = f"/patients/{other_cast.patient_id}"
    for part in ("deceased", "moved", "do-not-contact"):
        assert desk.get(f"{address}/{part}").status_code == 404
    for part in ("deceased", "moved", "deceased/undo", "do-not-contact", "contact"):
        assert desk.post(f"{address}/{part}", on="2026-11-23").status_code == 404, part


def test_a_single_visit_is_not_cancelled_for_a_death(desk: Visitor, booked: str) -> None:
    """Who would choose it there would go on being written to."""
    assert "patient_deceased" not in desk.get("/appointments/1/cancel").text
    assert desk.post("/appointments/1/cancel", reason="patient_deceased").status_code == 422
