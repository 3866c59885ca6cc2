"""Voiding a treatment and taking that back: visit, authorization, dates and reminders follow; who may, and when."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import Appointment, Authorization, Treatment, TreatmentVial
from clinic_scheduler.queries.courses.treatment_result import treatment_result
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.treatments import treatments, voiding
from clinic_scheduler.services.treatments.treatments import VialEntry
from tests.integration.house import TODAY, House, at

LAST = TODAY - timedelta(84)


def void(house: House, key: int, reason: str = "wrong_details", by: Actor | None = None) -> None:
    house.change(lambda s: voiding.void(Change(s, by or house.cast.actor, house.now), key, reason).id)


def undo(house: House, key: int) -> None:
    house.change(lambda s: voiding.undo_void(Change(s, house.cast.actor, house.now), key).id)


def authorized(house: House) -> int:
    def work(session):
        day = TODAY + timedelta(30)
        return courses.authorize(
            Change(session, house.cast.actor, house.now),
            house.cast.course_id,
            LAST,
            day,
            visits_left=2,
            units_left=Decimal(100),
        ).id

    return house.change(work)


def left(house: House, key: int) -> tuple[int, Decimal]:
    row = house.row(Authorization, key)
    return row["visits_left"], row["units_left"]


def dates(house: House) -> list:
    course = house.course()
    return [course[name] for name in ("reference_on", "cycles_given", "earliest_date", "due_date")]


def test_voiding_gives_everything_back_and_undo_takes_it_again(house: House) -> None:
    leave = authorized(house)
    visit = house.book(at(TODAY, 11))
    before, reminders = dates(house), house.reminders()
    key = house.treat(TODAY)
    treated = dates(house)
    assert left(house, leave) == (1, 0)
    void(house, key)
    row = house.row(Treatment, key)
    assert (row["voided_at"], row["void_reason"], row["evaluation"]) == (house.now, "wrong_details", None)
    assert dates(house) == before
    assert left(house, leave) == (2, 100)  # what was taken, not what was injected
    assert house.row(Appointment, visit)["state"] == "booked"
    assert house.course()["booking"] == "ok"
    assert [step for step, state, _ in house.reminders() if state == "pending"] == [
        step for step, state, _ in reminders if state == "pending"
    ]
    undo(house, key)
    assert dates(house) == treated
    assert left(house, leave) == (1, 0)
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert house.row(Treatment, key)["appointment_id"] == visit
    actions = [action for action, _ in house.audit("treatments")]
    assert actions == ["recorded", "recorded", "voided", "void_undone"]
    void(house, key)
    assert left(house, leave) == (2, 100)


def test_voiding_twice_is_once(house: House) -> None:
    leave = authorized(house)
    key = house.treat(TODAY)
    for _ in range(2):
        void(house, key)
    assert left(house, leave) == (2, 100)
    undo(house, key)
    undo(house, key)
    assert left(house, leave) == (1, 0)


def test_who_had_arrived_has_arrived_again(house: House) -> None:
    visit = house.book(at(TODAY, 11))
    house.set(Appointment, visit, state="arrived", arrived_at=house.now)
    key = house.treat(TODAY)
    void(house, key)
    assert house.row(Appointment, visit)["state"] == "arrived"


def test_a_visit_of_a_day_gone_by_stays_attended_and_takes_the_right_entry(house: House) -> None:
    visit = house.book(at(TODAY, 11))
    key = house.treat(TODAY, 200)
    house.later(days=1)
    void(house, key)
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert house.course()["booking"] == "none"
    right = house.treat(TODAY, 155, fingerprint="right")
    assert house.row(Treatment, right)["appointment_id"] == visit
    with pytest.raises(BookingRefused, match="recorded since"):
        undo(house, key)


def test_a_visit_is_not_opened_beside_another(house: House) -> None:
    visit = house.book(at(TODAY, 11))
    key = house.treat(TODAY)
    next_visit = house.book(at(date(2027, 2, 15), 9))
    void(house, key)
    states = [house.row(Appointment, each)["state"] for each in (visit, next_visit)]
    assert states == ["fulfilled", "booked"]
    assert house.course()["booking"] == "late"


def test_nobody_else_may_and_a_reason_is_needed(house: House, desk: Actor) -> None:
    key = house.treat(TODAY)
    with pytest.raises(BookingRefused, match="provider or an administrator"):
        void(house, key, by=desk)
    with pytest.raises(InvalidInput, match="wrong_patient"):
        void(house, key, "bored")
    with pytest.raises(NotFound):
        void(house, 999)
    assert house.row(Treatment, key)["voided_at"] is None


def test_a_voided_treatment_is_no_last_dose_and_its_form_is_spent(house: House) -> None:
    key = house.treat(TODAY, 200, fingerprint="form:1")
    void(house, key)
    (row,) = house.look(lambda s: due_rows(s, house.cast.clinic_id, TODAY))
    assert (row.last_given_on, row.last_units) == (LAST, 155)
    with pytest.raises(BookingRefused, match="used already"):
        house.treat(TODAY, 200, fingerprint="form:1")


def test_a_late_entry_lists_whom_it_judges_anew(house: House) -> None:
    later = house.treat(TODAY)
    between = house.treat(date(2026, 10, 1))

    def seen(key: int):
        found = house.look(lambda s: treatment_result(s, house.cast.clinic_id, key, TODAY))
        return [(row.treatment_id, row.before[0], row.after[0]) for row in found.reevaluated], found.moved

    assert seen(between) == ([(later, "valid", "too_soon")], [])
    assert house.audit("treatments")[-1][1]["rejudged"] == [later]
    void(house, between)
    assert seen(between) == ([(later, "too_soon", "valid")], [])
    assert house.row(Treatment, later)["evaluation"] == "valid"


def test_vials_are_kept_and_have_to_add_up(house: House) -> None:
    vials = (
        VialEntry("C1", Decimal(100), None, TODAY + timedelta(90)),
        VialEntry("C2", Decimal(55), Decimal(45), TODAY + timedelta(30)),
    )
    key = house.treat(TODAY, 155, units_wasted=Decimal(45), vials=vials)
    kept = house.rows(select(TreatmentVial.lot, TreatmentVial.units).order_by(TreatmentVial.id))
    assert [tuple(row) for row in kept] == [("C1", 100), ("C2", 55)]
    row = house.row(Treatment, key)
    assert (row["lot"], row["lot_expires_on"]) == ("C1 and 1 more", TODAY + timedelta(30))
    with pytest.raises(InvalidInput, match="add up to 155 U injected and 45 U wasted"):
        house.treat(TODAY, 150, units_wasted=Decimal(45), vials=vials)


def test_only_a_provider_accepts_what_was_too_soon_and_only_once(
    house: House, desk: Actor, provider: Actor
) -> None:
    key = house.treat(LAST + timedelta(70))

    def accept(by: Actor, reason: str = "payer_approved", treatment: int = key) -> None:
        house.change(lambda s: treatments.accept(Change(s, by, house.now), treatment, reason).id)

    with pytest.raises(BookingRefused, match="Only a provider"):
        accept(desk)
    with pytest.raises(InvalidInput, match="needs a reason"):
        accept(provider, "because")
    accept(provider)
    accept(provider)
    told = [details for action, details in house.audit("treatments") if action == "accepted"]
    assert told == [{"reason": "payer_approved"}]
    void(house, key)
    with pytest.raises(BookingRefused, match="does not count as too soon"):
        accept(provider)
