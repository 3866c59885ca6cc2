"""What a merge carries over besides rows: preferences, consents, deaths and moves; and what its undoing gives back."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.models import Appointment, Consent, Patient, Reminder
from clinic_scheduler.queries.messaging.consents import consent_standing
from clinic_scheduler.queries.patients.merge_outcome import merge_outcome
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import forecasting
from clinic_scheduler.services.messaging import consents, reminder_planning
from clinic_scheduler.services.patients import merging, status
from clinic_scheduler.services.patients.records import bring_in_line
from tests.integration.house import TODAY, House, at
from tests.integration.merging import dump
from tests.integration.test_patient_merge import course_of, look, merge, twin
from tests.integration.test_patient_unmerge import unmerge

__all__ = ["twin"]
LATELY = date(2026, 11, 2)
VISITS, SMS, EMAIL = "visits", "sms", "email"
PREFERENCES: dict[str, st.SearchStrategy[Any]] = {
    "phone": st.sampled_from([None, "+12065550101", "+12065550102"]),
    "email": st.sampled_from([None, "a@example.org", "b@example.org"]),
    "preferred_channel": st.sampled_from([EMAIL, SMS]),
    "fallback_channel": st.sampled_from([None, EMAIL, SMS]),
    "language": st.sampled_from(["en", "es"]),
    "zone": st.sampled_from([None, "America/Denver", "America/Chicago"]),
    "calendar_by": st.sampled_from(["feed", "invitations", "both"]),
    "weight_kg": st.none() | st.decimals(30, 150, places=1),
    "weighed_on": st.none() | st.dates(date(2026, 1, 1), TODAY),
    "deceased_on": st.none() | st.just(TODAY),
    "moved_on": st.none() | st.just(TODAY),
    "do_not_contact": st.booleans(),
}


def say(house: House, patient_id: int, values: dict[str, Any]) -> None:
    def work(session: Any) -> None:
        row = session.get_one(Patient, patient_id)
        for name, value in values.items():
            setattr(row, name, value)
        bring_in_line(session, row, house.now, "patient_edited")

    house.change(work)


def wish(house: House, patient_id: int, given: bool) -> None:
    change = consents.give if given else consents.withdraw
    house.change(lambda s: change(Change(s, house.cast.actor, house.now), patient_id, [VISITS], SMS, "desk"))


def standing(house: House, patient_id: int) -> tuple[bool, str]:
    said = house.look(lambda s: consent_standing(s, patient_id)[VISITS, SMS])
    assert said is not None
    return said.given, said.how


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_two_records_are_merged_by_the_rules_and_given_back_to_the_letter(
    house: House, twin: int, data: st.DataObject
) -> None:
    keep = house.cast.patient_id
    for patient_id in (keep, twin):
        say(house, patient_id, data.draw(st.fixed_dictionaries(PREFERENCES)))
        if data.draw(st.booleans()):
            wish(house, patient_id, data.draw(st.booleans()))
    before = dump(house)
    rows = [house.row(Patient, patient_id) for patient_id in (keep, twin)]
    planned = house.look(lambda s: merge_outcome(s, *(s.get_one(Patient, row["id"]) for row in rows)).columns)
    house.later(minutes=3)
    merge(house, keep, twin)
    merged = house.row(Patient, keep)
    assert {name: merged[name] for name in planned} == {name: each.value for name, each in planned.items()}
    house.later(minutes=3)
    unmerge(house, keep, twin)
    after = dump(house)
    for table, found in before.items():
        assert after[table] == found, table


@pytest.mark.parametrize("twin_says_no", [True, False])
def test_a_no_holds_whoever_spoke_last(house: House, twin: int, twin_says_no: bool) -> None:
    keep = house.cast.patient_id
    refuses, agrees = (twin, keep) if twin_says_no else (keep, twin)
    wish(house, refuses, False)
    house.later(days=3)
    wish(house, agrees, True)
    before = dump(house)
    (refusal,) = look(house, keep, twin).outcome.refusals
    assert (refusal.purpose, refusal.channel, refusal.is_last_word) == (VISITS, SMS, False)
    merge(house, keep, twin)
    assert standing(house, keep) == (False, "merged_record")
    unmerge(house, keep, twin)
    assert dump(house) == before
    assert standing(house, agrees) == (True, "desk")


def test_a_no_said_last_is_not_said_again(house: House, twin: int) -> None:
    wish(house, house.cast.patient_id, True)
    wish(house, twin, False)
    merge(house, house.cast.patient_id, twin)
    assert standing(house, house.cast.patient_id) == (False, "desk")
    assert house.rows(select(func.count()).select_from(Consent)) == [(2,)]


@pytest.mark.parametrize("mark", [status.mark_deceased, status.mark_moved])
def test_who_is_gone_by_one_record_is_gone(house: House, twin: int, mark: Any) -> None:
    house.change(lambda s: mark(Change(s, house.cast.actor, house.now), twin, TODAY).id)
    before = dump(house)
    house.later(minutes=1)
    merge(house, house.cast.patient_id, twin)
    row = house.row(Patient, house.cast.patient_id)
    assert TODAY in (row["deceased_on"], row["moved_on"])
    pending = select(func.count()).select_from(Reminder).where(Reminder.state == "pending")
    assert house.rows(pending) == [(0,)]
    unmerge(house, house.cast.patient_id, twin)
    assert dump(house) == before


def test_what_was_given_after_a_death_stands_in_the_way(house: House, twin: int) -> None:
    house.set(Patient, twin, deceased_on=date(2026, 8, 1))
    with pytest.raises(InvalidInput, match="the one with the MRN A-100 has a treatment on 31-Aug-2026"):
        merge(house, house.cast.patient_id, twin)


@pytest.fixture
def overridden(house: House, twin: int) -> int:
    """A visit booked too early by a provider's word; since then another injection was entered in the twin's record."""
    visit = house.book_anyway(at(TODAY + timedelta(10), 9), course_id=house.another_course(treated_on=LATELY))
    house.later(minutes=1)
    house.treat(TODAY - timedelta(7), course_id=course_of(house, twin), fingerprint="twin")
    assert "too_early" in names(house, visit)
    house.later(minutes=1)
    return visit


def names(house: House, visit: int) -> list[str]:
    return sorted(name for name, *_ in house.overrides(visit))


def test_an_override_that_the_other_records_news_takes_away_is_given_back(
    house: House, twin: int, overridden: int
) -> None:
    keep, before = house.row(Appointment, overridden)["patient_id"], dump(house)
    merge(house, keep, twin)
    assert "too_early" not in names(house, overridden)
    house.later(minutes=1)
    unmerge(house, keep, twin)
    after = dump(house)
    for table, rows in before.items():
        assert after[table] == rows, table


def test_an_override_is_given_back_though_its_key_is_another_rows_by_now(
    house: House, twin: int, overridden: int
) -> None:
    """SQLite gives the newest key away again."""
    keep, before = house.row(Appointment, overridden)["patient_id"], names(house, overridden)
    merge(house, keep, twin)
    other = house.another_course("A-300", treated_on=LATELY)
    house.book_anyway(at(TODAY + timedelta(11), 9), course_id=other)
    unmerge(house, keep, twin)
    assert names(house, overridden) == before


def test_what_the_worker_does_meanwhile_stands_in_nobodys_way(house: House, twin: int) -> None:
    merge(house, house.cast.patient_id, twin)
    house.later(days=9)
    today = TODAY + timedelta(9)
    house.change(lambda s: forecasting.refresh_clinic(s, house.cast.clinic_id, today, house.now))
    house.change(lambda s: reminder_planning.replan_unplanned(s, house.now))
    unmerge(house, house.cast.patient_id, twin)
    assert house.look(lambda s: list(forecasting.differences(s, house.cast.clinic_id, today))) == []


def test_a_visit_called_off_meanwhile_keeps_them_one(house: House, twin: int) -> None:
    """Undoing would take back the word to the patient that waits."""
    visit = house.book(at(TODAY + timedelta(1), 9))
    house.later(days=1, hours=-20)
    merge(house, house.cast.patient_id, twin)
    house.later(minutes=1)
    house.cancel(visit)
    with pytest.raises(InvalidInput, match="a visit was changed since"):
        unmerge(house, house.cast.patient_id, twin)
    assert house.row(Appointment, visit)["state"] == "cancelled"


def test_another_outcome_than_was_shown_is_not_written(house: House, twin: int) -> None:
    shown = look(house, house.cast.patient_id, twin).version
    assert shown == look(house, house.cast.patient_id, twin).version
    house.set(Patient, twin, zone="America/Denver")
    with pytest.raises(ChangedMeanwhile, match="Nothing was merged"):
        house.change(
            lambda s: (
                merging.merge(Change(s, house.cast.actor, house.now), house.cast.patient_id, twin, shown).id
            )
        )
    assert house.row(Patient, twin)["merged_into_id"] is None
